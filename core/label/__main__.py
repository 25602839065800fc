"""`python -m core.label`: see `core.cli.label`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.label", run_name="__main__", alter_sys=True)
