"""`python -m core.lerobot`: see `core.cli.lerobot`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.lerobot", run_name="__main__", alter_sys=True)
