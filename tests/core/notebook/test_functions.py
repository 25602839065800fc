"""The functions do what the commands do, by the same defaults and sentences; their results are shown in a line."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import inspect
import io
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import core as carl
from core.base.errors import ConfigError, LabelError, VideoError
from core.base.events import Event, Progress, StepDone
from core.cli import align as align
from core.cli import align_options as align_options
from core.cli import embed
from core.cli import label as label
from core.cli import search as search
from core.cli import train as train_command
from core.cli.search_options import search_parser
from core.embedding.embedded_video import EmbeddedVideo
from core.model.checkpoint import load_encoder, save_encoder
from core.notebook.embedding import EmbeddedVideos
from tests.conftest import VideoWriter
from tests.core.label.clips import clip, spans
from tests.core.small import SMALL, small_config, small_encoder

pytestmark = pytest.mark.usefixtures("narrow")

LENGTHS = {"a.mp4": (12, 20, 10), "b.mp4": (20, 9, 15), "c.mp4": (7, 14, 25)}
HEAD = "video,phase,start_frame,end_frame_exclusive\n"


def moving(index: int, width: int, height: int) -> NDArray[np.uint8]:
    """(H, W, 3) a bright bar that moves over a gray ramp."""
    image = np.repeat(np.linspace(30, 120, width, dtype=np.uint8)[None, :, None], height, axis=0).repeat(3, axis=2)
    left = int((0.5 + 0.45 * np.sin(index / 7)) * (width - 12))
    image[:, left : left + 12] = (230, 200, 40)
    return image


@pytest.fixture
def clips(write_video: VideoWriter) -> Path:
    """A folder of three short videos."""
    for name, frames in (("a", 24), ("b", 31), ("c", 12)):
        path = write_video(f"clips/{name}.mp4", frames, image=moving)
    return path.parent


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """The folder of a run with an untrained encoder."""
    config = small_config()
    save_encoder(tmp_path / "made" / "encoder.safetensors", small_encoder(config), config, {})
    return tmp_path / "made"


@pytest.fixture
def ready(tmp_path: Path) -> EmbeddedVideos:
    """Three embedded videos of one course of phases, made of numbers; no file of theirs is there."""
    file = tmp_path / "encoder.safetensors"
    file.write_bytes(b"an encoder")
    return EmbeddedVideos(tuple(clip(name, of, seed=place) for place, (name, of) in enumerate(LENGTHS.items())), file)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Those of a.mp4."""
    lines = (f"a.mp4,{one.phase},{one.start_frame},{one.end_frame_exclusive}\n" for one in spans(LENGTHS["a.mp4"]))
    (tmp_path / "labels.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    return tmp_path / "labels.csv"


def test_defaults_are_those_of_the_commands() -> None:
    """Whatever both have: nothing is done otherwise because it was asked for in Python."""
    of_align = vars(align_options.options().parse_args(["a", "b", "--encoder", "e"]))
    words = ["q", "--frame", "1", "--library", "v", "--encoder", "e", "--out", "o.csv"]
    of_search = vars(search_parser().parse_args(words))
    for function, defaults, least in ((carl.align_videos, of_align, 4), (carl.search_frames, of_search, 7)):
        own = {
            name: one.default
            for name, one in inspect.signature(function).parameters.items()
            if name in defaults and one.default is not one.empty and name not in ("encoder", "frame")
        }
        assert own == {name: defaults[name] for name in own}
        assert len(own) >= least


def test_embeddings_paths_and_results_are_the_commands(clips: Path, encoder: Path, tmp_path: Path) -> None:
    assert embed.main([str(clips), "--encoder", str(encoder), "--out", str(tmp_path / "command")]) == 0
    videos = carl.embed_videos(clips, encoder, out=tmp_path / "own", progress=False)
    for name in ("a", "b", "c"):
        of_command = np.load(tmp_path / "command" / f"{name}.npy")
        np.testing.assert_array_equal(np.load(tmp_path / "own" / f"{name}.npy"), of_command)
        np.testing.assert_array_equal(videos[f"{name}.mp4"].embeddings, of_command)
    a, b = clips / "a.mp4", clips / "b.mp4"
    assert align.main([str(a), str(b), "--encoder", str(encoder), "--out", str(tmp_path / "1.csv")]) == 0
    for pair in (
        carl.align_videos(a, b, encoder, progress=False),
        carl.align_videos(videos["a.mp4"], str(b), encoder, progress=False),
        carl.align_videos(videos[0], videos[1], progress=False),
    ):
        pair.write_table(tmp_path / "2.csv")
        assert (tmp_path / "2.csv").read_bytes() == (tmp_path / "1.csv").read_bytes()
    for words, moment in ((["--frame", "5"], {"frame": 5}), (["--span", "4", "9"], {"span": (4, 9)})):
        given = [str(a), *words, "--library", str(tmp_path / "own"), "--encoder", str(encoder), "-k", "3"]
        assert search.main([*given, "--exclude-video", "--out", str(tmp_path / "1.csv")]) == 0
        for query, where in (("a.mp4", videos), (a, clips), (videos[0], tmp_path / "own")):
            found = carl.search_frames(query, where, encoder, k=3, exclude_video=True, progress=False, **moment)
            found.write_table(tmp_path / "2.csv")
            assert (tmp_path / "2.csv").read_bytes() == (tmp_path / "1.csv").read_bytes()
            assert found[0].video.path.name != "a.mp4"


def test_phases_are_the_commands(ready: EmbeddedVideos, labels: Path, tmp_path: Path) -> None:
    folder = tmp_path / "embedded"
    embed.write(folder, ready.videos, ready.encoder, lambda event: None)
    out = tmp_path / "phases.csv"
    given = ["--labels", str(labels), "--library", str(folder), "--encoder", str(ready.encoder), "--out", str(out)]
    assert label.main(given) == 0
    for videos, encoder in ((folder, ready.encoder), (ready, None)):
        labelled = carl.label_videos(videos, encoder, labels=labels, progress=False)
        labelled.write(tmp_path / "own.csv")
        assert (tmp_path / "own.csv").read_bytes() == out.read_bytes()
    assert labelled.phases == ("rest", "lift", "lower")
    assert [one.video.path.name for one in labelled] == list(LENGTHS)
    assert labelled.suggestions


def test_a_run_is_the_commands_and_goes_on_after_an_interruption(clips: Path, tmp_path: Path) -> None:
    options = [word for name, value in SMALL.items() for word in (f"--{name}", str(value))]
    assert train_command.main([str(clips), "--device", "cpu", *options, "--out", str(tmp_path / "command")]) == 0

    def interrupt(event: Event) -> None:
        if isinstance(event, StepDone) and event.step == 2:
            signal.raise_signal(signal.SIGINT)

    given = {"settings": SMALL, "device": "cpu"}
    stopped = carl.train_encoder(clips, out=tmp_path / "own", progress=interrupt, **given)  # type: ignore[arg-type]
    assert (stopped.reason, stopped.steps, len(stopped.losses)) == ("stopped", 2, 2)
    assert Path(stopped).is_file()
    done = carl.train_encoder(out=tmp_path / "own", resume=True, device="cpu", progress=False)
    assert done.reason == "done"
    assert len(done.losses) == done.steps > 2
    one, other = (load_encoder(tmp_path / name)[0].state_dict() for name in ("command", "own"))
    for name, weights in one.items():
        np.testing.assert_array_equal(weights.numpy(), other[name].numpy(), err_msg=name)
    assert repr(done).count("\n") == 0
    assert f"done after {done.steps} steps" in repr(done)
    assert _png(done._repr_html_()).width > 100
    assert carl.embed_videos(clips, done, progress=False).encoder == done.encoder


@pytest.fixture
def interruptible() -> Iterator[None]:
    """As in a notebook; what runs the tests in parallel has them ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_work_that_is_interrupted_says_so(clips: Path, encoder: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match="stopped as asked"):
        carl.embed_videos(clips, encoder, progress=lambda event: signal.raise_signal(signal.SIGINT))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_thread_may_call(ready: EmbeddedVideos) -> None:
    """Signals are the main thread's; it goes without."""
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(carl.align_videos(ready[0], ready[1], progress=False)))
    thread.start()
    thread.join()
    assert isinstance(found[0], carl.AlignedPair)


