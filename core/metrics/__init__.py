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

from core.metrics.classification import phase_classification
from core.metrics.events import MOST_CUT, cut_events, event_error, random_cut
from core.metrics.fine_grained import linear_layer_accuracy
from core.metrics.frames import Embeddings, Labels, labelled
from core.metrics.localisation import REPORTED_TIOUS, TIOUS, Localisation, mean_average_precision, spans_of_labels
from core.metrics.neighbours import nearest_frames
from core.metrics.order import kendalls_tau
from core.metrics.progression import phase_progression
from core.metrics.retrieval import average_precision_at_k, average_precisions
from core.metrics.subsets import by_action, first_videos, mean_of_defined, mean_over_actions

__all__ = [
    "MOST_CUT",
    "REPORTED_TIOUS",
    "TIOUS",
    "Embeddings",
    "Labels",
    "Localisation",
    "average_precision_at_k",
    "average_precisions",
    "by_action",
    "cut_events",
    "event_error",
    "first_videos",
    "kendalls_tau",
    "labelled",
    "linear_layer_accuracy",
    "mean_average_precision",
    "mean_of_defined",
    "mean_over_actions",
    "nearest_frames",
    "phase_classification",
    "phase_progression",
    "random_cut",
    "spans_of_labels",
]
