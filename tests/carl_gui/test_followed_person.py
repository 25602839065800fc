"""The person to follow: a click in the player becomes an edit of the project, and a table that the core reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from carl_gui.job_control.factory import JobFactory
from carl_gui.job_control.order import TrainingOrder
from carl_gui.player.player import PlayerPanel
from carl_gui.videos.controller import LibraryController
from core.base.errors import ConfigError
from core.base.types import VideoMeta
from core.cli import embed, train
from core.learning.run_folder import RunFolder
from core.model.checkpoint import read_card
from core.pose.kept import find_landmarks
from core.pose.landmarks import LEFT_HIP
from core.pose.people import People, Point
from core.project.person_edits import FollowPerson
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe
from tests.carl_gui.projects import Stand, new_project, standing, tiny_config
from tests.conftest import write_numbered_video
from tests.core.pose.figures import person
from tests.core.small import SMALL
from training.queue import JobOrder, JobQueue

FRAMES = 6
RIGHT = (0.75, 0.5)
"""Where the smaller person stands."""


def two(index: int, width: int, height: int) -> NDArray[np.uint8]:
    """The larger person left, the smaller one right."""
    left = person(width, height, x=0.25, size=0.8, arm=0.5)
    return person(width, height, x=RIGHT[0], y=RIGHT[1], size=0.55, arm=0.5 + 0.05 * index, image=left)


def _start_nothing(order: JobOrder) -> None:
    raise OSError("this test starts no child")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_numbered_video(tmp_path, "two.mp4", FRAMES, size=(320, 160), fps=5, image=two)


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path, film: Path) -> Iterator[Stand]:
    """The step Videos of a project with that film; its jobs wait: none ever starts."""
    folder = new_project(tmp_path / "project", [film], decodes=True)
    with standing(qtbot) as made:
        made.jobs._queue = JobQueue(start=_start_nothing)
        made.session.open(folder)
        yield made


@pytest.fixture
def library(qtbot: QtBot, stand: Stand) -> LibraryController:
    """With the film in its player."""
    page = stand.stage(LibraryController)
    qtbot.waitUntil(page.player.commands["follow_person"].isEnabled)
    qtbot.waitUntil(lambda: page.player.view.image is not None)
    return page


@pytest.fixture
def panel(qtbot: QtBot) -> PlayerPanel:
    """A picture of 400 x 200 in a view of another shape."""
    made = PlayerPanel()
    qtbot.addWidget(made)
    made.resize(500, 500)
    made.show()
    meta = VideoMeta(400, 200, FRAMES, 0, 5.0, 0.0, 1.2, 0, "h264")
    made.set_video("a.mp4", meta, np.arange(FRAMES) / 5, is_previewed=False)
    made.set_followed(None, can_follow=True)
    made.set_image(np.zeros((200, 400, 3), np.uint8), 3)
    return made


def point_of(panel: PlayerPanel, x: float, y: float) -> QPoint:
    """Where that share of the picture is seen."""
    return (
        panel.view._target().topLeft().toPoint()
        + QPointF(x * panel.view._target().width(), y * panel.view._target().height()).toPoint()
    )


def click(qtbot: QtBot, panel: PlayerPanel, x: float, y: float) -> None:
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=point_of(panel, x, y))


def choose(qtbot: QtBot, library: LibraryController, x: float, y: float) -> Point:
    """As a person does it; returns what the project has then."""
    library.player.commands["follow_person"].trigger()
    click(qtbot, library.player, x, y)
    video = library._app_context.session.videos[1]
    assert video.person is not None
    return video.person


@pytest.mark.parametrize("zoom", [0.0, 0.5, 3.0], ids=["fits", "small", "zoomed"])
def test_a_click_says_the_share_of_the_picture(qtbot: QtBot, panel: PlayerPanel, zoom: float) -> None:
    if zoom:
        panel.view.set_zoom(zoom, QPointF(300, 200))
    heard = []
    panel.person_selected.connect(lambda *said: heard.append(said))
    click(qtbot, panel, 0.5, 0.5)
    assert not heard, "nobody asked"
    panel.commands["follow_person"].trigger()
    assert panel.view.hint
    at = panel.view.rect().center() + QPoint(40, 30)
    target = panel.view._target()
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=at)
    ((frame, x, y),) = heard
    assert frame == 3
    assert (x * target.width() + target.x(), y * target.height() + target.y()) == pytest.approx((at.x(), at.y()))
    assert 0 < x < 1
    assert 0 < y < 1
    assert not panel.view.hint
    click(qtbot, panel, 0.5, 0.5)
    assert len(heard) == 1, "one click is asked for"


def test_beside_the_picture_nobody_is_chosen(qtbot: QtBot, panel: PlayerPanel) -> None:
    with qtbot.assertNotEmitted(panel.person_selected):
        panel.commands["follow_person"].trigger()
        qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=QPoint(panel.view.width() // 2, 4))
        assert panel.view.hint, "it still waits"
        of_page = QShortcut(Qt.Key.Key_Escape, panel)
        with qtbot.assertNotEmitted(of_page.activated):
            qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
        assert not panel.view.hint
        click(qtbot, panel, 0.5, 0.5)


def test_the_menu_follows_who_is_under_the_cursor(qtbot: QtBot, panel: PlayerPanel) -> None:
    panel.view.customContextMenuRequested.emit(point_of(panel, 0.25, 0.5))
    menu = panel.findChild(QMenu)
    here = menu.actions()[0]
    assert here.text() == "Follow the person here"
    panel.set_image(np.zeros((200, 400, 3), np.uint8), 5)  # it played on meanwhile
    with qtbot.waitSignal(panel.person_selected) as chosen:
        here.trigger()
    assert chosen.args == pytest.approx([3, 0.25, 0.5], abs=0.01)
    menu.close()
    panel.set_followed(None, can_follow=False)
    assert not panel.commands["follow_person"].isEnabled()
    panel.view.customContextMenuRequested.emit(point_of(panel, 0.25, 0.5))
    menus = [one for one in panel.findChildren(QMenu) if one.isVisible()]
    assert not menus[0].actions()[0].isEnabled()
    menus[0].close()


def test_a_click_is_kept_shown_and_taken_back(qtbot: QtBot, stand: Stand, library: LibraryController) -> None:
    player, session = library.player, stand.session
    assert not player.commands["follow_largest"].isEnabled()
    library.playback.seek(2)
    qtbot.waitUntil(lambda: player._shown_frame_index == 2)
    point = choose(qtbot, library, *RIGHT)
    assert point.frame == 2
    assert (point.x, point.y) == pytest.approx(RIGHT, abs=0.01)
    assert "chosen in frame 2" in player._title.toolTip()
    assert player.view.target == (point.x, point.y)
    assert stand.told[-1].startswith("two.mp4: training and embedding now follow the person chosen in frame 2")
    library.playback.set_mirrored(True)
    assert player.view.target == (1 - point.x, point.y)
    mirrored = choose(qtbot, library, 0.26, RIGHT[1])
    assert (mirrored.x, mirrored.y) == pytest.approx((0.74, RIGHT[1]), abs=0.01), "the picture's, not the mirror's"
    library.playback.set_mirrored(False)
    library.playback.seek(4)
    qtbot.waitUntil(lambda: player._shown_frame_index == 4)
    assert player.view.target is None
    assert "chosen in frame 2" in player._title.toolTip()
    player.commands["follow_largest"].trigger()
    assert session.videos[1].person is None
    assert "chosen" not in player._title.toolTip()
    assert not player.commands["follow_largest"].isEnabled()
    session.undo()
    assert session.videos[1].person == mirrored
    session.undo()
    assert session.videos[1].person == point
    session.undo()
    assert session.videos[1].person is None
    session.redo()
    assert session.videos[1].person == point


def test_of_a_video_that_was_turned_the_place_is_that_of_what_is_seen(
    qtbot: QtBot, stand: Stand, tmp_path: Path
) -> None:
    def lying(index: int, width: int, height: int) -> NDArray[np.uint8]:
        return np.ascontiguousarray(np.rot90(two(index, height, width)))

    turned = write_numbered_video(
        tmp_path, "turned.mp4", FRAMES, size=(160, 320), image=lying, tweak=lambda one: one.set_display_rotation(90)
    )
    stand.session.open(new_project(tmp_path / "turned", [turned], decodes=True))
    page = stand.stage(LibraryController)
    qtbot.waitUntil(page.player.commands["follow_person"].isEnabled)
    qtbot.waitUntil(lambda: page.player.view.image is not None)
    video = stand.session.videos[1]
    assert (video.width, video.height) == (320, 160)
    point = choose(qtbot, page, *RIGHT)
    assert (point.x, point.y) == pytest.approx(RIGHT, abs=0.01)


def pose_config(**changed: object) -> Config:
    small = SMALL | {
        "backbone.name": "pose",
        "frames.short_side": 160,
        "train.eval_interval_epochs": 0,
        "train.epochs": 1,
    }
    return with_values(Config(), small | {name.replace("__", "."): value for name, value in changed.items()})


def order(name: str, config: Config) -> TrainingOrder:
    return TrainingOrder(name, "pose", {}, config, "all", "cpu")


def settings_of(stand: Stand, name: str) -> Config:
    return RunFolder.open(stand.session.require().runs / name).config()


def table_of(stand: Stand, name: str) -> str:
    return settings_of(stand, name).backbone.person_table


def test_jobs_are_told_whom_to_follow(stand: Stand, film: Path, tmp_path: Path) -> None:
    orders, point = JobFactory(stand.app_context()), Point(2, *RIGHT)
    digest = stand.session.videos[1].digest
    stand.session.do(FollowPerson(1, point))
    for config in (pose_config(), find_recipe("auto")):
        name = config.backbone.name
        orders.train(order(name, config))
        table = table_of(stand, name)
        assert People.read(Path(table)).of(film, digest) == point
        assert People.read(Path(table)).of(tmp_path / "moved.mp4", digest) == point
        assert settings_of(stand, name) == with_values(config, {"backbone.person_table": table})
    orders.train(TrainingOrder("pictures", "quick", {}, tiny_config(), "all", "cpu"))
    assert table_of(stand, "pictures") == ""
    again = settings_of(stand, "pose")
    stand.session.undo()
    orders.train(order("again", again))
    assert table_of(stand, "again") == "", "of what was chosen for another run nothing is left"
    assert table_of(stand, "pose"), "a run that was made keeps what it was made with"


def test_embedding_is_told_whom_to_follow(stand: Stand, film: Path) -> None:
    orders, runs = JobFactory(stand.app_context()), stand.session.require().runs
    for name, config in (("pose", pose_config()), ("pictures", tiny_config())):
        orders.train(order(name, config))
        (runs / name / "encoder.safetensors").write_bytes(b"")
    assert "--person-table" not in orders.embed("pose").order.command
    stand.jobs.stop(stand.jobs.find("embed"))
    stand.session.do(FollowPerson(1, Point(2, *RIGHT)))
    words = orders.embed("pose").order.command
    table = Path(words[words.index("--person-table") + 1])
    assert People.read(table).of(film, stand.session.videos[1].digest) == Point(2, *RIGHT)
    assert "--person-table" not in orders.embed("pictures").order.command


def test_a_table_of_ones_own_and_a_click_are_one_too_many(stand: Stand, tmp_path: Path) -> None:
    orders = JobFactory(stand.app_context())
    mine = tmp_path / "mine.csv"
    mine.write_text("video,frame,x,y\ntwo.mp4,0,0.25,0.5\n", encoding="utf-8")
    config = pose_config(backbone__person_table=str(mine))
    orders.train(order("mine", config))
    assert table_of(stand, "mine") == str(mine)
    stand.session.do(FollowPerson(1, Point(2, *RIGHT)))
    with pytest.raises(ConfigError, match=r"both in the table .*mine.csv and in the player"):
        orders.train(order("both", config))


def test_the_person_who_was_clicked_on_is_learned_embedded_and_drawn(
    qtbot: QtBot, stand: Stand, library: LibraryController, film: Path
) -> None:
    orders, project, player = JobFactory(stand.app_context()), stand.session.require(), library.player
    digest = stand.session.videos[1].digest
    orders.train(order("largest", pose_config()))
    assert train.main(["--out", str(project.runs / "largest"), "--resume", "--device", "cpu"]) == 0
    player.commands["skeleton"].trigger()
    qtbot.waitUntil(lambda: player.view.skeleton is not None)
    assert player.view.skeleton[LEFT_HIP, 0] == pytest.approx(0.25, abs=0.08)

    point = choose(qtbot, library, *RIGHT)
    qtbot.waitUntil(
        lambda: "person chosen in" in player._title.toolTip() and "pose is not known yet" in player._title.toolTip()
    )
    assert player.view.skeleton is None, "not another one's"
    orders.train(order("clicked", pose_config()))
    assert train.main(["--out", str(project.runs / "clicked"), "--resume", "--device", "cpu"]) == 0
    assert read_card(project.runs / "clicked")["people"] == {digest: point.numbers}
    at = find_landmarks(digest, film, point).picture[:, LEFT_HIP, 0]
    assert np.abs(at - RIGHT[0]).max() < 0.08
    library.playback.reload_pose()
    qtbot.waitUntil(lambda: player.view.skeleton is not None)
    assert player.view.skeleton[LEFT_HIP, 0] == pytest.approx(RIGHT[0], abs=0.08)
    assert "not known yet" not in player._title.toolTip()

    def embedded() -> NDArray[np.float32]:
        words = orders.embed("largest").order.command
        stand.jobs.stop(stand.jobs.find("embed"))
        assert embed.main([*words[1:], "--device", "cpu"]) == 0
        listed = json.loads((project.embeddings / "largest" / "embeddings.json").read_text(encoding="utf-8"))
        return np.load(project.embeddings / "largest" / listed["videos"][0]["embeddings"])

    other = embedded()
    player.commands["follow_largest"].trigger()
    assert not np.array_equal(embedded(), other), "what was cached of another choice is not taken"
    stand.session.undo()
    np.testing.assert_array_equal(embedded(), other)
