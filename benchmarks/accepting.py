"""How right many predictions are that "Accept all" would accept, and whether odd videos are left out.

The drawn sample (12 clips): two clips are labelled, three choices of them. The probe predicts the others, and what
labels along the alignments say decides, as in the window (`core.label.acceptance`), whatever the confidence. Beside it
are videos that show something else, embedded by the same encoder: push-ups and golf swings of `../shared/videos` where
they are, one of the sample's clips backwards and one with its frames shuffled.

    python benchmarks/accepting.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_card, read_embedded
from core.label.acceptance import second_opinion
from core.label.labelling import label_videos
from core.metrics.localisation import spans_of_labels
from core.sample.make import make_sample
from core.sample.take import PHASES, draw_take

SHARED = Path(__file__).resolve().parents[2] / "shared" / "videos"
FOREIGN = (
    *(f"push_up/correct{number}.mp4" for number in (10, 11, 14)),
    *(f"golf_swing/swing{number}.mp4" for number in (1, 2, 3)),
)
CHOICES = ((0, 1), (3, 7), (5, 10))
NUM_CLIPS, SEED = 12, 0


def run(module: str, *words: object) -> None:
    """Do what a command does; its words are not shown."""
    subprocess.run([sys.executable, "-m", module, *map(str, words)], check=True, capture_output=True)


def embedded(folder: Path, encoder: Path, videos: list[Path]) -> list[EmbeddedVideo]:
    """Embed these videos, in their order."""
    run("core.embed", *videos, "--encoder", encoder, "--out", folder)
    card = read_card(folder)
    found = {video.path.name: video for video in read_embedded(folder, card.encoder_digest, set(card.digests))}
    return [found[video.name] for video in videos]


def reordered(video: EmbeddedVideo, order: NDArray[np.int64], name: str) -> EmbeddedVideo:
    """Return the same frames in another order."""
    return EmbeddedVideo(video.path.with_name(name), name, video.edges_seconds, video.embeddings[order])


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        clips = make_sample(folder / "sample", videos=NUM_CLIPS, seed=SEED)
        run("core.train", *clips, "--recipe", "quick", "--out", folder / "run")
        foreign = [file for file in (SHARED / each for each in FOREIGN) if file.is_file()]
        videos = embedded(folder / "embedded", folder / "run", [*clips, *foreign])
    takes = [draw_take(SEED, number + 1) for number in range(NUM_CLIPS)]
    truth = [np.repeat(np.arange(len(PHASES)), take.phase_frames) for take in takes]
    first, second = videos[2], videos[4]
    shuffled = np.random.default_rng(SEED).permutation(len(second))
    odd = [
        *videos[NUM_CLIPS:],
        reordered(first, np.arange(len(first))[::-1], "backwards"),
        reordered(second, shuffled, "shuffled"),
    ]
    print(f"{'labelled':12}{'clips accepted':>16}{'of frames':>11}{'right':>8}{'odd left out':>14}{'s a clip':>10}")
    for chosen in CHOICES:
        row(chosen, videos[:NUM_CLIPS], truth, odd)


def row(
    chosen: tuple[int, int], clips: list[EmbeddedVideo], truth: list[NDArray[np.int64]], odd: list[EmbeddedVideo]
) -> None:
    """Print what is accepted where these two clips are labelled."""
    known = {place: spans_of_labels(truth[place], PHASES) for place in chosen}
    given = [known.get(place, []) for place in range(len(clips) + len(odd))]
    made = label_videos([*clips, *odd], given, method="probe")
    references = [(clips[place].embeddings, truth[place]) for place in chosen]
    accepted, frames, right, total, left_out, seconds = 0, 0, 0, 0, 0, 0.0
    for place, one in enumerate(made):
        if place in chosen:
            continue
        started = time.perf_counter()
        opinion = second_opinion(one.video.embeddings, references, len(PHASES))
        seconds += time.perf_counter() - started
        if place >= len(clips):
            left_out += not opinion.is_alignable
            continue
        taken = [span for span in one.spans if opinion.is_alignable and opinion.agrees(span, PHASES.index(span.phase))]
        accepted += bool(taken)
        total += len(one.video)
        for span in taken:
            wanted = truth[place][span.start_frame : span.end_frame_exclusive]
            frames += len(wanted)
            right += int((wanted == PHASES.index(span.phase)).sum())
    judged = len(made) - len(chosen)
    cells = f"{f'{accepted} of {len(clips) - len(chosen)}':>16}{frames / total:11.2f}{right / max(frames, 1):8.2f}"
    print(f"{chosen!s:12}{cells}{f'{left_out} of {len(odd)}':>14}{seconds / judged:10.3f}")


if __name__ == "__main__":
    main()
