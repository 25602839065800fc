"""`python -m core.rank`: see `core.cli.rank`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.rank", run_name="__main__", alter_sys=True)
