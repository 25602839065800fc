"""`python -m core.sample`: see `core.cli.sample`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.sample", run_name="__main__", alter_sys=True)
