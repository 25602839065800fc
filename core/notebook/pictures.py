"""Results as a notebook shows them: a line of words, and a picture as a PNG within the page."""

from __future__ import annotations

import base64
import contextlib
import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from core.base.errors import CarlError
from core.base.leftovers import temporary_folder
from core.drawing.text import VideoSource
from core.embedding.embedded_video import EmbeddedVideo
from core.video.frame_store import find_stored
from core.video.reader import VideoReader


def page(heading: str, *parts: str, notices: Iterable[str] = ()) -> str:
    """Return HTML: a heading, parts that are HTML already, and sentences below them."""
    notes = [f"<div><small>{html.escape(sentence)}</small></div>" for sentence in notices]
    return "".join(["<div>", f"<div><b>{html.escape(heading)}</b></div>", *parts, *notes, "</div>"])


def picture(draw: Callable[[Path], None], words: str, *, width: int) -> str:
    """Return HTML of what `draw` draws as a PNG; where it cannot be drawn, the sentence that says why.

    Args:
        draw: writes the file.
        words: for who does not see it.
        width: of the shown picture in pixels, at most.
    """
    with temporary_folder("carl-notebook") as folder:
        file = folder / "picture.png"
        try:
            draw(file)
        except CarlError as error:
            return f"<div>No picture: {html.escape(str(error))}</div>"
        data = base64.b64encode(file.read_bytes()).decode("ascii")
    style = f"max-width:100%;width:{width}px"
    return f'<img alt="{html.escape(words)}" style="{style}" src="data:image/png;base64,{data}">'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return HTML of a table of text."""
    lines = ["".join(f"<th>{html.escape(cell)}</th>" for cell in head)]
    lines += ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


@contextlib.contextmanager
def side(video: EmbeddedVideo) -> Iterator[VideoSource]:
    """Yield a video for a picture of it: its small frames where they are at hand, else the file, which is closed after.

    Raises:
        VideoError: neither is there.
    """
    if stored := video.stored or find_stored(video.digest, video.path):
        yield VideoSource(video.path.name, stored)
    else:
        with VideoReader(video.path) as reader:
            yield VideoSource(video.path.name, reader)
