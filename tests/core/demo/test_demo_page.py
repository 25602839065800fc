"""The demo: its commands are those that exist, its page is whole, and its numbers are true."""

from __future__ import annotations

import importlib
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from core.align import align_embeddings
from core.base.control import Control, Stopped
from core.base.errors import CarlError, StorageError
from core.base.events import Event, Notice, StepDone
from core.base.types import Alignment
from core.cli import demo as demo
from core.demo import page
from core.demo.agreement import TruePhases, agreement, diagonal, read_phases
from core.demo.figures import loss_curve, phase_strips
from core.demo.pairs import compare_pairs
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_embedded, write_embedded
from core.learning.run_folder import RunFolder
from core.sample import draw_take
from core.sample.make import phases_text
from core.settings.config import Config

NAMES = ("reach", "pour", "leave")
A = TruePhases(NAMES, (0, 4, 8), num_frames=12, seconds=1.2)
B = TruePhases(NAMES, (0, 10, 12), num_frames=20, seconds=2.0)


def _path(*pairs: tuple[int, int]) -> Alignment:
    a, b = np.array(pairs, dtype=np.int64).T
    return Alignment(a.copy(), b.copy(), cost=0.0)


def _true_path() -> Alignment:
    """Within each phase the shorter side waits; starts meet starts."""
    pairs = []
    for (a, a_end), (b, b_end) in zip([(0, 4), (4, 8), (8, 12)], [(0, 10), (10, 12), (12, 20)], strict=True):
        steps = max(a_end - a, b_end - b)
        pairs += [(a + i * (a_end - a) // steps, b + i * (b_end - b) // steps) for i in range(steps)]
    return _path(*pairs)


def test_the_true_path_agrees_entirely_and_the_diagonal_does_not() -> None:
    perfect = agreement(_true_path(), A, B)
    assert (perfect.same_phase, perfect.boundary_seconds) == (1.0, 0.0)
    blind = agreement(diagonal(12, 20), A, B)
    assert blind.same_phase < 0.8
    assert blind.boundary_seconds > 0.15


def test_agreement_counts_by_hand() -> None:
    a, b = TruePhases(("x", "y"), (0, 1), 2, 2.0), TruePhases(("x", "y"), (0, 2), 3, 3.0)
    worth = agreement(_path((0, 0), (1, 1), (1, 2)), a, b)
    # A's frame 1 has partners x and y: half. B's frame 1 is wrong. (1 + 1/2) / 2 and (1 + 0 + 1) / 3.
    assert worth.same_phase == pytest.approx((0.75 + 2 / 3) / 2)
    # y starts at A's 1, whose first partner is 1, truth 2; at B's 2, whose partner is 1, truth 1; frames are 1 s.
    assert worth.boundary_seconds == pytest.approx((1.0 + 0.0) / 2)


def test_agreement_does_not_care_which_clip_is_first() -> None:
    path = diagonal(12, 20)
    forth, back = agreement(path, A, B), agreement(Alignment(path.b_frames, path.a_frames, cost=0.0), B, A)
    assert forth.same_phase == pytest.approx(back.same_phase)
    assert forth.boundary_seconds == pytest.approx(back.boundary_seconds)


def test_the_diagonal_joins_the_ends_and_covers_every_frame() -> None:
    path = diagonal(7, 31)
    assert (path.a_frames[0], path.b_frames[0], path.a_frames[-1], path.b_frames[-1]) == (0, 0, 6, 30)
    assert set(path.a_frames) == set(range(7))
    assert set(path.b_frames) == set(range(31))


def test_a_link_is_red_exactly_where_the_phases_differ() -> None:
    assert "wrong" not in phase_strips(_true_path(), A, B, ("a", "b"))
    different = A.of_frames()[diagonal(12, 20).a_frames] != B.of_frames()[diagonal(12, 20).b_frames]
    assert phase_strips(diagonal(12, 20), A, B, ("a", "b")).count("link wrong") == different.sum()


@pytest.mark.parametrize("losses", [[5.0, 5.0, 5.0], list(np.geomspace(9, 1e-3, 2000))])
def test_the_loss_curve_stays_within_its_picture(losses: list[float]) -> None:
    drawn = loss_curve(range(1, len(losses) + 1), losses)
    points = [
        tuple(map(float, pair.split(","))) for line in re.findall(r'points="(.*?)"', drawn) for pair in line.split()
    ]
    width, height = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn).groups())  # type: ignore[union-attr]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
    assert len(points) <= 2 * 400
    assert loss_curve([1], [2.0]).startswith("<p")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """What the commands leave behind, made up."""
    (tmp_path / page.TEST).mkdir()
    (tmp_path / page.TRAIN).mkdir()
    (tmp_path / page.TRAIN / "pour_01.mp4").touch()
    takes = [draw_take(5, number) for number in (1, 2, 3)]
    (tmp_path / page.TEST / "phases.csv").write_text(phases_text(takes), encoding="utf-8")
    embedded = []
    for take in takes:
        clip = tmp_path / page.TEST / f"{take.name}.mp4"
        clip.touch()
        turns = 3 * np.linspace(0, 1, take.num_frames, dtype=np.float32) ** take.number  # each at a tempo of its own
        edges = np.arange(take.num_frames + 1) / 25
        embedded.append(EmbeddedVideo(clip, take.name, edges, np.stack((np.cos(turns), np.sin(turns)), axis=1)))
    (tmp_path / page.EMBEDDINGS).mkdir()
    write_embedded(tmp_path / page.EMBEDDINGS, embedded, "an encoder")
    path = diagonal(takes[0].num_frames, takes[1].num_frames)
    rows = [f"{a},{b},0,0,0.5" for a, b in zip(path.a_frames, path.b_frames, strict=True)]
    (tmp_path / page.PATH).write_text("\n".join(["a_frame,b_frame,a_seconds,b_seconds,cosine", *rows]))
    for name in (page.HEATMAP, page.VIDEO):
        (tmp_path / name).touch()
    with RunFolder.create(tmp_path / page.RUN, Config(), []) as run:
        for step in range(1, 30):
            run.append(StepDone(0, step, 30, 8.0 / step, 1e-3, 1.0, 100.0, 0.0, 0))
    return tmp_path


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_from_elsewhere_and_every_link_leads_to_a_file(made: Path) -> None:
    text = page.write_page(made, [page.Done("python -m core.x <tag>", "Try & see", 3.2)]).read_text(encoding="utf-8")
    parsed = _References()
    parsed.feed(text)
    assert not parsed.open
    assert {page.VIDEO, page.HEATMAP, page.PATH, "test/phases.csv", "run/config.toml"} <= set(parsed.found)
    assert all((made / name).is_file() for name in parsed.found)
    assert "://" not in text
    assert "python -m core.x &lt;tag&gt;" in re.sub(r"</?span>", "", text)
    assert "Try &amp; see" in text


