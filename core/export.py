"""`python -m core.export`: see `core.cli.export`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.export", run_name="__main__", alter_sys=True)
