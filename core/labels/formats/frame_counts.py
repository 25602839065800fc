"""The allowed difference between the number of per-frame labels and of frames: one rule for all readers."""

from __future__ import annotations

_FEW_FRAMES, _FEW_OF_SHORT, _FEW_SHARE = 5, 0.1, 0.01


def is_close(num_labels: int, num_frames: int) -> bool:
    """Return whether both differ by at most 1 %, or by at most 5 frames (in short videos a tenth).

    Decoders differ on a video's last frames, and MS-TCN's own reader takes the shorter of labels and features.
    """
    few = max(min(_FEW_FRAMES, _FEW_OF_SHORT * num_frames), _FEW_SHARE * num_frames)
    return abs(num_labels - num_frames) <= few


def describe_difference(num_labels: int, num_frames: int) -> str:
    """Return what becomes of the frames at the end, as the end of a sentence."""
    return "the last labels were cut" if num_labels > num_frames else "its last frames have no label"
