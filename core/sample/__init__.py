"""Drawn clips of a drink being poured. `python -m core.sample` writes them.

`make_sample` writes a folder; `draw_take(seed, number)` says what one clip shows, `phase_of_frames(take)` its truth and
`Scene(take).frame(i)` its pictures, without a file.
"""

from core.base.sample_files import PHASES_FILE
from core.sample.make import make_sample
from core.sample.motion import phase_of_frames
from core.sample.scene import SceneRenderer
from core.sample.take import PHASES, Take, draw_take

__all__ = ["PHASES", "PHASES_FILE", "SceneRenderer", "Take", "draw_take", "make_sample", "phase_of_frames"]
