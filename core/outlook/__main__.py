"""`python -m core.outlook`: see `core.cli.outlook`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.outlook", run_name="__main__", alter_sys=True)
