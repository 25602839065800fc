"""The frames of one take: the room, and in it the glass, the bottle, the drink and the hand."""

from __future__ import annotations

import cv2
import numpy as np

from core.base.types import Image
from core.sample.arm import Arm
from core.sample.canvas import Canvas, Points, chain, darker, ellipse, lighter
from core.sample.drink import DrinkInGlass, paint_in_bottle, paint_stream
from core.sample.motion import GRIP_HEIGHT, Choreography, Pose
from core.sample.props import BOTTLES, GLASSES, bottle_body, glass_body, turn
from core.sample.room import TABLE_TOP, paint_room, view_of_room
from core.sample.take import HEIGHT, WIDTH, Take

_OVERSAMPLING = 1.5
_SHADOW_SHRINK = 8


class SceneRenderer:
    """Draws the frames of a take, one at a time and in any order."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._bottle, self._glass = BOTTLES[take.bottle], GLASSES[take.glass]
        self._moves = Choreography(take, self._bottle, self._glass)
        self._bottle_body = bottle_body(self._bottle, take.bottle_tint, take.label, lighter(take.label, 0.72))
        self._glass_body = glass_body(self._glass)
        self._room_scale = _OVERSAMPLING * take.camera.zoom
        self._room = paint_room(take, self._room_scale)

    def frame(self, index: int) -> Image:
        """Return (HEIGHT, WIDTH, 3) uint8 RGB of the frame at `index`, from 0."""
        pose = self._moves.pose(index)
        view = _view(self._take, index)
        size = int(WIDTH * _OVERSAMPLING), int(HEIGHT * _OVERSAMPLING)
        matrix = chain(view, view_of_room(self._room_scale))
        image = cv2.warpAffine(self._room, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        canvas = Canvas(np.asarray(image, np.uint8), view)
        arm = Arm(self._take, pose, float(self._bottle.radius(self._bottle.height * GRIP_HEIGHT)))
        self._shadows(canvas, pose, arm)
        self._paint_glass(canvas, pose, index)
        self._paint_bottle(canvas, pose, arm)
        return np.asarray(cv2.resize(canvas.image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)

    def _shadows(self, canvas: Canvas, pose: Pose, arm: Arm) -> None:
        take, lean = self._take, 0.06 * (260 - self._take.glow[0])
        dark, y = darker(take.palette.table, 0.85), take.base_y
        foot = float(self._glass.radii[0])
        canvas.fill(ellipse(take.glass_x + 0.6 * lean, y + 2, foot * 1.35, 8), paint=dark, alpha=0.4, soft=3.5)
        canvas.fill(ellipse(take.glass_x, y + 1.5, foot * 1.02, 5), paint=dark, alpha=0.5, soft=1.0)
        base_x, base_y = _pair(self._place(np.zeros((1, 2)), pose)[0])
        high = max(y - base_y, 0.0)
        wide = float(self._bottle.radii[0]) * (1.25 + abs(np.sin(pose.tilt)) * 1.2)
        below = ellipse((base_x + pose.grip[0]) / 2 + lean * (0.6 + high / 60), y + 2, wide, 8)
        canvas.fill(below, paint=dark, alpha=0.42 / (1 + high / 45), soft=3 + high / 12)
        touching = 0.5 - high / 12
        canvas.fill(ellipse(base_x, y + 1.5, wide * 0.82, 5), paint=dark, alpha=touching, soft=1)
        canvas.fill(ellipse(pose.hand[0] + 42, y + 14, 64, 10), paint=dark, alpha=0.2, soft=8)
        self._cast_on_wall(canvas, pose, arm, lean)

    def _cast_on_wall(self, canvas: Canvas, pose: Pose, arm: Arm, lean: float) -> None:
        height, width = canvas.image.shape[:2]
        small = np.zeros((height // _SHADOW_SHRINK, width // _SHADOW_SHRINK, 3), np.uint8)
        caster = Canvas(small, canvas.view / _SHADOW_SHRINK)
        offset = np.array([lean, 12.0])
        bottle = self._place(self._bottle.outline(), pose)
        glass = self._glass.inside() * np.array([1.05, 1.0]) + np.array([self._take.glass_x, self._take.base_y])
        wall = np.array([[-400, -400], [900, -400], [900, TABLE_TOP], [-400, TABLE_TOP]], float)
        for shapes, alpha in (([*arm.silhouette(), bottle], 1.0), ([glass], 0.5)):
            caster.fill(*(shape + offset for shape in shapes), paint=(255, 255, 255), alpha=alpha, soft=7, within=wall)
        canvas.shade(np.ascontiguousarray(small[:, :, 0]), 0.2)

    def _paint_glass(self, canvas: Canvas, pose: Pose, index: int) -> None:
        take, body = self._take, self._glass_body
        at = np.array([[1.0, 0.0, take.glass_x], [0.0, 1.0, take.base_y]])
        drink = DrinkInGlass(take, self._glass, pose.level)
        canvas.paste(body.back[0], chain(at, body.back[1]))
        drink.paint(canvas, index)
        lip = np.array([[1 - self._bottle.top_radius, 0.5 - self._bottle.height]])
        paint_stream(canvas, take, self._place(lip, pose)[0], pose.stream, drink.surface_y, index)
        canvas.paste(body.front[0], chain(at, body.front[1]))

    def _paint_bottle(self, canvas: Canvas, pose: Pose, arm: Arm) -> None:
        arm.paint_behind(canvas)
        foot = self._bottle.height * GRIP_HEIGHT
        cos, sin = np.cos(pose.tilt), np.sin(pose.tilt)
        at = np.array([[cos, sin, pose.grip[0] + sin * foot], [-sin, cos, pose.grip[1] + cos * foot]])
        canvas.paste(self._bottle_body.back[0], chain(at, self._bottle_body.back[1]))
        inside = self._place(self._bottle.inside(), pose)
        side = np.array([cos, -sin]) * float(self._bottle.radii.max())
        paint_in_bottle(canvas, self._take.drink, inside, np.array(pose.grip), side, pose.bottle_full)
        canvas.paste(self._bottle_body.front[0], chain(at, self._bottle_body.front[1]))
        arm.paint_before(canvas)

    def _place(self, points: Points, pose: Pose) -> Points:
        return turn(points + np.array([0.0, self._bottle.height * GRIP_HEIGHT]), pose.tilt) + pose.grip


def _view(take: Take, index: int) -> Points:
    """Return (2, 3) from world units to the pixels of the oversampled picture."""
    camera, share = take.camera, index / max(take.num_frames - 1, 1) - 0.5
    a, b, c, d, e, f = camera.shake_phases
    shake_x = np.sin(index * 0.11 + a) + 0.5 * np.sin(index * 0.29 + b) + 0.2 * np.sin(index * 0.67 + c)
    shake_y = np.sin(index * 0.13 + d) + 0.5 * np.sin(index * 0.24 + e) + 0.2 * np.sin(index * 0.61 + f)
    x = camera.centre[0] + camera.drift[0] * share + camera.shake * shake_x
    y = camera.centre[1] + camera.drift[1] * share + camera.shake * shake_y
    scale = _OVERSAMPLING * camera.zoom * (1 + camera.zoom_drift * share)
    roll = camera.roll + 0.002 * camera.shake * np.sin(index * 0.09 + b)
    turn = scale * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    if take.mirrored:
        turn = np.diag([-1.0, 1.0]) @ turn
    middle = np.array([WIDTH, HEIGHT]) * _OVERSAMPLING / 2
    return np.column_stack([turn, middle - turn @ (x, y)])


def _pair(point: Points) -> tuple[float, float]:
    return float(point[0]), float(point[1])
