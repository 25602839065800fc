"""`python -m core.report`: see `core.cli.report`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.report", run_name="__main__", alter_sys=True)
