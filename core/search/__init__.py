"""Search for similar moments or movements: exact search over the embeddings of any number of videos.

The commands' side, `python -m core.search`, is `__main__.py`; this package needs no torch.
"""

from core.search.clips import find_clips
from core.search.frames import find_frames
from core.search.matches import ClipMatch, FrameRange, SearchMatch

__all__ = ["ClipMatch", "FrameRange", "SearchMatch", "find_clips", "find_frames"]
