"""Pictures of what a site offers: a pattern for every number, in a colour that has a name."""

from __future__ import annotations

import io
from collections.abc import Collection
from functools import lru_cache

from PIL import Image, ImageDraw

SIZE = 240
PAPER = "#f4f4f0"
INK = "#333333"


@lru_cache(maxsize=512)
def draw(number: int, colour: str, colours: Collection[str]) -> bytes:
    """Return the picture (PNG, SIZE x SIZE) of a thing. Raises ValueError for a colour that is
    none of `colours`."""
    if colour not in colours:
        raise ValueError(f"colour {colour} is unknown; valid: {', '.join(colours)}")
    image = Image.new("RGB", (SIZE, SIZE), PAPER)
    pen = ImageDraw.Draw(image)
    shape = (pen.ellipse, pen.rectangle, pen.rounded_rectangle)[number % 3]
    for ring in range(3 + number % 4):
        inset = 30 + ring * (12 + number % 7)
        if inset < SIZE / 2:
            box = (inset, inset, SIZE - inset, SIZE - inset)
            shape(box, fill=colour.lower() if ring % 2 == 0 else PAPER, outline=INK)
    pen.line((20, SIZE - 20, 20 + 8 * (number % 25), SIZE - 20), fill=INK, width=6)
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()
