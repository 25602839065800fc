"""Body pose: 33 landmarks of one person in every frame of a video, and what they tell of a frame.

`landmarks.py`, `kept.py` and `vectors.py` need numpy alone. `network.py`, `detector.py`, `landmarker.py`, `following.py`,
`networks.py`, `features.py` and `choosing.py` import torch.
"""
