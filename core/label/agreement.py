"""`python -m core.label.agreement`: see `core.cli.label_agreement`."""  # thin

import runpy

if __name__ == "__main__":
    runpy.run_module("core.cli.label_agreement", run_name="__main__", alter_sys=True)
