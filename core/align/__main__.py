"""`python -m core.align`: see `core.cli.align`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.align", run_name="__main__", alter_sys=True)
