"""`python -m core.compare`: see `core.cli.compare`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.compare", run_name="__main__", alter_sys=True)
