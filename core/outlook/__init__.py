"""Estimate the cost of training before it begins, and suggest a recipe: `python -m core.outlook`.

`estimate.py` needs no torch: it makes seconds, bytes and downloads of what `measure.py` found out on this device with a
few frames.
"""
