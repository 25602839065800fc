"""`python -m core.decode`: see `core.cli.decode`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.decode", run_name="__main__", alter_sys=True)
