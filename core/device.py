"""`python -m core.device`: see `core.model.device`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.model.device", run_name="__main__", alter_sys=True)
