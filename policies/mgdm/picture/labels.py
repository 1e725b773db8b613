"""Labels on a map that do not overlap: each is put where there is space, or left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

BESIDE_POINT = (
    *((0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0)),
    *((0.8, 0.8), (-0.8, 0.8), (0.8, -0.8), (-0.8, -0.8)),
)
"""Positions of a label beside its point, in the order in which they are tried: above, below, right,
left, corners."""

ON_POINT = ((0.0, 0.0),)
"""Position of a label on the point itself."""


class Labels:
    """Puts labels on axes. Sizes and gaps are in pixels of the figure."""

    def __init__(self, axes: Any) -> None:
        self._axes, self._renderer = axes, axes.figure.canvas.get_renderer()
        self._frame = axes.get_window_extent(self._renderer)
        self._taken: list[tuple[float, float, float, float]] = []

    def block(self, x: float, y: float, size: float) -> None:
        """Keep labels off a square of `size` pixels around a point."""
        across, up = self._axes.transData.transform((x, y))
        half = size / 2
        self._taken.append((across - half, up - half, across + half, up + half))

    def put(
        self,
        text: str,
        x: float,
        y: float,
        gap: float,
        style: Mapping[str, Any],
        places: Sequence[tuple[float, float]] = BESIDE_POINT,
        forced: bool = False,
    ) -> bool:
        """Write a text `gap` pixels beside a point, at the first of `places` where there is space.

        Returns whether there was any. With `forced` the text is written at the first place in any
        case.
        """
        across, up = self._axes.transData.transform((x, y))
        made = self._axes.text(x, y, text, ha="center", va="center", **style)
        box = made.get_window_extent(self._renderer)
        padding = 6 if "bbox" in style else 0
        width, height = box.width + 2 + padding, box.height + padding
        for right, above in places:
            middle = across + right * (gap + width / 2), up + above * (gap + height / 2)
            left, low = middle[0] - width / 2, middle[1] - height / 2
            corners = (left, low, left + width, low + height)
            if forced or self._is_free(corners):
                made.set_position(self._axes.transData.inverted().transform(middle))
                self._taken.append(corners)
                return True
        made.remove()
        return False

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        frame = self._frame
        inside = frame.x0 < box[0] and box[2] < frame.x1 and frame.y0 < box[1] and box[3] < frame.y1
        taken = np.array(self._taken).reshape(-1, 4)
        apart = (taken[:, 0] >= box[2]) | (taken[:, 2] <= box[0])
        apart |= (taken[:, 1] >= box[3]) | (taken[:, 3] <= box[1])
        return bool(inside and apart.all())


def halo(color: str, width: float = 2.0) -> Mapping[str, Any]:
    """Return the style of a text with an outline, which is legible on any background."""
    from matplotlib import patheffects

    outline = patheffects.withStroke(linewidth=width, foreground=color)
    return {"path_effects": [outline]}
