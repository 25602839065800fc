"""The page of a demo: one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from core.align.alignable import BOUNDARY_SCORE
from core.align.tables import read_path
from core.base.events import StepDone
from core.base.files import write_text
from core.demo.agreement import read_phases
from core.demo.figures import loss_curve, phase_legend, phase_strips
from core.demo.pairs import PairAgreements, compare_pairs
from core.learning.run_folder import RunFolder

TRAIN, TEST, RUN, EMBEDDINGS = "train", "test", "run", "embeddings"
PATH, HEATMAP, VIDEO, PAGE = "path.csv", "heatmap.png", "side_by_side.mp4", "index.html"
CLIPS = "pour_01.mp4", "pour_02.mp4"
"""The two clips of TEST that are shown side by side; all pairs are judged."""


@dataclass(frozen=True)
class Done:
    """A completed command."""

    command: str
    """As a person types it."""
    purpose: str
    seconds: float


def write_page(folder: Path, done: Sequence[Done]) -> Path:
    """Write `folder/index.html` from what the commands left in `folder`; returns its path."""
    a, b = (read_phases(folder / TEST / "phases.csv", clip) for clip in CLIPS)
    path = read_path(folder / PATH)
    steps = [event for event in RunFolder.open(folder / RUN).events() if isinstance(event, StepDone)]
    clips = len(list((folder / TRAIN).glob("*.mp4")))
    learned, blind = compare_pairs(folder / EMBEDDINGS, folder / TEST / "phases.csv")
    names = " and ".join(f"<code>{escape(clip)}</code>" for clip in CLIPS)
    body = f"""
