"""A query and its results on one sheet: frames as a grid, best first; clips as rows aligned with the query."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw

from core.base.files import replacing
from core.base.types import Image
from core.drawing.canvas import BACKGROUND, FAINT, PANEL, TEXT, fit_image, font
from core.drawing.text import A_COLOUR, B_COLOUR, clock, elide

_SIDE, _STRIP_SIDE = 300, 190
"""Pixels: the square that a frame is fitted into, in the grid and in a row."""

_LEAST_WIDTH = 210
"""Of a cell of the grid, so that its caption has room."""

_MARGIN, _GAP, _SIZE, _LINE = 24, 16, 15, 22
_CAPTION = 2 * _LINE + 8
_QUERY = "query"
_BESIDE = 230
"""Pixels: the caption beside a row."""


@dataclass(frozen=True)
class Found:
    """The query, or one of its results."""

    name: str
    """Of its video; a long one is shortened."""
    images: Sequence[Image | None]
    """One frame; or as many frames of a clip as the query has, those that belong together. None: cannot be shown."""
    seconds: Sequence[float]
    """When each of them is shown in its video."""
    details: Sequence[str]
    """Which frames they are, in words: a line each."""
    cosine: float | None = None
    """None: the query itself, or one that was chosen by hand."""


def write_grid(path: Path, query: Found | None, hits: Sequence[Found]) -> None:
    """Write a PNG with the query and its hits.

    Args:
        query: None where somebody chose the hits, which are single frames then.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    sheet = _frames(query, hits) if query is None or len(query.images) == 1 else _clips(query, hits)
    with replacing(path) as partial:
        sheet.save(partial, format="PNG")


def _frames(query: Found | None, hits: Sequence[Found]) -> Pictures.Image:
    """Draw the query on the left, the hits in rows beside it."""
    tiles = [_tile(hit.images[0], _SIDE) for hit in hits]
    first = None if query is None else _tile(query.images[0], _SIDE)
    width = max(_LEAST_WIDTH, *(tile.width for tile in (*tiles, *filter(None, [first]))), 0)
    columns = max(1, min(len(hits), math.ceil(math.sqrt(1.2 * len(hits)))))
    rows = [range(start, min(start + columns, len(hits))) for start in range(0, len(hits), columns)] or [range(0)]
    heights = [max((tiles[hit].height for hit in row), default=0) for row in rows]
    left = _MARGIN
    if first is not None:
        heights[0] = max(heights[0], first.height)  # the query stands beside the first row
        left += width + 2 * _GAP
    size = (
        left + columns * (width + _GAP) - _GAP + _MARGIN,
        sum(heights) + len(rows) * (_CAPTION + _GAP) - _GAP + 2 * _MARGIN,
    )
    sheet = Pictures.new("RGB", size, BACKGROUND)
    if query is not None and first is not None:
        draw = ImageDraw.Draw(sheet)
        draw.line((left - _GAP, _MARGIN, left - _GAP, size[1] - _MARGIN), fill=PANEL, width=2)
        _place(sheet, first, _MARGIN, _MARGIN + heights[0], query, _QUERY, width)
    bottom = _MARGIN
    for row, height in zip(rows, heights, strict=True):
        bottom += height
        for column, hit in enumerate(row):
            _place(sheet, tiles[hit], left + column * (width + _GAP), bottom, hits[hit], str(hit + 1), width)
        bottom += _CAPTION + _GAP
    return sheet


def _place(
    sheet: Pictures.Image, tile: Pictures.Image, left: int, bottom: int, found: Found, heading: str, width: int
) -> None:
    """Draw a frame that stands on `bottom`, its caption below."""
    draw = ImageDraw.Draw(sheet)
    top = bottom - tile.height
    sheet.paste(tile, (left, top))
    if heading == _QUERY:
        draw.rectangle((left - 3, top - 3, left + tile.width + 2, bottom + 2), outline=A_COLOUR, width=3)
    first, second = bottom + 8, bottom + 8 + _LINE
    _heading(draw, (left, first), heading, found, width)
    draw.text((left, second), f"{clock(found.seconds[0])}  {found.details[0]}", fill=FAINT, font=font(_SIZE))
    if heading == _QUERY:
        draw.text((left + width, second), "cosine", fill=FAINT, font=font(_SIZE), anchor="ra")
    elif found.cosine is not None:
        draw.text((left + width, second), f"{found.cosine:.4f}", fill=TEXT, font=font(_SIZE), anchor="ra")


def _heading(draw: ImageDraw.ImageDraw, corner: tuple[int, int], heading: str, found: Found, width: int) -> None:
    """Rank and name, within the width."""
    draw.text(corner, heading, fill=A_COLOUR if heading == _QUERY else B_COLOUR, font=font(_SIZE, bold=True))
    begins = corner[0] + font(_SIZE, bold=True).getlength(heading) + 8
    room = corner[0] + width - begins
    name = elide(found.name, lambda text: font(_SIZE).getlength(text) <= room)
    draw.text((begins, corner[1]), name, fill=TEXT, font=font(_SIZE))


def _clips(query: Found, hits: Sequence[Found]) -> Pictures.Image:
    """Draw the query above, a row for each hit below; what stands in one column belongs together."""
    tiles = [[_tile(image, _STRIP_SIDE) for image in one.images] for one in (query, *hits)]
    width = max(tile.width for row in tiles for tile in row)
    heights = [max(max(tile.height for tile in row) + _LINE, 4 * _LINE) for row in tiles]
    left = _MARGIN + _BESIDE + _GAP
    size = (
        left + len(query.images) * (width + _GAP) - _GAP + _MARGIN,
        sum(heights) + len(heights) * _GAP + 2 * _MARGIN,
    )
    sheet = Pictures.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    top = _MARGIN
    for rank, (found, row, height) in enumerate(zip((query, *hits), tiles, heights, strict=True)):
        _heading(draw, (_MARGIN, top), str(rank) if rank else _QUERY, found, _BESIDE)
        lines = [(line, FAINT) for line in found.details]
        if found.cosine is not None:
            lines.append((f"cosine {found.cosine:.4f}", TEXT))
        for number, (line, colour) in enumerate(lines, start=1):
            draw.text((_MARGIN, top + number * _LINE), line, fill=colour, font=font(_SIZE))
        for column, (tile, seconds) in enumerate(zip(row, found.seconds, strict=True)):
            corner = (left + column * (width + _GAP), top)
            sheet.paste(tile, corner)
            draw.rectangle(
                (corner[0], top + tile.height, corner[0] + tile.width - 1, top + tile.height + 2), fill=_colour(found)
            )
            draw.text((corner[0], top + tile.height + 5), clock(seconds), fill=FAINT, font=font(_SIZE - 2))
        top += height + _GAP
        if rank == 0:
            draw.line((_MARGIN, top, size[0] - _MARGIN, top), fill=PANEL, width=2)
            top += _GAP
    return sheet


def _colour(found: Found) -> str:
    return A_COLOUR if found.cosine is None else B_COLOUR


def _tile(image: Image | None, side: int) -> Pictures.Image:
    if image is not None:
        return Pictures.fromarray(np.ascontiguousarray(fit_image(image, side, side)))
    tile = Pictures.new("RGB", (side, side * 9 // 16), PANEL)
    ImageDraw.Draw(tile).text((side / 2, side * 9 / 32), "no picture", fill=FAINT, font=font(_SIZE), anchor="mm")
    return tile
