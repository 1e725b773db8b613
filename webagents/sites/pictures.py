"""Draws pictures of the goods on a site: their kind of thing, in a color that has a name."""

from __future__ import annotations

import io
from collections.abc import Collection
from functools import lru_cache

from PIL import Image, ImageColor, ImageDraw

from longhaul.errors import unknown
from longhaul.webagents.sites.silhouettes import PARCEL, SILHOUETTES

PICTURE_PX = 240
"""The side of a picture, in pixels."""

SUPERSAMPLING = 2
"""The factor by which pictures are drawn larger and then reduced, for smooth edges."""

DRAWING_UNITS = 24
"""The side of the square on which the drawings of silhouettes.py are defined."""

BACKGROUNDS = ("#f4f4f0", "#eef2f5", "#f5f0ea", "#eff3ec")
INK_COLOR = (70, 66, 62)
RGB = tuple[int, int, int]


@lru_cache(maxsize=512)
def draw(title: str, color: str, colors: Collection[str], number: int = 0) -> bytes:
    """Return the picture (PNG, PICTURE_PX squared) of the thing that a title names, or of a parcel;
    `number` chooses the background. Raises ValueError for a color that is none of `colors`."""
    if color not in colors:
        raise ValueError(unknown(f"color {color}", colors))
    side = PICTURE_PX * SUPERSAMPLING
    scale = side * 0.8 / DRAWING_UNITS
    image = Image.new("RGB", (side, side), BACKGROUNDS[number % len(BACKGROUNDS)])
    pen = ImageDraw.Draw(image)
    tones = _tones(ImageColor.getrgb(color)[:3])
    for shape in drawing_of(title).split(";"):
        tone, form, *numbers = shape.split()
        points = [PICTURE_PX * SUPERSAMPLING * 0.1 + scale * float(value) for value in numbers]
        fill, edge = tones[tone], round(scale * 0.12)
        if form == "e":
            pen.ellipse(points, fill=fill, outline=INK_COLOR, width=edge)
        elif form == "r":
            pen.rounded_rectangle(points, scale * 0.5, fill=fill, outline=INK_COLOR, width=edge)
        elif form == "p":
            pen.polygon(points, fill=fill, outline=INK_COLOR, width=edge)
        else:
            pen.line(points, fill=fill, width=round(scale * 1.3), joint="curve")
    data = io.BytesIO()
    image.resize((PICTURE_PX, PICTURE_PX), Image.Resampling.LANCZOS).save(data, "PNG")
    return data.getvalue()


def drawing_of(title: str) -> str:
    """Return the drawing of the kind of thing that a title names, of several the longest name's."""
    named = [kind for kind in SILHOUETTES if kind in title]
    return SILHOUETTES[max(named, key=len)] if named else PARCEL


def _tones(color: tuple[int, ...]) -> dict[str, RGB]:
    """Return a color's tones. They are moved toward gray, so that white and black can be seen."""
    main = _mixed(color, (120, 120, 120), 0.12)
    return {
        "main": main,
        "dark": _mixed(main, (0, 0, 0), 0.3),
        "light": _mixed(main, (255, 255, 255), 0.6),
        "ink": INK_COLOR,
    }


def _mixed(one: tuple[int, ...], other: RGB, share: float) -> RGB:
    red, green, blue = (round((1 - share) * a + share * b) for a, b in zip(one, other, strict=True))
    return red, green, blue