def test_the_page_shows_every_unseen_pair_beside_the_diagonals_own_numbers(made: Path) -> None:
    learned, blind = compare_pairs(made / page.EMBEDDINGS, made / page.TEST / "phases.csv")
    phases = [read_phases(made / page.TEST / "phases.csv", clip) for clip in learned.clips]
    assert learned.clips == ("pour_01.mp4", "pour_02.mp4", "pour_03.mp4")
    assert set(learned.of_pair) == {(0, 1), (0, 2), (1, 2)}
    turning = [
        3 * np.linspace(0, 1, one.num_frames, dtype=np.float32) ** number for number, one in enumerate(phases, 1)
    ]
    rows = [np.stack((np.cos(turns), np.sin(turns)), axis=1) for turns in turning]  # as the fixture embedded them
    for (a, b), worth in learned.of_pair.items():
        assert worth == agreement(align_embeddings(rows[a], rows[b]), phases[a], phases[b])
        lengths = phases[a].num_frames, phases[b].num_frames
        assert blind.of_pair[a, b] == agreement(diagonal(*lengths), phases[a], phases[b])
    text = page.write_page(made, []).read_text(encoding="utf-8")
    rows_of_grid = re.findall(r"<td style=.*?>(.*?)</td>", text)
    order = [(0, 1, learned), (0, 2, learned), (0, 1, blind), (1, 2, learned), (0, 2, blind), (1, 2, blind)]
    assert rows_of_grid == [f"{one.of_pair[a, b].same_phase:.0%}" for a, b, one in order]
    shares = [worth.same_phase for worth in learned.of_pair.values()]
    cells = re.findall(r'<td class="number">(.*?)</td>', text)
    assert cells[:2] == [f"{np.mean(shares):.0%}", f"{min(shares):.0%}"]
    assert cells[3:5] == [f"{blind.mean:.0%}", f"{blind.worst:.0%}"]


