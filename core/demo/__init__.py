"""The whole workflow on drawn clips, and a page that shows it: `python -m core.demo --out demo`."""
