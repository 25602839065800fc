"""Drawn clips of a drink being poured. `python -m core.sample` writes them.

`make_sample` writes a folder; `draw_take(seed, number)` says what one clip shows, `phase_of_frames(take)` its truth and
`Scene(take).frame(i)` its pictures, without a file.
"""

from core.sample.make import make_sample
from core.sample.motion import phase_of_frames
from core.sample.scene import Scene
from core.sample.take import PHASES, Take, draw_take
from core.sample_files import PHASES_FILE

__all__ = ["PHASES", "PHASES_FILE", "Scene", "Take", "draw_take", "make_sample", "phase_of_frames"]
