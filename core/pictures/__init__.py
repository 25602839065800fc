"""Pictures of an alignment, for people: the heatmap with its path, and both videos side by side along it. No torch."""

from core.pictures.captions import Side
from core.pictures.heatmap import write_heatmap
from core.pictures.side_by_side import write_side_by_side

__all__ = ["Side", "write_heatmap", "write_side_by_side"]