def test_what_is_shown_is_one_line_and_its_picture(
    clips: Path, encoder: Path, tmp_path: Path, ready: EmbeddedVideos, labels: Path
) -> None:
    videos = carl.embed_videos(clips, encoder, progress=False)
    pair = carl.align_videos(videos[0], videos[1], progress=False)
    moment = carl.search_frames(videos[0], videos, frame=3, k=2, progress=False)
    movement = carl.search_frames(videos[0], videos, span=(3, 9), k=2, progress=False)
    labelled = carl.label_videos(ready, labels=labels, progress=False)
    for shown in (videos, videos[0], pair, pair.alignment, pair.alignability, moment, moment[0], movement[0], labelled):
        assert "\n" not in repr(shown)
        assert len(repr(shown)) <= 160, repr(shown)
    assert len(repr(labelled[0])) <= 160
    for shown, least in ((pair, 600), (moment, 300), (movement, 600), (labelled, 600)):
        picture = _png(shown._repr_html_())
        assert picture.width > least
        assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 10, "not blank"
    assert "<td>b.mp4</td><td>31</td>" in videos._repr_html_()
    assert "3 videos, 67 frames of 8 numbers" in repr(videos)


def test_pictures_need_neither_qt_nor_pyplot(tmp_path: Path, labels: Path) -> None:
    """No figure can be left open where `pyplot`, which counts them, was never loaded."""
    program = f"""
import sys
from pathlib import Path
import core as carl
from core.notebook.embedding import EmbeddedVideos
from tests.core.label.clips import clip
videos = EmbeddedVideos((clip("a.mp4", (12, 20, 10)), clip("b.mp4", (20, 9, 15))), Path("encoder.safetensors"))
assert "image/png" in carl.label_videos(videos, labels={str(labels)!r}, progress=False)._repr_html_()
carl.search_frames("a.mp4", videos, frame=3, progress=False)._repr_html_()
print([name for name in sys.modules if name.startswith(("PySide6", "matplotlib.pyplot", "torch"))])
"""
    said = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert said.strip() == "[]"


