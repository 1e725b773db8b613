"""The contents of the map's SVG: the window of the town that is shown, and what is drawn in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from longhaul.webagents.sites.map.seed import (
    BLOCK_M,
    JUNCTION_COLUMNS,
    PARK_CORNERS,
    RIVER_ROW,
    TOWN_HEIGHT_M,
    TOWN_WIDTH_M,
)
from longhaul.webagents.sites.store import Store

ZOOM_FACTORS = (1.0, 1.7, 2.9, 4.9)
"""The ratio of the town's width to the window's, by zoom level."""

VIEW_PX = (820.0, 620.0)
"""Width and height of the drawing on the page, in pixels."""

PAN_SHARE = 0.4
"""The share of the window's size by which a pan moves it."""


@dataclass(frozen=True)
class Window:
    """The section of the town that is shown: `zoom` is an index of ZOOM_FACTORS, `x` and `y` are
    the center (m)."""

    zoom: int
    x: float
    y: float

    @property
    def width(self) -> float:
        return max(TOWN_WIDTH_M, TOWN_HEIGHT_M * VIEW_PX[0] / VIEW_PX[1]) / ZOOM_FACTORS[self.zoom]

    @property
    def height(self) -> float:
        return self.width * VIEW_PX[1] / VIEW_PX[0]

    @property
    def box(self) -> str:
        """The window as an SVG's viewBox."""
        left, top = self.x - self.width / 2, self.y - self.height / 2
        return f"{left:.1f} {top:.1f} {self.width:.1f} {self.height:.1f}"

    @property
    def pixel(self) -> float:
        """Meters that one pixel of the page shows."""
        return self.width / VIEW_PX[0]

    @classmethod
    def over(cls, zoom: int, x: float, y: float) -> Window:
        """Return the window around a point, moved so that it lies within the town."""
        size = cls(zoom, 0, 0)
        left, top = min(size.width, TOWN_WIDTH_M) / 2, min(size.height, TOWN_HEIGHT_M) / 2
        return cls(
            zoom, min(max(x, left), TOWN_WIDTH_M - left), min(max(y, top), TOWN_HEIGHT_M - top)
        )

    def moved(self, right: float = 0, down: float = 0, nearer: int = 0) -> dict[str, int]:
        """Return the query of a window that is moved by pans `right` and `down`, or zoomed in by
        `nearer` levels."""
        zoom = min(max(self.zoom + nearer, 0), len(ZOOM_FACTORS) - 1)
        x, y = self.x + right * PAN_SHARE * self.width, self.y + down * PAN_SHARE * self.height
        window = Window.over(zoom, x, y)
        return {"zoom": zoom, "x": int(window.x), "y": int(window.y)}


def window_around(points: list[tuple[float, float]]) -> Window:
    """Return the smallest window with all the points in it; that of the whole town for none."""
    if not points:
        return Window(0, TOWN_WIDTH_M / 2, TOWN_HEIGHT_M / 2)
    low, high = np.min(points, axis=0), np.max(points, axis=0)
    x, y = (float(v) for v in (low + high) / 2)
    for zoom in reversed(range(len(ZOOM_FACTORS) - 1)):
        window = Window.over(zoom, x, y)
        if np.all((high - low) * 1.25 <= (window.width, window.height)):
            return window
    return Window(0, TOWN_WIDTH_M / 2, TOWN_HEIGHT_M / 2)


@dataclass(frozen=True)
class Marker:
    """A pin with a letter or number on it."""

    label: str
    x: float
    y: float


@dataclass
class Ground:
    """What all drawings of a town have in common: river, park, streets, houses, places."""

    store: Store
    width: float = TOWN_WIDTH_M
    height: float = TOWN_HEIGHT_M
    river: str = field(init=False)
    park: tuple[float, float, float, float] = field(init=False)

    def __post_init__(self) -> None:
        xs = np.linspace(-BLOCK_M, TOWN_WIDTH_M + BLOCK_M, 40)
        ys = BLOCK_M * (RIVER_ROW + 1.1) + 18 * np.sin(xs / 260)
        self.river = "M" + " L".join(f"{x:.0f} {y:.0f}" for x, y in zip(xs, ys, strict=True))
        left, top, right, bottom = (BLOCK_M * (edge + 0.6) for edge in PARK_CORNERS)
        self.park = (left, top, right - left, bottom - top)

    @cached_property
    def streets(self) -> list[dict[str, Any]]:
        """Every piece of street with the coordinates of both ends (m)."""
        return self.store.all(
            "SELECT s.*, p.x AS x1, p.y AS y1, q.x AS x2, q.y AS y2 FROM streets s "
            "JOIN junctions p ON p.id = s.a JOIN junctions q ON q.id = s.b ORDER BY s.id"
        )

    @cached_property
    def names(self) -> list[dict[str, Any]]:
        """The names of streets with position (m) and angle (degrees), on every third piece."""
        written = []
        for piece in self.streets:
            across = piece["b"] == piece["a"] + 1
            along = piece["a"] % JUNCTION_COLUMNS if across else piece["a"] // JUNCTION_COLUMNS
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
