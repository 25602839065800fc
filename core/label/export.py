"""`python -m core.label.export`: see `core.cli.label_export`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.label_export", run_name="__main__", alter_sys=True)
