"""The whole journey on clips that we draw ourselves, and a page that shows it: `python -m core.demo --out demo`."""
