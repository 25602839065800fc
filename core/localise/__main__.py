"""`python -m core.localise`: see `core.cli.localise`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.localise", run_name="__main__", alter_sys=True)