def test_a_picture_of_videos_that_are_gone_says_so_in_a_sentence(ready: EmbeddedVideos) -> None:
    pair = carl.align_videos(ready[0], ready[1], progress=False)
    assert "No picture: " in pair._repr_html_()
    assert "a.mp4" in pair._repr_html_()
    with pytest.raises(VideoError):
        pair.write_heatmap("nowhere.png")


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda v, t: carl.align_videos(v[0], v[1], band=0), ConfigError, "band must be above 0, such as 0.1, not 0."),
        (lambda v, t: carl.align_videos(v[0], v[1], min_confidence=1), ConfigError, "min_confidence must be from 0 to"),
        (
            lambda v, t: carl.align_videos(v[0], "."),
            ConfigError,
            "is a folder or a list, but single",
        ),
        (lambda v, t: carl.align_videos("a.mp4", "b.mp4"), ConfigError, "No encoder was given. Pass encoder, or"),
        (lambda v, t: carl.search_frames("a.mp4", v, frame=1, k=0), ConfigError, "k must be at least 1, not 0."),
        (lambda v, t: carl.search_frames("a.mp4", v, frame=1, max_tempo=2), ConfigError, "max_tempo is for clips"),
        (lambda v, t: carl.search_frames("a.mp4", v), ConfigError, "Pass exactly one of frame, second, span"),
        (lambda v, t: carl.search_frames("a.mp4", v, frame=1, second=1), ConfigError, "not frame and second"),
        (lambda v, t: carl.search_frames("e.mp4", v, frame=1), ConfigError, "no video e.mp4: did you mean"),
        (lambda v, t: carl.search_frames("a.mp4", v, frame=99), VideoError, "has frames 0 to 41"),
        (
            lambda v, t: carl.label_videos(v, labels=t, method="prob"),
            ConfigError,
            "'prob': did you mean 'probe'",
        ),
        (lambda v, t: carl.label_videos(v), ConfigError, "No labels were given. Pass a table"),
        (lambda v, t: carl.label_videos(v[1:], labels=t), LabelError, "line 2: there is no video 'a.mp4'"),
        (
            lambda v, t: carl.train_encoder("clips", out="x"),
            ConfigError,
            "no file or folder",
        ),
        (
            lambda v, t: carl.embed_videos("clips", v.encoder, settings={"train.epochs": 1}),
            ConfigError,
            "in the section frames",
        ),
    ],
)
def test_what_is_wrong_is_said_in_keywords(
    ready: EmbeddedVideos,
    labels: Path,
    call: Callable[[EmbeddedVideos, Path], object],
    error: type[Exception],
    sentence: str,
) -> None:
    with contextlib.redirect_stderr(io.StringIO()), pytest.raises(error) as caught:
        call(ready, labels)
    assert sentence in str(caught.value)
    assert "--" not in str(caught.value)


