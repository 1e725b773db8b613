"""Houses that the tests of plans and of furnishing look at: made once."""

from __future__ import annotations

from functools import cache

from shapely import Polygon

from longhaul.navgen.houses.house import House, Placed
from longhaul.navgen.houses.make import make_house

SEEDS = range(24)


@cache
def house(seed: int) -> House:
    """Return the house of a seed."""
    return make_house(seed)


def footprint(placed: Placed) -> Polygon:
    """Return the turned bounding rectangle of an object, by complex numbers: x + iz."""
    import numpy as np

    low, high = placed.model.bounds()
    corners = [
        (x, z)
        for x, z in ((low[0], low[2]), (high[0], low[2]), (high[0], high[2]), (low[0], high[2]))
    ]
    turn = np.exp(-1j * placed.yaw)
    points = [
        (x + 1j * z) * turn + placed.position[0] + 1j * placed.position[2] for x, z in corners
    ]
    return Polygon([(p.real, p.imag) for p in points])


def heights(placed: Placed) -> tuple[float, float]:
    """Return the lowest and highest y of an object."""
    low, high = placed.model.bounds()
    return placed.position[1] + low[1], placed.position[1] + high[1]
