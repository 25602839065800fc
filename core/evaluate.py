"""`python -m core.evaluate`: see `core.cli.evaluate`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.evaluate", run_name="__main__", alter_sys=True)
