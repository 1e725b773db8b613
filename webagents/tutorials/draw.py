"""Draws over a page's picture: a pointer, a frame around an element, and a caption below."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from longhaul.webagents.tutorials.screencast import Picture

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels of the page's picture."""

BAR_PX = 60
"""Height of the bar with the caption, in pixels."""

BAR_COLOR, TEXT_COLOR = "#20262e", "#ffffff"
MARK_COLOR = np.array((255, 140, 0), np.uint8)
PRESSED_COLOR = np.array((220, 30, 30), np.uint8)
POINTER_OUTLINE = ((0, 0), (0, 26), (6, 20), (11, 31), (16, 29), (11, 18), (19, 18))
"""The outline of an arrow whose tip is at the origin, in pixels."""

MARK_PX = 3
MARK_MARGIN_PX = 5
"""Thickness of a mark's lines, and their distance from the element, in pixels."""


def compose(
    page: Picture, caption: str, pointer: tuple[float, float], mark: Box | None, pressed: bool
) -> Picture:
    """Return a frame (H + BAR_PX, W, 3): the page, the caption, the pointer with its tip at
    `pointer` (x, y in pixels), and a mark around a box, in another color while it is pressed."""
    frame = np.concatenate((page, _bar(caption, page.shape[1])))
    if mark is not None:
        _outline(frame[: page.shape[0]], mark, PRESSED_COLOR if pressed else MARK_COLOR)
    _point(frame[: page.shape[0]], pointer)
    return frame


@lru_cache(maxsize=64)
def _bar(caption: str, width: int) -> Picture:
    image = Image.new("RGB", (width, BAR_PX), BAR_COLOR)
    pen = ImageDraw.Draw(image)
    size = 26
    font = ImageFont.load_default(size)
    while pen.textlength(caption, font=font) > width - 40 and size > 10:
        size -= 1
        font = ImageFont.load_default(size)
    pen.text((width / 2, BAR_PX / 2), caption, TEXT_COLOR, font, anchor="mm")
    return np.asarray(image)


def _outline(page: Picture, box: Box, color: NDArray[np.uint8]) -> None:
    height, width = page.shape[:2]
    left, top = (int(max(value - MARK_MARGIN_PX, 0)) for value in box[:2])
    right, bottom = (
        int(min(box[2] + MARK_MARGIN_PX, width)),
        int(min(box[3] + MARK_MARGIN_PX, height)),
    )
    for area in (
        page[top : top + MARK_PX, left:right],
        page[bottom - MARK_PX : bottom, left:right],
        page[top:bottom, left : left + MARK_PX],
        page[top:bottom, right - MARK_PX : right],
    ):
        area[:] = color


@lru_cache(maxsize=1)
def _arrow() -> tuple[Picture, NDArray[np.float32]]:
    """Return the arrow's colors and its opacity (H, W, 1)."""
    size = (22, 34)
    large = Image.new("RGBA", (size[0] * 4, size[1] * 4), (0, 0, 0, 0))
    outline = [(4 * x + 4, 4 * y + 4) for x, y in POINTER_OUTLINE]
    ImageDraw.Draw(large).polygon(outline, fill="black", outline="white", width=6)
    drawn = np.asarray(large.resize(size, Image.Resampling.LANCZOS))
    opacity = (drawn[..., 3:] / 255).astype(np.float32)
    return drawn[..., :3], opacity


def _point(page: Picture, tip: tuple[float, float]) -> None:
    colors, opacity = _arrow()
    x, y = (max(round(value) - 1, 0) for value in tip)
    under = page[y : y + colors.shape[0], x : x + colors.shape[1]]
    height, width = under.shape[:2]
    visible = opacity[:height, :width]
    under[:] = visible * colors[:height, :width] + (1 - visible) * under
