"""Body pose: 33 landmarks of one person in every frame of a video, and features computed from them.

`landmarks.py`, `kept.py`, `people.py`, `telling.py` and `vectors.py` need no torch; `network.py`, `networks.py`,
`detector.py`, `landmarker.py`, `following.py`, `features.py` and `choosing.py` do.
"""
