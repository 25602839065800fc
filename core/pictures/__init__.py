"""Pictures of alignments and reports: heatmaps with their path, side-by-side films, charts. No torch."""

from core.drawing.text import VideoSource
from core.pictures.heatmap import write_heatmap
from core.pictures.side_by_side import write_frames, write_side_by_side

__all__ = ["VideoSource", "write_frames", "write_heatmap", "write_side_by_side"]
