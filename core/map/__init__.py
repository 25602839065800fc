"""Maps of all frames: two coordinates per frame, so that similar frames are close together.

`pca` is exact and quick; `umap` keeps neighbourhoods together and takes a minute. No torch.
"""

from core.map.frame_map import MAP_METHODS, FrameMap, MapMethod
from core.map.pca import pca_map
from core.map.saved import read_map, write_map

__all__ = ["MAP_METHODS", "FrameMap", "MapMethod", "pca_map", "read_map", "write_map"]
