"""`python -m core.demo`: see `core.cli.demo`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.demo", run_name="__main__", alter_sys=True)
