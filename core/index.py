"""`python -m core.index`: see `core.cli.index`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.index", run_name="__main__", alter_sys=True)
