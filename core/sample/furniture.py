"""Objects on the wall and on the table."""

from __future__ import annotations

import numpy as np

from core.sample.canvas import Canvas, Colour, Gradient, bowl, box, darker, ellipse, lighter, limb, mix, rgb
from core.sample.take import Take


def _window(canvas: Canvas, take: Take, generator: np.random.Generator) -> None:
    x, frame = float(generator.choice([36.0, 262.0])), lighter(take.palette.wall, 0.75)
    canvas.fill(box(x - 9, -45, x + 167, 178), paint=darker(take.palette.wall, 0.5), alpha=0.4, soft=4)
    canvas.fill(box(x - 8, -50, x + 158, 172, round=3), paint=frame)
    pane = box(x, -42, x + 150, 164)
    canvas.fill(pane, paint=Gradient((0, -42), (0, 164), (rgb("#8EC5E8"), rgb("#CFE8F2"), rgb("#FBF3DC"))))
    for cx, cy, r in ((x + 40, 20, 14), (x + 56, 14, 18), (x + 74, 21, 13)):
        canvas.fill(ellipse(cx, cy, r, r * 0.62), paint=(255, 255, 255), alpha=0.85, soft=1.5, within=pane)
    canvas.fill(ellipse(x + 30, 176, 110, 62), paint=rgb("#9CBF8C"), within=pane)
    canvas.fill(ellipse(x + 140, 180, 100, 48), paint=rgb("#7DA873"), within=pane)
    canvas.fill(box(x + 72, -42, x + 78, 164), box(x, 56, x + 150, 62), paint=frame)
    canvas.fill(box(x - 16, 166, x + 166, 178, round=2), paint=lighter(frame, 0.3))
    curtain = take.palette.accents[0]
    for side, edge in ((-1, x - 14), (1, x + 164)):
        folds = box(edge - 26, -80, edge + 26, 196)
        canvas.fill(
            folds,
            paint=Gradient(
                (edge - 26 * side, 0),
                (edge + 26 * side, 0),
                (
                    darker(curtain, 0.12),
                    lighter(curtain, 0.15),
                    darker(curtain, 0.1),
                    lighter(curtain, 0.12),
                    darker(curtain, 0.2),
                ),
            ),
        )


def _shelf(canvas: Canvas, take: Take, generator: np.random.Generator) -> None:
    x, wood = float(generator.choice([20.0, 250.0])), mix(take.palette.table, (120, 80, 50), 0.3)
    for y in (98.0, 182.0):
        canvas.fill(box(x + 2, y + 2, x + 196, y + 20), paint=darker(take.palette.wall, 0.6), alpha=0.35, soft=4)
        at = x + 8
        while at < x + 176:
            kind, colour = generator.random(), take.palette.accents[int(generator.integers(3))]
            width, height = float(generator.uniform(8, 15)), float(generator.uniform(34, 56))
            if kind < 0.75:
                light = (lighter(colour, 0.12), colour, darker(colour, 0.25))
                canvas.fill(box(at, y - height, at + width, y), paint=Gradient((at, 0), (at + width, 0), light))
                canvas.fill(box(at, y - height + 6, at + width, y - height + 10), paint=lighter(colour, 0.6), alpha=0.7)
            elif kind < 0.9:
                width = 26.0
                canvas.fill(
                    ellipse(at + 13, y - 14, 12, 14),
                    paint=Gradient((at, 0), (at + 26, 0), (lighter(colour, 0.3), darker(colour, 0.3))),
                )
            at += width + (1.0 if kind < 0.75 else 9.0)
        canvas.fill(
            box(x, y, x + 190, y + 8, round=1),
            paint=Gradient((0, y), (0, y + 8), (lighter(wood, 0.25), darker(wood, 0.2))),
        )


def _pictures(canvas: Canvas, take: Take, generator: np.random.Generator) -> None:
    a, b, c = take.palette.accents
    start = float(generator.uniform(10, 60))
    for x, y, w, h in ((start, 52, 90, 122), (start + 140, 34, 126, 92), (start + 310, 62, 84, 108)):
        canvas.fill(box(x + 3, y + 5, x + w + 5, y + h + 8), paint=darker(take.palette.wall, 0.7), alpha=0.4, soft=4)
        canvas.fill(box(x, y, x + w, y + h), paint=darker(c, 0.35))
        sheet = box(x + 5, y + 5, x + w - 5, y + h - 5)
        canvas.fill(sheet, paint=rgb("#FAF5EA"))
        colours = [(a, b, c)[int(i)] for i in generator.permutation(3)]
        canvas.fill(ellipse(x + w * 0.62, y + h * 0.36, w * 0.17, w * 0.17), paint=colours[0], within=sheet)
        canvas.fill(ellipse(x + w * 0.25, y + h * 0.98, w * 0.5, h * 0.38), paint=colours[1], within=sheet)
        canvas.fill(ellipse(x + w * 0.85, y + h * 1.02, w * 0.45, h * 0.28), paint=colours[2], alpha=0.9, within=sheet)


