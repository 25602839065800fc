"""Body pose as what an encoder learns from: found once, told of where nobody is, chosen where it suits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.base.control import Control
from core.base.errors import ConfigError, LabelError, VideoError
from core.base.events import Event, Notice, Progress
from core.cli import embed, export, train
from core.features.cached import features_of
from core.features.pose_features import PoseFeatures
from core.model.checkpoint import load_encoder
from core.model.encoder import build_encoder
from core.pose.choosing import settle
from core.pose.following import Follower
from core.pose.kept import find_landmarks
from core.pose.landmarks import LEFT_HIP
from core.pose.people import People, Point
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe
from core.video.frame_store import FrameStore, StoredVideo
from tests.conftest import VideoWriter
from tests.core.cli.test_train_command import as_options, refused
from tests.core.pose.figures import BACK, person
from tests.core.small import SMALL, small_config

POSE: dict[str, object] = {
    **SMALL,
    "backbone.name": "pose",
    "encoder.delta_lag": 2,
    "encoder.standardise_features": True,
    "frames.short_side": 160,
    "train.augmented_copies": 2,
    "train.eval_interval_epochs": 0,
}
Drawing = Callable[[int, int, int], NDArray[np.uint8]]


def empty(index: int, width: int, height: int) -> NDArray[np.uint8]:
    image = np.full((height, width, 3), BACK, np.uint8)
    image[:, 4 * index : 4 * index + 9] = (90, 60, 20)
    return image


def waving(index: int, width: int, height: int) -> NDArray[np.uint8]:
    return person(width, height, arm=1.0 + 0.6 * np.sin(index / 3))


def leaving(index: int, width: int, height: int) -> NDArray[np.uint8]:
    """Somebody who is there in the first four frames only."""
    return waving(index, width, height) if index < 4 else empty(0, width, height)


def pair(index: int, width: int, height: int) -> NDArray[np.uint8]:
    """The larger one left, the smaller one right."""
    left = person(width, height, x=0.25, size=0.8, arm=0.5)
    return person(width, height, x=0.75, size=0.55, arm=0.5 + 0.05 * index, image=left)


@pytest.fixture
def clip(write_video: VideoWriter) -> Callable[..., Path]:
    def write(name: str, image: Drawing, frames: int = 8, size: tuple[int, int] = (160, 160), fps: int = 5) -> Path:
        return write_video(f"clips/{name}.mp4", frames, image=image, size=size, fps=fps)

    return write


def stored(*paths: Path) -> list[StoredVideo]:
    return FrameStore(short_side=160, max_bytes=10**8).add(paths)


def pose_features(**changed: object) -> PoseFeatures:
    config = with_values(Config(), POSE | {name.replace("__", "."): value for name, value in changed.items()})
    made = features_of(build_encoder(config).eval(), config, torch.device("cpu"), max_bytes=10**8)
    assert isinstance(made, PoseFeatures)
    return made


def rows(
    features: PoseFeatures, videos: list[StoredVideo], told: list[Event] | None = None
) -> list[NDArray[np.float16]]:
    """Of the first video: clean and copies."""
    sink = (lambda event: None) if told is None else told.append
    return [np.concatenate(list(file.chunks())) for file in features.copies(videos, Control(), sink)[0]]


def notices(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Notice)]


def test_landmarks_are_found_once_whatever_is_made_of_them(
    clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    videos = stored(clip("a", waving))
    told: list[Event] = []
    clean, first, second = rows(pose_features(), videos, told)
    assert clean.shape == (8, 196)
    assert not np.array_equal(clean, first)
    assert not np.array_equal(first, second)
    assert not notices(told)
    assert [event.done for event in told if isinstance(event, Progress) and event.stage == "pose"][-1] == 8
    monkeypatch.setattr(Follower, "_step", lambda *_: pytest.fail("followed twice"))
    np.testing.assert_array_equal(rows(pose_features(), videos)[0], clean)
    np.testing.assert_array_equal(rows(pose_features(train__seed=2), videos)[0], clean)
    assert not np.array_equal(rows(pose_features(train__seed=2), videos)[1], first)
    assert rows(pose_features(backbone__pose_view="same-side"), videos)[0].shape == (8, 127)


def test_frames_without_anybody_are_counted_and_told(clip: Callable[..., Path]) -> None:
    videos = stored(clip("leaves", leaving), clip("empty", empty), clip("there", waving))
    told: list[Event] = []
    clean, *_ = rows(pose_features(), videos, told)
    assert clean[:4].any(axis=1).all()
    assert not clean[4:].any()
    left, nobody = notices(told)
    assert left == "leaves.mp4: no person was found in 4 of 8 frames; 4 with an empty pose."
    assert "empty.mp4: no person was found in any of its 8 frames" in nobody


def test_a_short_absence_is_filled_in_and_told(clip: Callable[..., Path]) -> None:
    blink = lambda i, w, h: empty(0, w, h) if i == 3 else waving(i, w, h)  # noqa: E731
    told: list[Event] = []
    clean, *_ = rows(pose_features(), stored(clip("blink", blink)), told)
    assert clean.any(axis=1).all()
    assert notices(told) == ["blink.mp4: no person was found in 1 of 8 frames; 1 interpolated."]


def test_where_nobody_is_in_any_video_training_says_so(clip: Callable[..., Path], tmp_path: Path, capsys) -> None:
    clip("a", empty)
    said = refused(capsys, [str(tmp_path / "clips"), "--out", str(tmp_path / "run"), *as_options(POSE)])
    assert "No person was found in any of the 1 videos" in said
    assert not (tmp_path / "run").exists()


def test_the_skeleton_can_be_drawn_without_torch(clip: Callable[..., Path]) -> None:
    path = clip("a", waving)
    videos = stored(path)
    with pytest.raises(VideoError, match=r"The body pose in .*a\.mp4 is not known yet"):
        find_landmarks(videos[0].digest, path)
    pose_features().prepare(videos, Control())
    found = find_landmarks(videos[0].digest, path)
    assert found.picture.shape == (8, 33, 4)
    assert (found.width, found.height) == (160, 160)
    some = find_landmarks(videos[0].digest, path, frames=[3, 1])
    np.testing.assert_array_equal(some.picture, found.picture[[3, 1]])
    with pytest.raises(IndexError):
        find_landmarks(videos[0].digest, path, frames=[8])
    with pytest.raises(VideoError):
        find_landmarks(videos[0].digest, path, Point(0, 0.5, 0.5))


def table(folder: Path, *lines: str) -> Path:
    file = folder / "people.csv"
    file.write_text("\n".join(["video,frame,x,y", *lines]) + "\n", encoding="utf-8")
    return file


def test_who_was_clicked_on_is_followed_and_the_encoder_remembers(
    clip: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = clip("two", pair, size=(240, 160))
    (video,) = stored(path)
    file = table(tmp_path, "two.mp4,5,0.75,0.5")
    options = as_options(POSE | {"backbone.person_table": str(file)})
    assert train.main([str(path), "--out", str(tmp_path / "run"), *options]) == 0
    assert "Several people" not in capsys.readouterr().err
    right = find_landmarks(video.digest, path, Point(5, 0.75, 0.5))
    assert np.abs(right.picture[:, LEFT_HIP, 0] - 0.76).max() < 0.05
    card = json.loads((tmp_path / "run" / "encoder.json").read_text(encoding="utf-8"))
    assert card["people"] == {video.digest: [5, 0.75, 0.5]}
    file.unlink()

    def embedded(*more: str) -> NDArray[np.float32]:
        command = [str(path), "--encoder", str(tmp_path / "run"), "--out", str(tmp_path / "out"), *more]
        assert embed.main(command) == 0
        return np.load(tmp_path / "out" / "two.npy")

    remembered = embedded()
    left = embedded("--person-table", str(table(tmp_path, "two.mp4,0,0.25,0.5")))
    assert not np.allclose(remembered, left, atol=1e-3)
    np.testing.assert_array_equal(embedded("--person-table", str(table(tmp_path, "two.mp4,5,0.75,0.5"))), remembered)


def test_several_people_are_told_of(clip: Callable[..., Path]) -> None:
    told: list[Event] = []
    rows(pose_features(), stored(clip("two", pair, size=(240, 160))), told)
    (said,) = notices(told)
    assert said.startswith("Several people are in view in two.mp4. The largest in the first frame is followed.")


def test_a_place_where_nobody_is_gets_a_sentence(clip: Callable[..., Path], tmp_path: Path) -> None:
    videos = stored(clip("two", pair, size=(240, 160)))
    for line, is_told in (("two.mp4,2,0.5,0.02", True), ("two.mp4,2,0.75,0.6", False)):
        told: list[Event] = []
        rows(pose_features(backbone__person_table=str(table(tmp_path, line))), videos, told)
        assert bool(notices(told)) == is_told
    told = []
    rows(pose_features(backbone__person_table=str(table(tmp_path, "two.mp4,2,0.5,0.02"))), videos, told)
    (said,) = notices(told)
    assert said.startswith("two.mp4: no person was found at the position given for frame 2 (x 0.5, y 0.02)")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("other.mp4,0,0.5,0.5", "people.csv, line 2: there is no video 'other.mp4': did you mean 'two.mp4'?"),
        ("two.mp4,0,50,0.5", "people.csv, line 2: The person to follow is at frame 0, x 50, y 0.5"),
        ("two.mp4,a,0.5,0.5", "people.csv, line 2: frame must be a number, not 'a'"),
        ("two.mp4,99,0.5,0.5", "is named at frame 99, but the video has 8 frames"),
        ("two.mp4,0,0.5,0.5\ntwo.mp4,1,0.5,0.5", "line 3: people.csv, line 2 names a person in two.mp4 too"),
    ],
)
def test_a_wrong_table_of_people_gets_one_sentence(
    clip: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, says: str
) -> None:
    path = clip("two", pair, size=(240, 160))
    options = as_options(POSE | {"backbone.person_table": str(table(tmp_path, line))})
    assert says in refused(capsys, [str(path), "--out", str(tmp_path / "run"), *options])


def test_a_digest_decides_whose_point_it_is(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("video,frame,x,y,digest\nold.mp4,1,0.1,0.2,ABC\n", encoding="utf-8")
    people = People.read(file, known={"def": Point(3, 0.5, 0.5)})
    assert people.of(tmp_path / "renamed.mp4", "abc") == Point(1, 0.1, 0.2)
    assert people.of(tmp_path / "old.mp4", "xyz") is None
    assert people.of(tmp_path / "any.mp4", "def") == Point(3, 0.5, 0.5)
    people.check([tmp_path / "renamed.mp4"])
    (tmp_path / "bad.csv").write_text("video,frame\n", encoding="utf-8")
    with pytest.raises(LabelError, match="no column 'x'"):
        People.read(tmp_path / "bad.csv")


@pytest.mark.parametrize(("drawing", "name"), [(waving, "pose"), (empty, "hog")])
def test_auto_takes_pose_where_people_are_seen_and_says_so(
    clip: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], drawing: Drawing, name: str
) -> None:
    for place in range(2):
        clip(f"clip{place}", lambda i, w, h, place=place: drawing(i + place, w, h))
    clip("other", empty if drawing is waving else waving, frames=3)
    settings = POSE | {"backbone.name": "auto", "backbone.fallback": "hog", "augment.image_size": 32}
    clips = [str(tmp_path / "clips" / f"clip{place}.mp4") for place in range(2)]
    command = [*clips, "--out", str(tmp_path / "run"), *as_options(settings)]
    assert train.main(command) == 0
    showing = 2 if name == "pose" else 0
    sentence = f"{showing} of 2 sampled videos show a person throughout."
    assert sentence in capsys.readouterr().err
    encoder, config = load_encoder(tmp_path / "run")
    assert config.backbone.name == name
    assert encoder.feature_width == (196 if name == "pose" else 48)
    card = json.loads((tmp_path / "run" / "encoder.json").read_text(encoding="utf-8"))
    chosen = card["backbone_chosen"]
    assert chosen.endswith(sentence)
    assert train.main([*clips, "--out", str(tmp_path / "run"), "--resume", "--epochs", "4"]) == 0
    assert json.loads((tmp_path / "run" / "encoder.json").read_text(encoding="utf-8"))["backbone_chosen"] == chosen
    people = ["--backbone.person_table", str(table(tmp_path, "clip0.mp4,0,0.5,0.5"))] if name == "pose" else []
    capsys.readouterr()
    further = ["--init", str(tmp_path / "run"), "--out", str(tmp_path / "further"), "--epochs", "1", *people]
    assert train.main([*clips, *further]) == 0
    assert "looked at" not in capsys.readouterr().err, "it keeps what was chosen"
    card = json.loads((tmp_path / "further" / "encoder.json").read_text(encoding="utf-8"))
    assert card["config"]["backbone"]["name"] == name
    assert card["ancestors"][0]["backbone_chosen"] == chosen
    assert len(card.get("people", {})) == len(people) / 2, "another person may be followed"


def test_three_frames_are_learned_from_and_embedded(clip: Callable[..., Path], tmp_path: Path) -> None:
    path = clip("short", waving, frames=3)
    options = as_options(POSE | {"train.eval_interval_epochs": 1})
    assert (
        train.main([str(path), "--validation", str(clip("val", waving, 4)), "--out", str(tmp_path / "run"), *options])
        == 0
    )
    assert embed.main([str(path), "--encoder", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 0
    assert np.isfinite(np.load(tmp_path / "out" / "short.npy")).all()


def test_a_saved_encoder_holds_the_networks(clip: Callable[..., Path], tmp_path: Path) -> None:
    path = clip("a", waving)
    assert train.main([str(path), "--out", str(tmp_path / "run"), *as_options(POSE)]) == 0
    encoder, config = load_encoder(tmp_path / "run")
    assert encoder.backbone.identity == build_encoder(config).backbone.identity
    assert export.main([str(tmp_path / "run"), "--out", str(tmp_path / "e.onnx")]) == 2
    assert not (tmp_path / "e.onnx").exists()


def test_what_excludes_body_pose_is_named() -> None:
    for name in ("pose", "auto"):
        with pytest.raises(ConfigError, match=f"backbone.name = '{name}' needs cached features"):
            with_values(Config(), {"backbone.name": name, "backbone.trainable_blocks": "none"})
    with pytest.raises(ConfigError, match="leaves the choice open"):
        with_values(Config(), {"backbone.fallback": "auto"})
    with pytest.raises(ConfigError, match="is resolved by"):
        build_encoder(small_config(backbone__name="auto"))
    with pytest.raises(ConfigError, match=r"backbone.person_table = 'a.csv' needs body pose"):
        with_values(Config(), {"backbone.person_table": "a.csv"})
    with pytest.raises(ConfigError, match="cannot be used with pose, which has its own"):
        build_encoder(small_config(backbone__name="pose", backbone__weights="mine.pth"))


def settled_as(monkeypatch: pytest.MonkeyPatch, clip: Callable[..., Path], showing: bool, **changed: object):
    """The settings, and what was told, where all videos show somebody or none does."""
    told: list[Event] = []
    monkeypatch.setattr(Follower, "people", lambda self, images: np.full(len(images), showing))
    config = with_values(find_recipe("auto"), {name.replace("__", "."): value for name, value in changed.items()})
    resolved, why = settle(config, stored(clip("a", waving)), torch.device("cpu"), told.append, Control())
    assert why in [event.message for event in told if isinstance(event, Notice)]
    return resolved, why


@pytest.mark.parametrize(("showing", "recipe"), [(True, "pose"), (False, "frozen")])
def test_what_auto_chooses_is_that_recipe(
    clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, showing: bool, recipe: str
) -> None:
    resolved, why = settled_as(monkeypatch, clip, showing)
    assert resolved == find_recipe(recipe)
    assert f"(recipe {recipe}" in why
    changed = {"train.epochs": 7, "views.num_frames": 20, "encoder.delta_lag": 3, "backbone.pose_view": "same-side"}
    resolved, _ = settled_as(monkeypatch, clip, showing, **changed)
    assert resolved == with_values(find_recipe(recipe), changed), "what was changed of auto stays"


def test_auto_takes_the_network_that_was_named_for_pictures(
    clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved, _ = settled_as(monkeypatch, clip, False, backbone__fallback="my.onnx")
    assert (resolved.backbone.name, resolved.backbone.weights) == ("my.onnx", "none")
    resolved, why = settled_as(monkeypatch, clip, True, backbone__weights="my.pth")
    assert resolved.backbone == find_recipe("pose").backbone
    assert why.endswith("The weights my.pth are not used.")
    resolved, why = settled_as(monkeypatch, clip, False, backbone__person_table="people.csv")
    assert resolved == find_recipe("frozen")
    assert why.endswith("The table of people is not used.")
    resolved, _ = settled_as(monkeypatch, clip, True, backbone__person_table="people.csv")
    assert resolved == with_values(find_recipe("pose"), {"backbone.person_table": "people.csv"})


def test_the_recipe_is_of_body_pose() -> None:
    recipe = find_recipe("pose")
    assert (recipe.backbone.name, recipe.train.mode, recipe.encoder.delta_lag) == ("pose", "frozen", 2)
    assert build_encoder(recipe).feature_width == 196
