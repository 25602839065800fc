"""Metrics of frame embeddings, as defined by the released CARL evaluation, and event errors.

Embeddings are lists of (S, D) arrays, one a video; labels are lists of (S,) integer arrays. Figures are pure functions
of them, computed in float64 whatever the arrays hold. What holds for all:

* A frame labelled -1 is left out before anything else, as the released evaluation does, and so no longer counts in the
  length of its video. `kendalls_tau` has no labels: `labelled` leaves such frames out for it.
* A figure that is not defined for these videos (a single video, no labelled frame) is NaN.
* A call that makes no sense (an empty list, lists of different length, numbers that are not finite) is a ValueError.

`classification.py`, `progression.py`, `order.py` (Kendall's tau), `retrieval.py` (AP@K), `events.py` and
`localisation.py`; `fine_grained.py` (FineGym), the only one that needs torch, which it imports when called.
`subsets.py` has label fractions and actions, `neighbours.py` the search behind tau and AP@K, `frames.py` what a list of
videos is.
"""
