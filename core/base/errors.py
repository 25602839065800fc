"""User errors.

A `CarlError` is a user's mistake or their machine's state: one sentence that names the value and the remedy, shown
without a traceback. Any other exception is our bug and keeps its traceback.
"""


class CarlError(Exception):
    """One sentence for the user: what is wrong (with the value) and how to fix it."""


class ConfigError(CarlError):
    """A setting, option, recipe or input list that cannot be used as given."""


class VideoError(CarlError):
    """A video file that yields no frame, or a frame that it does not have."""


class LabelError(CarlError):
    """Labels, or a table of them, that cannot be used as given: the sentence names file and line."""


class StorageError(CarlError):
    """The disk is full, a folder cannot be read or written, or holds something else."""


class CheckpointError(CarlError):
    """A weights file that is missing, damaged or unsafe, or has another architecture."""


class TrainingError(CarlError):
    """Training cannot continue: the loss is not finite, memory ran out, or a process was lost."""


class ClusterError(CarlError):
    """A cluster of computers that cannot be reached, was lost, or has a node that cannot do its part."""
