"""`python -m core.map`: see `core.cli.map`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.map", run_name="__main__", alter_sys=True)
