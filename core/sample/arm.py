"""An arm with a hand that reaches, grips and lets go."""

from __future__ import annotations

import numpy as np

from core.sample.canvas import Canvas, Colour, Gradient, Points, darker, ellipse, lighter, limb, mix
from core.sample.motion import Pose
from core.sample.props import turn
from core.sample.take import Take

_FINGERS = ((-19.0, 7.0, 0.94), (-6.2, 7.3, 1.0), (6.4, 7.0, 0.96), (18.0, 6.0, 0.8))
"""Height on the bottle, radius, length: index to little finger."""
_HAND_FOLLOWS, _ARM_FOLLOWS = 0.72, 0.5
"""How much of the bottle's tilt the hand and the forearm follow: the wrist bends for the rest."""
_SIDES = np.linspace(-1, 1, 15)
_BULGE = 3.2 * np.sqrt(1 - _SIDES**2)
"""How far a sleeve's end reaches over, across its width, world units."""
_LIGHT = np.array([0.25, 1.0])
"""The way that light falls on skin."""

Joint = tuple[float, float]


class Arm:
    """The arm of one take in one pose. Local units: the grip at (0, 0), the wrist to the right, y downwards."""

    def __init__(self, take: Take, pose: Pose, grip_radius: float) -> None:
        self._take, self._radius, self._closed = take, grip_radius, pose.closed
        self._at = np.array(pose.hand)
        self._hand_angle = _HAND_FOLLOWS * pose.tilt + 0.5 * take.arm_angle * (1 - pose.closed)
        arm_angle = take.arm_angle + _ARM_FOLLOWS * pose.tilt
        self._along = np.array([np.cos(arm_angle), -np.sin(arm_angle)])
        self._across = np.array([-self._along[1], self._along[0]])
        self._wrist = self._world(self._radius + 31.0, 2.0)

    def silhouette(self) -> list[Points]:
        """Return rough outlines, for shadows."""
        return [
            limb(self._on_arm(0), self._on_arm(300), 17, 34),
            limb(self._world(0.3 * self._radius, 0.0), self._on_arm(0), 24, 15),
        ]

    def paint_behind(self, canvas: Canvas) -> None:
        """Paint what the bottle hides: the thumb."""
        r, c = self._radius, self._closed
        joints = (
            (r + 14.0, -9.0),
            _between((4.0, -30.0), (0.35 * r, -24.0), c),
            _between((-17.0, -40.0), (-0.5 * r, -27.0), c),
        )
        self._paint_finger(canvas, joints, (10.5, 7.6, 6.3))

    def paint_before(self, canvas: Canvas) -> None:
        """Paint what hides the bottle: sleeve, forearm, palm and fingers."""
        self._paint_forearm(canvas)
        self._paint_sleeve(canvas)
        for height, radius, length in reversed(_FINGERS):
            radii = radius + 1.2, radius + 0.4, radius - 0.8
            self._paint_finger(canvas, self._finger(height, length), radii, nail=True)
        self._paint_palm(canvas)

    def _finger(self, height: float, length: float) -> tuple[Joint, Joint, Joint]:
        r, c = self._radius, self._closed
        lean = height * 0.16
        knuckle = _between((14.0, height), (0.78 * r, height * 0.98), c)
        bend = _between((-12.0 * length, height * 1.12 + lean), (0.02 * r, height - 0.6), c)
        tip = _between((-36.0 * length, height * 1.2 + 1.6 * lean + 3), (-0.62 * r * length, height + 0.4), c)
        return knuckle, bend, tip

    def _paint_finger(
        self,
        canvas: Canvas,
        joints: tuple[Joint, Joint, Joint],
        radii: tuple[float, float, float],
        *,
        nail: bool = False,
    ) -> None:
        a, b, c = (self._world(*joint) for joint in joints)
        ra, rb, rc = radii
        skin = self._take.skin
        edge = [limb(a, b, ra + 0.9, rb + 0.9), limb(b, c, rb + 0.9, rc + 0.9)]
        canvas.fill(*edge, paint=darker(mix(skin, (190, 70, 50), 0.2), 0.36))
        canvas.fill(limb(a, b, ra, rb), limb(b, c, rb, rc), paint=self._skin(joints[1], rb))
        if nail:
            x, y = joints[2][0] - 0.15 * rc, joints[2][1] - 0.3
            outline = turn(ellipse(x, y, 0.62 * rc, 0.5 * rc), self._hand_angle) + self._at
            canvas.fill(outline, paint=mix(lighter(skin, 0.45), (244, 170, 160), 0.25), alpha=0.75)

    def _paint_palm(self, canvas: Canvas) -> None:
        r, wrist = self._radius, (float(self._wrist[0]), float(self._wrist[1]))
        x = 14.0 + (0.74 * r - 14.0) * self._closed
        parts = [
            limb(self._world(x + 6, -13.0), wrist, 13.5, 14.0),
            limb(self._world(x + 6, 11.0), wrist, 13.0, 14.0),
            limb(self._world(x + 4, -11.0), self._world(x + 4, 10.0), 14.0, 13.0),
        ]
        canvas.fill(*parts, paint=self._skin((x + 14, -1.0), 25.0))
        knuckles = [turn(ellipse(x + 2, y * 0.95, 6.5, r * 0.7), self._hand_angle) + self._at for y, r, _ in _FINGERS]
        canvas.fill(*knuckles, paint=lighter(self._take.skin, 0.35), alpha=0.35, soft=1.6)

    def _paint_forearm(self, canvas: Canvas) -> None:
        bones = limb(self._on_arm(0), self._on_arm(170), 14.0, 25.0)
        canvas.fill(bones, paint=self._round(self._take.skin, 22.0, 60))

    def _paint_sleeve(self, canvas: Canvas) -> None:
        kind, cloth = self._take.sleeve_kind, self._take.sleeve
        start = 88.0 if kind == "rolled" else 26.0
        radius = 24.0 if kind == "rolled" else 20.0
        paint = self._round(cloth, 32.0, start)
        shade = [limb(self._on_arm(start - 5), self._on_arm(start + 10), radius - 3, radius - 2)]
        canvas.fill(*shade, paint=darker(self._take.skin, 0.75), alpha=0.35, soft=2.0)
        tube = self._tube(start, 420.0, radius, radius + 26)
        canvas.fill(tube, paint=paint)
        if kind == "stripes":
            for at in np.arange(start + 14, 300, 22):
                grow = radius + 26 * (at - start) / (420 - start)
                band = self._tube(at, at + 8, grow, grow + 0.5)
                canvas.fill(band, paint=self._round(lighter(mix(cloth, (255, 255, 255), 0.55), 0.2), 32.0, at))
        for at, lean in ((58.0, 0.3), (104.0, -0.25), (150.0, 0.2)):  # folds
            fold = limb(self._on_arm(start + at, -12.0), self._on_arm(start + at + 40 * lean, 16.0), 1.5, 3.5)
            canvas.fill(fold, paint=darker(cloth, 0.5), alpha=0.22, soft=2.2, within=tube)
        cuff = lighter(cloth, 0.5) if kind == "cuff" else darker(cloth, 0.12)
        width = {"rolled": 15.0, "cuff": 15.0}.get(kind, 8.0)
        band = self._tube(start - 1, start + width, radius + 1.2, radius + 1.8)
        canvas.fill(band, paint=self._round(cuff, 24.0, start))
        seam = self._tube(start + width, start + width + 1.6, radius + 1.2, radius + 1.4)
        canvas.fill(seam, paint=darker(cloth, 0.55), alpha=0.5)

    def _tube(self, start: float, end: float, first_radius: float, last_radius: float) -> Points:
        """Return part of a sleeve; its ends bulge towards the hand, as seen from a little above the elbow."""
        near = start - _BULGE[:, None], first_radius * _SIDES[:, None]
        far = end - _BULGE[:, None], last_radius * _SIDES[:, None]
        lines = [self._wrist + along * self._along + aside * self._across for along, aside in (near, far)]
        return np.concatenate([lines[0], lines[1][::-1]])

    def _skin(self, centre: Joint, radius: float) -> Gradient:
        skin = self._take.skin
        middle = np.array(self._world(*centre))
        return Gradient(
            _pair(middle - radius * _LIGHT),
            _pair(middle + radius * _LIGHT),
            (lighter(skin, 0.2), lighter(skin, 0.08), skin, darker(mix(skin, (200, 80, 60), 0.12), 0.22)),
        )

    def _round(self, colour: Colour, radius: float, at: float) -> Gradient:
        side = self._across if self._across[1] > 0 else -self._across
        middle = self._wrist + self._along * at
        return Gradient(
            _pair(middle - side * radius),
            _pair(middle + side * radius),
            (lighter(colour, 0.1), lighter(colour, 0.22), colour, darker(colour, 0.22), darker(colour, 0.42)),
        )

    def _world(self, x: float, y: float) -> tuple[float, float]:
        return _pair(turn(np.array([[x, y]]), self._hand_angle)[0] + self._at)

    def _on_arm(self, distance: float, aside: float = 0.0) -> tuple[float, float]:
        return _pair(self._wrist + self._along * distance + self._across * aside)


def _between(a: Joint, b: Joint, share: float) -> Joint:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _pair(point: Points) -> tuple[float, float]:
    return float(point[0]), float(point[1])
