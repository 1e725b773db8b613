"""Pictures of what a site offers: what kind of thing it is, in a color that has a name."""

from __future__ import annotations

import io
from collections.abc import Collection
from functools import lru_cache

from PIL import Image, ImageColor, ImageDraw

from longhaul.errors import unknown
from longhaul.webagents.sites.silhouettes import SILHOUETTES, UNKNOWN

SIZE = 240
FINE = 2
"""Drawn so many times larger, for smooth edges."""

GRID = 24
PAPER = ("#f4f4f0", "#eef2f5", "#f5f0ea", "#eff3ec")
INK = (70, 66, 62)
RGB = tuple[int, int, int]


@lru_cache(maxsize=512)
def draw(title: str, color: str, colors: Collection[str], number: int = 0) -> bytes:
    """Return the picture (PNG, SIZE x SIZE) of the thing that a title names, or of a parcel;
    `number` chooses what it stands on. Raises ValueError for a color that is none of `colors`."""
    if color not in colors:
        raise ValueError(unknown(f"color {color}", colors))
    scale = SIZE * FINE * 0.8 / GRID
    image = Image.new("RGB", (SIZE * FINE, SIZE * FINE), PAPER[number % len(PAPER)])
    pen = ImageDraw.Draw(image)
    tones = _tones(ImageColor.getrgb(color)[:3])
    for shape in drawing_of(title).split(";"):
        tone, form, *numbers = shape.split()
        points = [SIZE * FINE * 0.1 + scale * float(value) for value in numbers]
        fill, edge = tones[tone], round(scale * 0.12)
        if form == "e":
            pen.ellipse(points, fill=fill, outline=INK, width=edge)
        elif form == "r":
            pen.rounded_rectangle(points, scale * 0.5, fill=fill, outline=INK, width=edge)
        elif form == "p":
            pen.polygon(points, fill=fill, outline=INK, width=edge)
        else:
            pen.line(points, fill=fill, width=round(scale * 1.3), joint="curve")
    data = io.BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(data, "PNG")
    return data.getvalue()


def drawing_of(title: str) -> str:
    """Return the drawing of the kind of thing that a title names: the longest, where several."""
    named = [kind for kind in SILHOUETTES if kind in title]
    return SILHOUETTES[max(named, key=len)] if named else UNKNOWN


def _tones(color: tuple[int, ...]) -> dict[str, RGB]:
    """Return a color's tones; white is a little gray and black a little lighter, to be seen."""
    main = _mixed(color, (120, 120, 120), 0.12)
    return {
        "main": main,
        "dark": _mixed(main, (0, 0, 0), 0.3),
        "light": _mixed(main, (255, 255, 255), 0.6),
        "ink": INK,
    }


def _mixed(one: tuple[int, ...], other: RGB, share: float) -> RGB:
    red, green, blue = (round((1 - share) * a + share * b) for a, b in zip(one, other, strict=True))
    return red, green, blue
