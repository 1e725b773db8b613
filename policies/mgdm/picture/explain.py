"""MGDM's map at one step, as a picture for who watches it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from longhaul.policies.mgdm.mapping.episode_map import Survey
from longhaul.policies.mgdm.picture.floor_plan import Plan, plans, things
from longhaul.policies.mgdm.picture.maps import APART, SURE
from longhaul.policies.mgdm.picture.style import CELLS, COLORS, INK
from longhaul.policies.policy import Picture

SIDE, REACH = 400, 8.0
"""Pixels of the picture's side, and how far (m) it reaches from the robot in each direction."""

SCALE = SIDE / (2 * REACH)
MOVED = 0.05
"""A step that leads less far than this (m) is no part of the way."""

Array = NDArray[np.float32]
Point = tuple[float, float]


class ExplainedEpisode:
    """Keeps the way of an episode, as far as somebody watches it."""

    def __init__(self) -> None:
        self._way: list[Array] = []

    def map(
        self, survey: Survey, pose: Array, goal: Array | None, names: tuple[str, ...]
    ) -> Picture:
        """Draw the story that the robot is on, around it: z to the south, x to the east.

        `pose` (4,) is x, y, z in m and yaw in rad, `goal` (3,) where it goes, `names` of things
        (empty: not to be written).
        """
        if not self._way or np.linalg.norm(self._way[-1] - pose[:3]) > MOVED:
            self._way.append(np.array(pose[:3]))
        story = int(survey.semantic.story(np.asarray(pose[1])))
        found = [plan for plan in plans(survey, pose) if plan.story == story]
        picture = Image.new("RGB", (SIDE, SIDE), CELLS[0])
        for plan in found:
            _paste(picture, plan, pose)
        pen = ImageDraw.Draw(picture)
        here = [point for point in self._way if survey.semantic.story(point[1]) == story]
        way = [_at(point, pose) for point in here]
        if len(way) > 1:
            pen.line(way, fill=COLORS[0], width=3, joint="curve")
        names_here = [name for name in things(survey, names, SURE, APART) if name.story == story]
        _write(pen, [(name.text, _at(np.array([name.x, 0, name.z]), pose)) for name in names_here])
        if goal is not None:
            x, y = _at(goal, pose)
            pen.line([(SIDE / 2, SIDE / 2), (x, y)], fill=COLORS[1], width=1)
            pen.regular_polygon((x, y, 7), 4, fill=COLORS[1], outline="white")
        _robot(pen, float(pose[3]))
        return Picture(np.asarray(picture))


def _at(point: Array, pose: Array) -> Point:
    """Return the pixel of a point (3,)."""
    x, z = (SIDE / 2 + SCALE * (point - pose[:3])[[0, 2]]).tolist()
    return x, z


def _write(pen: ImageDraw.ImageDraw, texts: list[tuple[str, Point]]) -> None:
    """Write texts beside their points, the first ones first; one that has no room is left out."""
    font = ImageFont.load_default(11)
    taken: list[tuple[float, float, float, float]] = []
    for text, (x, y) in texts:
        box = pen.textbbox((x + 4, y - 7), text, font)
        if any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
            continue
        taken.append(box)
        pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=INK)
        pen.text((x + 4, y - 7), text, fill=INK, font=font)


def _paste(picture: Image.Image, plan: Plan, pose: Array) -> None:
    left, right, far, near = plan.edges
    cells = Image.fromarray(plan.cells).convert("P")
    cells.putpalette(bytes.fromhex("".join(color[1:] for color in CELLS)))
    size = round(SCALE * (right - left)), round(SCALE * (near - far))
    corner = round(SIDE / 2 + SCALE * (left - pose[0])), round(SIDE / 2 + SCALE * (far - pose[2]))
    picture.paste(cells.resize(size, Image.Resampling.NEAREST).convert("RGB"), corner)


def _robot(pen: ImageDraw.ImageDraw, yaw: float) -> None:
    """Draw an arrow the way it looks: at a yaw of 0 to -z, and to the left as that grows."""
    ahead = np.array([-np.sin(yaw), -np.cos(yaw)])
    aside = np.array([-ahead[1], ahead[0]])
    middle = np.array([SIDE / 2, SIDE / 2])
    corners = (middle + 12 * ahead, middle - 8 * ahead + 7 * aside, middle - 8 * ahead - 7 * aside)
    pen.polygon([tuple(corner) for corner in corners], fill=INK, outline="white")
