"""How performances differ from a reference: phase durations, tempo, deviations.

Computed from embeddings and segment CSVs; no torch. The pictures are in `core.pictures`, the command in `__main__.py`.
"""

from core.report.comparison import Comparison, compare
from core.report.course import Course
from core.report.durations import PhaseDuration, phase_durations
from core.report.largest_deviations import Peak, moments_of
from core.report.performances import Performance, performances_of

__all__ = [
    "Comparison",
    "Course",
    "Peak",
    "Performance",
    "PhaseDuration",
    "compare",
    "moments_of",
    "performances_of",
    "phase_durations",
]
