"""Let the user choose the right videos from all of the project."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from carl_gui.controllers.app_context import AppContext
from carl_gui.controllers.explore.right_videos import RightVideos
from carl_gui.models.messages import displayable
from carl_gui.models.scene import Scene
from carl_gui.models.video_choices import video_choice
from carl_gui.panels.explore.right_dialog import RightDialog
from core.project.rows import sorted_videos

translate = QCoreApplication.translate
_FEW = 3


def choose_right(workshop: AppContext, right: RightVideos) -> None:
    """Open the dialog; what is saved in it becomes one edit."""
    project = workshop.session.project
    if project is None or not right.can_choose:
        return
    videos = sorted_videos(workshop.session.videos.values())
    before = {video.id: displayable(video.performer) for video in videos if video.performer is not None}
    choices = [video_choice(video) for video in videos]
    dialog = RightDialog(choices, before, workshop.window)

    def save() -> None:
        if workshop.session.project is not project:
            return  # it was closed while the dialog stood
        now = dialog.said
        changed = [number for number in before.keys() | now.keys() if before.get(number) != now.get(number)]
        there = workshop.session.videos
        if said := {number: now.get(number) for number in sorted(changed) if number in there}:
            right.say(said)

    dialog.accepted.connect(save)
    dialog.open()


def right_words(right: RightVideos, scene: Scene) -> str:
    """Return how many right videos there are, and whether these are enough; empty: none."""
    count, without = len(right.chosen(scene)), right.num_without(scene)
    lines = []
    if 0 < count < _FEW:
        lines.append(translate("RightVideos", "%n right video(s); three or more are more reliable.", "", count))
    elif count:
        lines.append(translate("RightVideos", "%n right video(s).", "", count))
    if without:
        lines.append(
            translate("RightVideos", "%n right video(s) (is|are) not embedded. Embed (it|them) too.", "", without)
        )
    return " ".join(lines)