def test_embeddings_of_two_encoders_are_never_compared(ready: EmbeddedVideos, clips: Path, encoder: Path) -> None:
    mixed = [dataclasses.replace(video, encoder_digest=str(place)) for place, video in enumerate(ready)]
    with pytest.raises(ConfigError, match=r"a\.mp4 and b\.mp4 were embedded by different encoders"):
        carl.align_videos(mixed[0], mixed[1], progress=False)
    with pytest.raises(ConfigError, match="different encoders"):
        carl.search_frames(mixed[0], EmbeddedVideos(tuple(mixed[1:]), ready.encoder), frame=1, progress=False)
    with pytest.raises(ConfigError, match="Leave encoder out"):
        carl.search_frames("a.mp4", ready, encoder, frame=1, progress=False)
    opened = carl.embed_videos(clips, encoder, progress=False)
    assert len({video.encoder_digest for video in opened}) == 1
    assert all(video.encoder_digest for video in opened)


def test_progress_is_a_line_a_callback_or_nothing(
    clips: Path, encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[Event] = []
    carl.embed_videos(clips, encoder, progress=heard.append)
    assert any(isinstance(event, Progress) and event.stage == "embed" for event in heard)
    carl.embed_videos(clips, encoder, progress=False)
    assert capsys.readouterr() == ("", "")
    carl.embed_videos(clips, encoder)
    told = capsys.readouterr()
    assert told.out == ""
    assert "embed: 67 of 67 frames" in told.err.splitlines()


def test_a_broken_video_is_left_out_and_named_in_the_result(clips: Path, encoder: Path) -> None:
    (clips / "d.mp4").write_bytes(b"no video")
    videos = carl.embed_videos(clips, encoder, progress=False)
    assert [video.path.name for video in videos] == ["a.mp4", "b.mp4", "c.mp4"]
    assert any("d.mp4" in sentence for sentence in videos.notices)


def test_a_video_is_found_by_its_name(ready: EmbeddedVideos) -> None:
    assert isinstance(ready["b.mp4"], EmbeddedVideo)
    assert ready["b.mp4"] is ready[1]
    assert [video.path.name for video in ready[1:]] == ["b.mp4", "c.mp4"]
    with pytest.raises(KeyError, match="did you mean"):
        ready["bb.mp4"]


def _png(html: str) -> Image.Image:
    found = re.search(r'src="data:image/png;base64,([^"]+)"', html)
    assert found is not None, html[:500]
    return Image.open(io.BytesIO(base64.b64decode(found[1])))
