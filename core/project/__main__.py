"""`python -m core.project`: see `core.cli.project`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.project", run_name="__main__", alter_sys=True)