<header>
<p class="kicker">CARL Studio</p>
<h1>Two clips, one moment</h1>
<p class="lead">From {clips} clips, without a single label, an encoder learned which moment of pouring a drink each
frame shows. Here two clips that it has never seen, with different colours, camera, side and tempo, play side by side
as it matches them.</p>
</header>
<figure class="hero"><video src="{VIDEO}" controls autoplay loop muted playsinline></video>
<figcaption>{names}, side by side along the path below.</figcaption></figure>
<section><h2>Does it agree with the truth?</h2>
<p>Each drawn clip has known phases, which are not used for training. Every line joins two frames that the path
matches: grey if both are in the same phase, red if not.</p>
{phase_strips(path, a, b, CLIPS)}
{phase_legend(a.names)}
</section>
<section><h2>All pairs</h2>
<p>The same for every pair of {len(learned.clips)} unseen clips: the share of frames whose match is in the same phase.
Above the empty cells: the trained encoder. Below: a plain diagonal, which stretches both clips to the same length.</p>
{_pair_grid(learned, blind)}
{_pair_summary(learned, blind)}
<p>{_describe_belief(learned)}</p>
</section>
<section><h2>Similarity</h2>
<figure class="narrow"><img src="{HEATMAP}" alt="Similarity of the clips, frame by frame, with the path">
<figcaption>Similarity of every frame of one clip to every frame of the other, and the best path through it.
</figcaption></figure></section>
<section><h2>How it learned</h2>
<figure class="narrow card">{loss_curve([step.step for step in steps], [step.loss for step in steps])}
<figcaption>Sequence contrastive loss: each step (faint) and the running mean (bold).</figcaption></figure></section>
<section><h2>The commands</h2>
<p>These commands produced this page. For your own videos, give <code>core.train</code> your folder and leave out the
recipe: it is chosen by whether people are in view.</p>
{_commands(done)}
</section>
<section><h2>The files</h2>
{_files(folder)}
</section>"""
    target = folder / PAGE
    write_text(target, _HEAD + body + "\n</main></body></html>\n")
    return target


def _pair_grid(learned: PairAgreements, blind: PairAgreements) -> str:
    """Draw a cell for each pair and way: the trained encoder above the empty diagonal, the plain diagonal below it."""
    names = [escape(Path(clip).stem) for clip in learned.clips]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = []
    for row, name in enumerate(names):
        cells = "".join(_cell(learned, blind, row, column) for column in range(len(names)))
        rows.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    table = f'<table class="pairs"><thead><tr><td></td>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f'<div class="wide">{table}</div>'


def _cell(learned: PairAgreements, blind: PairAgreements, row: int, column: int) -> str:
    if row == column:
        return "<td></td>"
    share = (learned if row < column else blind).of_pair[min(row, column), max(row, column)].same_phase
    shade = f'style="--share:{100 * max(0.0, 2 * share - 1):.0f}%"'
    if row > column:
        return f"<td {shade}>{share:.0%}</td>"
    score = learned.alignable_scores[row, column]
    return f'<td {shade} title="Score {score:.2f} of 1">{share:.0%}{"" if score >= BOUNDARY_SCORE else " ?"}</td>'


def _describe_belief(learned: PairAgreements) -> str:
    """Return a sentence about the paths, judged without the truth."""
    scores = list(learned.alignable_scores.values())
    doubted = sum(score < BOUNDARY_SCORE for score in scores)
    span = f"{min(scores):.2f} to {max(scores):.2f} of 1"
    message = f"in all {len(scores)} pairs both clips do" if not doubted else f"in {doubted} they do not (marked ?)"
    return (
        f"Without the truth, a path is trusted where both clips change in step along it: here {message} (scores from "
        f"{span}, {BOUNDARY_SCORE} is the threshold)."
    )


def _pair_summary(learned: PairAgreements, blind: PairAgreements) -> str:
    ways = {"Trained encoder": learned, "Plain diagonal": blind}
    rows = "".join(
        f'<tr><td>{name}</td><td class="number">{one.mean:.0%}</td><td class="number">{one.worst:.0%}</td>'
        f'<td class="number">{one.boundary_seconds:.2f} s</td></tr>'
        for name, one in ways.items()
    )
    return (
        f'<div class="wide"><table><thead><tr><th>{len(learned.of_pair)} pairs</th>'
        '<th class="number">frames in the same phase, mean</th><th class="number">worst pair</th>'
        f'<th class="number">a phase begins off by</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _commands(done: Sequence[Done]) -> str:
    items = (
        f"<li><p>{escape(one.purpose)} <span class='quiet'>{one.seconds:.0f} s</span></p>"
        f"<pre>{' '.join(f'<span>{escape(word)}</span>' for word in one.command.split(' '))}</pre></li>"
        for one in done
    )
    return f'<ol class="commands">{"".join(items)}</ol>'


def _files(folder: Path) -> str:
    listed = [
        (PATH, "the path: matching frames, their times and cosine"),
        *((f"{EMBEDDINGS}/{Path(clip).stem}.npy", f"{clip}: one embedding per frame (NumPy)") for clip in CLIPS),
        (f"{EMBEDDINGS}/index.csv", "the embedded videos"),
        (f"{TEST}/phases.csv", "the true phases of the test clips"),
        (f"{RUN}/encoder.safetensors", "the encoder"),
        (f"{RUN}/config.toml", "every setting of the run"),
        (f"{RUN}/events.jsonl", "metrics of every step"),
    ]
    rows = "".join(
        f'<tr><td><a href="{escape(name)}">{escape(name)}</a></td><td>{escape(what)}</td></tr>'
        for name, what in listed
        if (folder / name).exists()
    )
    return f'<div class="wide"><table><tbody>{rows}</tbody></table></div>'


_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>CARL Studio: two clips, one moment</title>
<style>
:root { --paper: #fbfaf7; --card: #ffffff; --ink: #21242b; --quiet: #6a6f7a; --line: #e4e1d9; --accent: #2f6f73;
  --wrong: #d1495b; --link: #b9bcc4; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15171b; --card: #1e2127; --ink: #e9e7e2; --quiet: #9aa0ab; --line: #30343c; --accent: #6cc0b8;
    --wrong: #f07a86; --link: #565c68; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 2rem) 5rem; }
h1 { font-size: clamp(2rem, 6vw, 3.1rem); line-height: 1.1; letter-spacing: -0.02em; margin: 0 0 1rem; }
h2 { font-size: 1.3rem; letter-spacing: -0.01em; margin: 0 0 .6rem; }
section { margin-top: 3rem; min-width: 0; }
p { margin: 0 0 1rem; max-width: 44rem; }
a { color: var(--accent); text-underline-offset: .2em; }
.kicker { color: var(--accent); font-weight: 600; letter-spacing: .08em; text-transform: uppercase; font-size: .8rem;
  margin: 0 0 .6rem; }
.lead { font-size: 1.2rem; line-height: 1.55; }
.quiet, figcaption { color: var(--quiet); font-size: .92rem; }
.clip { color: var(--quiet); font-size: .92rem; margin: .35rem 0; }
figure { margin: 0; }
figcaption { margin-top: .6rem; }
.hero { margin-top: 2rem; }
video, img { display: block; width: 100%; height: auto; border-radius: 10px; border: 1px solid var(--line); }
img { background: #fff; }
.plot { display: block; width: 100%; height: auto; overflow: visible; }
.plot text { fill: var(--quiet); font: 13px system-ui, sans-serif; }
.narrow { max-width: 44rem; }
.card .plot { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.grid { stroke: var(--line); }
.faint, .bold { fill: none; stroke: var(--accent); stroke-linejoin: round; }
.faint { stroke-opacity: .4; }
.bold { stroke-width: 2.5; }
.link { stroke: var(--link); stroke-width: 1.2; }
.wrong { stroke: var(--wrong); stroke-width: 1.6; }
.phase0 { fill: #56a7d9; background: #56a7d9; }
.phase1 { fill: #e2a33b; background: #e2a33b; }
.phase2 { fill: #2a9d78; background: #2a9d78; }
.phase3 { fill: #c77ba6; background: #c77ba6; }
.phase4 { fill: #8a8f98; background: #8a8f98; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; list-style: none; padding: 0; margin: .6rem 0 1.6rem;
  font-size: .92rem; color: var(--quiet); }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 3px; margin-right: .45em; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .97rem; }
th { text-align: left; font-weight: 600; color: var(--quiet); font-size: .88rem; vertical-align: bottom; }
th, td { padding: .5rem .9rem .5rem 0; border-bottom: 1px solid var(--line); }
td:last-child, th:last-child { padding-right: 0; }
.pairs { width: auto; margin-bottom: 1.4rem; }
.pairs th, .pairs td { border: 0; padding: .45rem .7rem; text-align: center; font-variant-numeric: tabular-nums; }
.pairs tbody th { text-align: right; }
.pairs td[style] { background: color-mix(in srgb, var(--accent) var(--share), var(--card));
  border: 2px solid var(--paper); border-radius: 8px; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
tbody tr:first-child .number { font-weight: 650; }
pre, code { font: .88rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .7rem .9rem; margin: 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
pre span { display: inline-block; max-width: 100%; } /* no line ends within --option */
.commands { padding-left: 1.3rem; margin: 0; }
.commands li { margin-bottom: 1.1rem; }
.commands p { margin: 0 0 .35rem; }
</style></head><body><main>"""
