"""What a training will cost before it begins, and which recipe suits the videos: `python -m core.outlook`.

`estimate.py` needs no torch: it makes seconds, bytes and downloads of what `measure.py` found out on this device with a
few frames.
"""
