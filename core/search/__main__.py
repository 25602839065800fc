"""`python -m core.search`: see `core.cli.search`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.search", run_name="__main__", alter_sys=True)
