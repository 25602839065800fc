"""Readers of labelled data sets in the layouts of their releases."""

from core.datasets.dataset import Action, Dataset, LabelledVideo, Split
from core.datasets.layouts import LAYOUTS, read_dataset

__all__ = ["LAYOUTS", "Action", "Dataset", "LabelledVideo", "Split", "read_dataset"]
