"""`python -m core.repetitions`: see `core.cli.repetitions`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.repetitions", run_name="__main__", alter_sys=True)
