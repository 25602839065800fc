"""`python -m core.label.importing`: see `core.cli.label_import`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.label_import", run_name="__main__", alter_sys=True)
