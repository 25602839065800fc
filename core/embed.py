"""`python -m core.embed`: see `core.cli.embed`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.embed", run_name="__main__", alter_sys=True)