def _lamp(canvas: Canvas, take: Take, generator: np.random.Generator) -> None:
    x, shade = float(generator.uniform(210, 290)), take.palette.accents[0]
    canvas.fill(ellipse(x, 116, 130, 100), paint=rgb("#FFE9B8"), alpha=0.4, soft=34)
    canvas.fill(box(x - 1.2, -200, x + 1.2, 54), paint=rgb("#2B2B30"))
    low, high = bowl(x, 98, 50, 9), bowl(x, 54, 15, -5)[::-1]
    canvas.fill(ellipse(x, 99, 17, 13), paint=rgb("#FFF6D8"))
    light = (lighter(shade, 0.15), shade, darker(shade, 0.35))
    canvas.fill(np.concatenate([low, high]), paint=Gradient((x - 50, 0), (x + 50, 0), light))


def _plant(canvas: Canvas, take: Take, x: float, y: float) -> None:
    leaf, pot = rgb("#4F8A5B"), take.palette.accents[1]
    for index, angle in enumerate(np.linspace(-1.25, 1.25, 7)):
        length = 62.0 - 14 * abs(angle)
        tip = x + length * np.sin(angle), y - 34 - length * np.cos(angle)
        middle = x + 0.55 * length * np.sin(angle), y - 34 - 0.6 * length * np.cos(angle)
        tone = lighter(leaf, 0.16) if index % 2 else darker(leaf, 0.12)
        canvas.fill(limb((x, y - 30), middle, 2, 8.5), limb(middle, tip, 8.5, 0.8), paint=tone)
    _round_pot(canvas, x, y, 21, 36, pot)


def _pot(canvas: Canvas, take: Take, x: float, y: float) -> None:
    colour = take.palette.accents[2]
    canvas.fill(limb((x + 26, y - 30), (x + 40, y - 40), 6, 4), paint=darker(colour, 0.15))
    _round_pot(canvas, x, y, 28, 44, colour)
    canvas.fill(bowl(x, y - 44, 26, -9), ellipse(x, y - 55, 5, 4), paint=lighter(colour, 0.1))


def _round_pot(canvas: Canvas, x: float, y: float, radius: float, height: float, colour: Colour) -> None:
    canvas.fill(ellipse(x + 6, y + 1, radius * 1.25, 7), paint=darker(colour, 0.8), alpha=0.35, soft=3)
    low = bowl(x, y, radius * 0.8, radius * 0.16)
    body = np.concatenate([[[x + radius, y - height]], low, [[x - radius, y - height]]])
    light = (lighter(colour, 0.05), lighter(colour, 0.28), colour, darker(colour, 0.35))
    canvas.fill(
        body, ellipse(x, y - height, radius, radius * 0.2), paint=Gradient((x - radius, 0), (x + radius, 0), light)
    )
    canvas.fill(ellipse(x, y - height, radius * 0.9, radius * 0.15), paint=darker(colour, 0.55))


def _fruit(canvas: Canvas, take: Take, x: float, y: float) -> None:
    for dx, dy, r, peel in ((-16, -30, 14, "#E9A23B"), (14, -30, 14, "#D8543F"), (0, -36, 15, "#B9C34E")):
        base = rgb(peel)
        canvas.fill(
            ellipse(x + dx, y + dy, r, r),
            paint=Gradient(
                (x + dx - 8, y + dy - 10), (x + dx + 8, y + dy + 12), (lighter(base, 0.4), base, darker(base, 0.3))
            ),
        )
    colour = take.palette.accents[1]
    canvas.fill(ellipse(x + 6, y + 1, 38, 7), paint=darker(colour, 0.8), alpha=0.35, soft=3)
    light = (lighter(colour, 0.1), lighter(colour, 0.3), colour, darker(colour, 0.35))
    canvas.fill(bowl(x, y - 24, 40, 25), paint=Gradient((x - 40, 0), (x + 40, 0), light))


def _books(canvas: Canvas, take: Take, x: float, y: float) -> None:
    canvas.fill(box(x - 40, y - 4, x + 48, y + 5), paint=(20, 14, 18), alpha=0.35, soft=3)
    for row, (colour, inset) in enumerate(zip(take.palette.accents, (0.0, 5.0, -3.0), strict=True)):
        top = y - 12 * (row + 1) + 2
        cover = box(x - 38 + inset, top, x + 38 + inset, top + 12, round=2)
        canvas.fill(
            cover, paint=Gradient((0, top), (0, top + 12), (lighter(colour, 0.25), colour, darker(colour, 0.3)))
        )
        canvas.fill(box(x - 30 + inset, top + 3, x + 38 + inset, top + 9.5), paint=rgb("#F6EEDC"))


def _candle(canvas: Canvas, take: Take, x: float, y: float) -> None:
    wax = lighter(take.palette.accents[0], 0.35)
    canvas.fill(ellipse(x, y - 1, 24, 6), paint=darker(take.palette.accents[2], 0.1))
    canvas.fill(
        box(x - 9, y - 52, x + 9, y - 1, round=3),
        paint=Gradient((x - 9, 0), (x + 9, 0), (lighter(wax, 0.4), wax, darker(wax, 0.25))),
    )
    canvas.fill(ellipse(x, y - 64, 22, 26), paint=rgb("#FFD98A"), alpha=0.5, soft=9)
    canvas.fill(limb((x, y - 58), (x, y - 68), 4, 0.8), paint=rgb("#FFB347"))
    canvas.fill(limb((x, y - 57), (x, y - 62), 2, 0.6), paint=rgb("#FFF3C9"))


WALL_THINGS = {"window": _window, "shelf": _shelf, "pictures": _pictures, "lamp": _lamp}
TABLE_THINGS = {"plant": _plant, "fruit": _fruit, "books": _books, "candle": _candle, "pot": _pot}
