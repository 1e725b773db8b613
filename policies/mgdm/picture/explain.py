"""MGDM's map at one step, as a picture for the viewer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from longhaul.policies.mgdm.mapping.episode_map import EpisodeMap
from longhaul.policies.mgdm.picture.floor_plan import Plan, plans, things
from longhaul.policies.mgdm.picture.maps import NAME_SEPARATION_M, NAMED_EVIDENCE
from longhaul.policies.mgdm.picture.style import CELL_COLORS, INK, SUBTASK_COLORS
from longhaul.policies.policy import Picture

PICTURE_SIDE, RANGE_M = 400, 8.0
"""Pixels of the picture's side, and the distance (m) from the robot to its edges; ours."""

PIXELS_PER_M = PICTURE_SIDE / (2 * RANGE_M)

MIN_MOVE_M = 0.05
"""A step that leads less far than this (m) adds no point to the path; ours."""

Array = NDArray[np.float32]
Point = tuple[float, float]


class EpisodeExplanation:
    """Draws the map of an episode, and keeps the path between the steps at which it is drawn."""

    def __init__(self) -> None:
        self._path: list[Array] = []

    def map(
        self,
        episode_map: EpisodeMap,
        pose: Array,
        destination: Array | None,
        names: tuple[str, ...],
    ) -> Picture:
        """Draw the surroundings of the robot on its story, with x to the right and z downwards.

        `pose` (4,) is x, y, z in m and yaw in rad, `destination` (3,) is in m. `names` are those of
        the things; an empty one is not written.
        """
        if not self._path or np.linalg.norm(self._path[-1] - pose[:3]) > MIN_MOVE_M:
            self._path.append(np.array(pose[:3]))
        story = int(episode_map.semantic.story(np.asarray(pose[1])))
        found = [plan for plan in plans(episode_map, pose) if plan.story == story]
        picture = Image.new("RGB", (PICTURE_SIDE, PICTURE_SIDE), CELL_COLORS[0])
        for plan in found:
            _paste(picture, plan, pose)
        pen = ImageDraw.Draw(picture)
        here = [point for point in self._path if episode_map.semantic.story(point[1]) == story]
        path = [_at(point, pose) for point in here]
        if len(path) > 1:
            pen.line(path, fill=SUBTASK_COLORS[0], width=3, joint="curve")
        named = things(episode_map, names, NAMED_EVIDENCE, NAME_SEPARATION_M)
        names_here = [name for name in named if name.story == story]
        _write(pen, [(name.text, _at(np.array([name.x, 0, name.z]), pose)) for name in names_here])
        if destination is not None:
            x, y = _at(destination, pose)
            middle = PICTURE_SIDE / 2, PICTURE_SIDE / 2
            pen.line([middle, (x, y)], fill=SUBTASK_COLORS[1], width=1)
            pen.regular_polygon((x, y, 7), 4, fill=SUBTASK_COLORS[1], outline="white")
        _robot(pen, float(pose[3]))
        return Picture(np.asarray(picture))


def _at(point: Array, pose: Array) -> Point:
    """Return the pixel of a point (3,)."""
    x, z = (PICTURE_SIDE / 2 + PIXELS_PER_M * (point - pose[:3])[[0, 2]]).tolist()
    return x, z


def _write(pen: ImageDraw.ImageDraw, texts: list[tuple[str, Point]]) -> None:
    """Write texts beside their points, the first ones first; a text without space is left out."""
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
    cells.putpalette(bytes.fromhex("".join(color[1:] for color in CELL_COLORS)))
    size = round(PIXELS_PER_M * (right - left)), round(PIXELS_PER_M * (near - far))
    x, y = left - pose[0], far - pose[2]
    corner = round(PICTURE_SIDE / 2 + PIXELS_PER_M * x), round(PICTURE_SIDE / 2 + PIXELS_PER_M * y)
    picture.paste(cells.resize(size, Image.Resampling.NEAREST).convert("RGB"), corner)


def _robot(pen: ImageDraw.ImageDraw, yaw: float) -> None:
    """Draw an arrow in the direction of a yaw (rad): 0 is up, to -z, and it grows to the left."""
    ahead = np.array([-np.sin(yaw), -np.cos(yaw)])
    aside = np.array([-ahead[1], ahead[0]])
    middle = np.array([PICTURE_SIDE / 2, PICTURE_SIDE / 2])
    corners = (middle + 12 * ahead, middle - 8 * ahead + 7 * aside, middle - 8 * ahead - 7 * aside)
    pen.polygon([tuple(corner) for corner in corners], fill=INK, outline="white")
