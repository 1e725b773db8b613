"""What the robot sees in words, from the simulator's own ids: for `captions: oracle`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import degrees

import numpy as np

from longhaul.envs.lhvln.simulator import VIEW_YAWS, Object, Picture

MIN_PICTURE_SHARE = 0.001
"""Share of a picture's pixels below which an object counts as not seen."""

MAX_SENTENCES = 12
"""Most objects that a caption names; the nearest ones are named."""

BACKGROUND_CATEGORIES = frozenset({"floor", "wall", "ceiling"})
"""Categories that are almost always in view and are left out of captions."""


def describe(pictures: Mapping[str, Picture], objects: Iterable[Object], hfov: float) -> str:
    """Return a sentence for each object in view, the nearest first, with distance and bearing.

    `pictures` have ids and depth, by the names of VIEW_YAWS; `hfov` is their horizontal field of
    view (degrees). An object in several views is named once, as seen in the view with most of it.
    """
    names = {
        thing.id: thing.category for thing in objects if thing.category not in BACKGROUND_CATEGORIES
    }
    seen: dict[int, tuple[int, float, float]] = {}
    for view, picture in pictures.items():
        for number, entry in _things(picture, degrees(VIEW_YAWS[view]), hfov).items():
            if number in names:
                seen[number] = max(entry, seen.get(number, entry))
    nearest = sorted((far, round(angle), names[n]) for n, (_, far, angle) in seen.items())
    sentences = [f"A {name} is {far:.1f} m away, {_where(angle)}." for far, angle, name in nearest]
    return " ".join(sentences[:MAX_SENTENCES]) or "Nothing that has a name is in view."


def _things(picture: Picture, middle: float, hfov: float) -> dict[int, tuple[int, float, float]]:
    """Return size (pixels), distance (m) and bearing (degrees, left is positive) of every id."""
    assert picture.ids is not None and picture.depth is not None
    columns = np.broadcast_to(np.arange(picture.ids.shape[1]), picture.ids.shape)
    half, width = np.tan(np.radians(hfov) / 2), picture.ids.shape[1]
    found = {}
    for number in np.unique(picture.ids):
        mask = picture.ids == number
        size = int(mask.sum())
        if number and size >= MIN_PICTURE_SHARE * mask.size:
            across = (2 * (float(columns[mask].mean()) + 0.5) / width - 1) * half
            far = float(np.median(picture.depth[mask])) * float(np.hypot(1, across))
            found[int(number)] = size, far, middle - degrees(float(np.arctan(across)))
    return found


def _where(angle: int) -> str:
    if angle == 0:
        return "straight ahead"
    return f"{abs(angle)} degrees to the {'left' if angle > 0 else 'right'}"