def test_the_page_says_without_the_truth_which_pairs_are_to_be_believed(made: Path) -> None:
    learned, blind = compare_pairs(made / page.EMBEDDINGS, made / page.TEST / "phases.csv")
    text = page.write_page(made, []).read_text(encoding="utf-8")
    assert set(learned.alignable_scores) == set(learned.of_pair)
    assert all(score > blind.alignable_scores[pair] for pair, score in learned.alignable_scores.items())
    assert "in all 3 pairs both clips do" in text
    assert re.findall('title="Score (.*?) of 1"', text) == [f"{one:.2f}" for one in learned.alignable_scores.values()]
    write_embedded(made / page.EMBEDDINGS, [*_backwards(made)], "an encoder")
    text = page.write_page(made, []).read_text(encoding="utf-8")
    assert text.count(" ?</td>") == 2
    assert "in 2 they do not (marked ?)" in text


def _backwards(made: Path) -> list[EmbeddedVideo]:
    """The clips, the last one of which turns back."""
    clips = list(read_embedded(made / page.EMBEDDINGS, "an encoder"))
    last = max(clips, key=lambda clip: clip.path.name)
    turned = [EmbeddedVideo(one.path, one.digest, one.edges_seconds, np.array(one.embeddings)) for one in clips]
    turned[clips.index(last)].embeddings[:] = np.array(last.embeddings)[::-1]
    return turned


def test_every_command_of_the_demo_parses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _, words in demo.commands(tmp_path, 10):
        module = importlib.import_module(words[0].replace("core.", "core.cli."))
        seen = []
        monkeypatch.setattr(
            module, "_body", lambda arguments, sink, control, seen=seen: seen.append(arguments) or _end()
        )
        assert module.main(words[1:]) == 0
        assert seen


def _end() -> Event:
    from core.base.events import Finished

    return Finished("done", "")


def _run_demo(
    out: Path, scripts: list[str], monkeypatch: pytest.MonkeyPatch, control: Control | None = None
) -> list[str]:
    """`make_demo` with other commands: modules of these texts, and a page that is not there."""
    modules = []
    for number, script in enumerate(scripts):
        (out.parent / f"step_{number}.py").write_text(script, encoding="utf-8")
        modules.append((f"step {number}", [f"step_{number}", str(out)]))
    monkeypatch.setenv("PYTHONPATH", str(out.parent))
    monkeypatch.setattr(demo, "commands", lambda folder, videos: modules)
    monkeypatch.setattr(demo, "write_page", lambda folder, done: folder / f"{len(done)}.html")
    said: list[str] = []

    def sink(event: Event) -> None:
        said.append(event.message if isinstance(event, Notice) else "")

    made_page = demo.make_demo(out, videos=1, sink=sink, control=control or Control())
    assert made_page.name == f"{len(scripts)}.html"
    return said


def test_the_demo_shows_each_command_and_runs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch = "import pathlib, sys; pathlib.Path(sys.argv[1], __file__[-4]).touch()"
    said = _run_demo(tmp_path / "demo", [touch, touch], monkeypatch)
    assert [line.splitlines()[1:] for line in said] == [
        ["step 0", f"$ python -m step_0 {tmp_path / 'demo'}"],
        ["step 1", f"$ python -m step_1 {tmp_path / 'demo'}"],
    ]
    assert {path.name for path in (tmp_path / "demo").iterdir()} == {".carl-demo", "0", "1"}


def test_the_demo_ends_with_the_command_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CarlError, match=r"step_0 failed \(exit status 2\)"):
        _run_demo(tmp_path / "demo", ["raise SystemExit(2)", "raise SystemExit(0)"], monkeypatch)


def test_a_stop_reaches_the_running_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    control = Control()
    control.stop()
    waits = "import sys; sys.stdin.read(); open(sys.argv[1] + '/saved', 'w').close()"
    with pytest.raises(Stopped):
        _run_demo(tmp_path / "demo", [waits, "raise SystemExit(2)"], monkeypatch, control)
    assert (tmp_path / "demo" / "saved").exists()


def test_an_older_demo_is_made_anew_and_nothing_else_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run_demo(tmp_path / "demo", [], monkeypatch)
    (tmp_path / "demo" / page.RUN).mkdir()
    (tmp_path / "demo" / "notes.txt").touch()
    _run_demo(tmp_path / "demo", [], monkeypatch)
    assert {path.name for path in (tmp_path / "demo").iterdir()} == {".carl-demo", "notes.txt"}
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "run").touch()
    with pytest.raises(StorageError, match="holds other files"):
        _run_demo(tmp_path / "mine", [], monkeypatch)
    assert (tmp_path / "mine" / "run").exists()
