"""Set-of-marks: a screenshot with a numbered box around every element that can be acted on."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from longhaul.webagents.browser.layout import Box, Layout
from longhaul.webagents.browser.tree import INTERACTIVE_ROLES, Element

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

MARK_COLORS = ("#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#17becf")
LABEL_PX = 12
"""Height of a number's letters, in pixels."""

MIN_MARK_PX = 2
"""The least width and height, in pixels, of what bears a mark. Chosen here."""


@dataclass(frozen=True)
class Mark:
    """An element that can be acted on and is in view: its number and its box."""

    number: int
    box: Box


def capture(cdp: CDPSession, width: int, height: int) -> Image.Image:
    """Return the picture (RGB) of the viewport."""
    answer = cdp.send(
        "Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True, "fromSurface": True}
    )
    picture = Image.open(io.BytesIO(base64.b64decode(answer["data"]))).convert("RGB")
    return picture if picture.size == (width, height) else picture.resize((width, height))


def find_marks(elements: Sequence[Element], layout: Layout) -> list[Mark]:
    """Return a mark for every interactive element that is in view, in the tree's order: its
    box is the part that is in view."""
    found = []
    for element in elements:
        seen = layout.visible(element) if element.role in INTERACTIVE_ROLES else None
        if seen is None:
            continue
        left, top, right, bottom = seen
        if min(right - left, bottom - top) >= MIN_MARK_PX:
            found.append(Mark(element.number, (left, top, right - left, bottom - top)))
    return found


def draw_marks(picture: Image.Image, marks: Sequence[Mark]) -> NDArray[Any]:
    """Return the picture (H, W, 3 uint8) with a box and a number for every mark."""
    drawn = picture.copy()
    pen = ImageDraw.Draw(drawn)
    font = ImageFont.load_default(LABEL_PX)
    for mark in marks:
        left, top, width, height = mark.box
        color = MARK_COLORS[mark.number % len(MARK_COLORS)]
        pen.rectangle((left, top, left + width, top + height), outline=color, width=2)
        _label(pen, str(mark.number), left, top, color, font)
    return np.asarray(drawn)


def _label(
    pen: ImageDraw.ImageDraw, text: str, left: float, top: float, color: str, font: Any
) -> None:
    width = pen.textlength(text, font=font) + 4
    # The number is to the left of the box, so that it hides neither the box nor the line above.
    left = max(0.0, left - width)
    pen.rectangle((left, top, left + width, top + LABEL_PX + 2), fill=color)
    pen.text((left + 2, top), text, fill="white", font=font)
