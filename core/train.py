"""`python -m core.train`: see `core.cli.train`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.train", run_name="__main__", alter_sys=True)
