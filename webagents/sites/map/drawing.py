"""The map as SVG: what there is in a window of the town, in the order in which it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from longhaul.webagents.sites.map.seed import BLOCK, COLUMNS, HEIGHT, PARK, RIVER_ROW, WIDTH
from longhaul.webagents.sites.store import Store

ZOOMS = (1.0, 1.7, 2.9, 4.9)
"""How often the town's width goes into the window's, by zoom level."""

VIEW = (820.0, 620.0)
"""Size of the drawing on the page, in pixels."""

STEP = 0.4
"""What part of the window a pan moves it."""


@dataclass(frozen=True)
class Window:
    """What is seen: `zoom` is an index of ZOOMS, the center in meters."""

    zoom: int
    x: float
    y: float

    @property
    def width(self) -> float:
        return max(WIDTH, HEIGHT * VIEW[0] / VIEW[1]) / ZOOMS[self.zoom]

    @property
    def height(self) -> float:
        return self.width * VIEW[1] / VIEW[0]

    @property
    def box(self) -> str:
        """The window as an SVG's viewBox."""
        left, top = self.x - self.width / 2, self.y - self.height / 2
        return f"{left:.1f} {top:.1f} {self.width:.1f} {self.height:.1f}"

    @property
    def pixel(self) -> float:
        """Meters that one pixel of the page shows."""
        return self.width / VIEW[0]

    @classmethod
    def over(cls, zoom: int, x: float, y: float) -> Window:
        """Return the window around a point, or as near as it can be without leaving the town."""
        size = cls(zoom, 0, 0)
        left, top = min(size.width, WIDTH) / 2, min(size.height, HEIGHT) / 2
        return cls(zoom, min(max(x, left), WIDTH - left), min(max(y, top), HEIGHT - top))

    def moved(self, right: float = 0, down: float = 0, nearer: int = 0) -> dict[str, int]:
        """Return the query of a window beside this one, or nearer."""
        zoom = min(max(self.zoom + nearer, 0), len(ZOOMS) - 1)
        x, y = self.x + right * STEP * self.width, self.y + down * STEP * self.height
        window = Window.over(zoom, x, y)
        return {"zoom": zoom, "x": int(window.x), "y": int(window.y)}


def window_around(points: list[tuple[float, float]]) -> Window:
    """Return the nearest window in which all of some points are; of all the town for none."""
    if not points:
        return Window(0, WIDTH / 2, HEIGHT / 2)
    low, high = np.min(points, axis=0), np.max(points, axis=0)
    x, y = (float(v) for v in (low + high) / 2)
    for zoom in reversed(range(len(ZOOMS) - 1)):
        window = Window.over(zoom, x, y)
        if np.all((high - low) * 1.25 <= (window.width, window.height)):
            return window
    return Window(0, WIDTH / 2, HEIGHT / 2)


@dataclass(frozen=True)
class Marker:
    """A pin with a letter or number on it."""

    label: str
    x: float
    y: float


@dataclass
class Ground:
    """What all drawings of a town share, as the template draws it."""

    store: Store
    width: float = WIDTH
    height: float = HEIGHT
    river: str = field(init=False)
    park: tuple[float, float, float, float] = field(init=False)

    def __post_init__(self) -> None:
        xs = np.linspace(-BLOCK, WIDTH + BLOCK, 40)
        ys = BLOCK * (RIVER_ROW + 1.1) + 18 * np.sin(xs / 260)
        self.river = "M" + " L".join(f"{x:.0f} {y:.0f}" for x, y in zip(xs, ys, strict=True))
        left, top, right, bottom = (BLOCK * (edge + 0.6) for edge in PARK)
        self.park = (left, top, right - left, bottom - top)

    @cached_property
    def streets(self) -> list[dict[str, Any]]:
        """Every street's pieces with both ends."""
        return self.store.all(
            "SELECT s.*, p.x AS x1, p.y AS y1, q.x AS x2, q.y AS y2 FROM streets s "
            "JOIN junctions p ON p.id = s.a JOIN junctions q ON q.id = s.b ORDER BY s.id"
        )

    @cached_property
    def names(self) -> list[dict[str, Any]]:
        """Where streets' names are written, with the angle: on every third piece."""
        written = []
        for piece in self.streets:
            across = piece["b"] == piece["a"] + 1
            along = piece["a"] % COLUMNS if across else piece["a"] // COLUMNS
            if along % 3 == (1 if across else 0) and piece["kind"] != "path":
                x, y = (piece["x1"] + piece["x2"]) / 2, (piece["y1"] + piece["y2"]) / 2
                angle = np.degrees(np.arctan2(piece["y2"] - piece["y1"], piece["x2"] - piece["x1"]))
                turned = angle - 180 if angle > 91 else angle
                written.append(dict(name=piece["name"], x=x, y=y, angle=round(float(turned), 1)))
        return written

    @cached_property
    def houses(self) -> list[dict[str, Any]]:
        return self.store.all("SELECT * FROM houses")

    @cached_property
    def places(self) -> list[dict[str, Any]]:
        return self.store.all("SELECT id, name, category, x, y FROM places ORDER BY id")
