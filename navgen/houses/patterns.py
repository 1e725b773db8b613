"""Draws patterns: wood, books, screens, paintings, rugs, a view from a window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Picture = NDArray[np.uint8]
Color = tuple[int, int, int]

BOOK_COLORS: tuple[Color, ...] = (
    (150, 54, 48), (46, 78, 120), (70, 112, 78), (196, 160, 84), (92, 62, 100), (226, 216, 196),
    (48, 52, 60), (190, 110, 62), (96, 140, 150),
)  # fmt: skip
RUG_COLORS: tuple[tuple[Color, Color, Color], ...] = (
    ((140, 52, 50), (216, 188, 140), (48, 56, 84)),
    ((68, 92, 116), (222, 216, 204), (184, 130, 84)),
    ((206, 198, 184), (138, 134, 128), (92, 96, 100)),
    ((92, 118, 96), (230, 220, 190), (196, 142, 76)),
)
QUILT_COLORS: tuple[tuple[Color, Color], ...] = (
    ((94, 122, 156), (210, 222, 232)),
    ((164, 100, 104), (238, 220, 210)),
    ((112, 140, 116), (226, 230, 208)),
    ((120, 108, 150), (224, 216, 236)),
)


def wood(color: Color) -> Callable[[np.random.Generator, int], Picture]:
    """Return a painter of grain along u."""

    def paint(rng: np.random.Generator, size: int) -> Picture:
        rows = np.repeat(rng.normal(0.0, 1.0, (size, size // 8)), 8, axis=1)
        rows = (rows + np.roll(rows, 3, axis=1) + np.roll(rows, -2, axis=1)) / 3
        knots = 1.0 + 0.055 * rows + 0.03 * np.sin(np.arange(size) * 0.9)[:, None]
        return _clip(np.asarray(color, float) * knots[..., None])

    return paint


def books(rng: np.random.Generator, size: int) -> Picture:
    """Return a row of spines of various heights before the dark of a shelf."""
    image, draw = _canvas(size, (58, 48, 42))
    x = 0
    while x < size:
        width = int(rng.integers(3, 8))
        top = int(rng.integers(0, size // 4))
        color = BOOK_COLORS[int(rng.integers(len(BOOK_COLORS)))]
        if rng.random() < 0.08:
            x += width
            continue
        draw.rectangle([x, top, x + width - 1, size], fill=color)
        draw.line([x, top, x, size], fill=_scaled(color, 0.7))
        band = top + int(rng.integers(5, 14))
        draw.rectangle([x + 1, band, x + width - 2, band + 2], fill=_scaled(color, 1.5))
        x += width
    return np.asarray(image)


def television(rng: np.random.Generator, size: int) -> Picture:
    """Return a dark screen with the reflection of a window."""
    image, draw = _canvas(size, (26, 28, 34))
    draw.polygon([(4, size), (20, 0), (34, 0), (18, size)], fill=(42, 46, 54))
    draw.polygon([(26, size), (42, 0), (46, 0), (30, size)], fill=(36, 40, 48))
    return np.asarray(image)


def desktop(rng: np.random.Generator, size: int) -> Picture:
    """Return a computer's screen: windows with text."""
    image, draw = _canvas(size, (60, 110, 160))
    draw.rectangle([6, 6, 36, 44], fill=(246, 246, 248))
    draw.rectangle([6, 6, 36, 10], fill=(200, 204, 212))
    for row in range(14, 42, 4):
        draw.line([9, row, 9 + int(rng.integers(10, 24)), row], fill=(110, 114, 122))
    draw.rectangle([28, 24, 52, 50], fill=(38, 42, 52))
    for row in range(28, 48, 3):
        draw.line([31, row, 31 + int(rng.integers(6, 18)), row], fill=(120, 200, 150))
    return np.asarray(image)


def keys(rng: np.random.Generator, size: int) -> Picture:
    """Return rows of keys and a touch pad."""
    image, draw = _canvas(size, (150, 153, 158))
    for row in range(5):
        for column in range(9):
            x, y = 3 + column * 5.6, 4 + row * 7
            draw.rectangle([x, y, x + 4, y + 5], fill=(56, 58, 62))
    draw.rectangle([18, 41, 38, 53], fill=(172, 175, 180))
    return np.asarray(image)


def key_rows(rng: np.random.Generator, size: int) -> Picture:
    """Return a whole keyboard: four rows of keys and a space bar."""
    image, draw = _canvas(size, (58, 60, 64))
    for row in range(4):
        for x in range(3 + row % 2, size - 4, 4):
            draw.rectangle([x, 4 + row * 10, x + 2, 11 + row * 10], fill=(214, 214, 210))
    draw.rectangle([15, 44, 40, 51], fill=(214, 214, 210))
    return np.asarray(image)


def piano_keys(rng: np.random.Generator, size: int) -> Picture:
    """Return two octaves, the front at the bottom."""
    image, draw = _canvas(size, (248, 246, 240))
    for key in range(14):
        x = key * size / 14
        draw.line([x, 0, x, size], fill=(120, 120, 118))
        if key % 7 not in (0, 3):
            draw.rectangle([x - 1, 0, x + 1, size * 0.6], fill=(28, 28, 30))
    return np.asarray(image)


def landscape(rng: np.random.Generator, size: int) -> Picture:
    """Return a painting of hills before an evening sky."""
    image, draw = _canvas(size, (250, 214, 160))
    for row in range(size // 2):
        draw.line([0, row, size, row], fill=(120 + 3 * row, 160 + row, 200 - row))
    sun = int(rng.integers(12, size - 12))
    draw.ellipse([sun - 5, 16, sun + 5, 26], fill=(255, 240, 200))
    for depth, color in enumerate([(110, 140, 150), (84, 122, 96), (60, 92, 62)]):
        phase, base = rng.uniform(0, 6), 28 + 8 * depth
        hills = [(x, base + 5 * np.sin(x / 9 + phase)) for x in range(0, size + 4, 4)]
        draw.polygon([*hills, (size, size), (0, size)], fill=color)
    return np.asarray(image)


def abstract(rng: np.random.Generator, size: int) -> Picture:
    """Return a painting of overlapping rectangles and a circle."""
    image, draw = _canvas(size, (240, 234, 220))
    for _ in range(6):
        x, y = rng.integers(0, size - 10, 2).tolist()
        w, h = rng.integers(8, 30, 2).tolist()
        draw.rectangle([x, y, x + w, y + h], fill=BOOK_COLORS[int(rng.integers(len(BOOK_COLORS)))])
    x, y = rng.integers(12, size - 12, 2).tolist()
    draw.ellipse(
        [x - 9, y - 9, x + 9, y + 9], fill=BOOK_COLORS[int(rng.integers(len(BOOK_COLORS)))]
    )
    return np.asarray(image)


def portrait(rng: np.random.Generator, size: int) -> Picture:
    """Return a painting of head and shoulders."""
    image, draw = _canvas(size, (90, 82, 70))
    coat = BOOK_COLORS[int(rng.integers(len(BOOK_COLORS)))]
    draw.ellipse([8, 36, 48, 80], fill=coat)
    draw.ellipse([16, 8, 40, 40], fill=(70, 50, 38))
    draw.ellipse([19, 13, 37, 38], fill=(226, 184, 150))
    for eye in (24, 32):
        draw.ellipse([eye - 1, 22, eye + 1, 24], fill=(50, 40, 36))
    draw.line([25, 32, 31, 32], fill=(170, 90, 80))
    return np.asarray(image)


def botanical(rng: np.random.Generator, size: int) -> Picture:
    """Return a print of one branch."""
    image, draw = _canvas(size, (244, 240, 228))
    draw.line([size // 2, 50, size // 2, 10], fill=(80, 100, 70), width=2)
    for row in range(12, 46, 7):
        for side in (-1, 1):
            x = size / 2 + side * 9
            draw.ellipse([x - 7, row - 3, x + 7, row + 3], fill=(96, 136, 90))
    return np.asarray(image)


def clock_face(rng: np.random.Generator, size: int) -> Picture:
    """Return a dial with twelve marks and two hands."""
    image, draw = _canvas(size, (248, 246, 238))
    middle = size / 2
    for hour in range(12):
        angle = hour * np.pi / 6
        x, y = middle + 22 * np.sin(angle), middle - 22 * np.cos(angle)
        draw.ellipse([x - 2, y - 2, x + 2, y + 2], fill=(40, 40, 44))
    for angle, length in ((rng.uniform(0, 6.28), 12), (rng.uniform(0, 6.28), 19)):
        end = (middle + length * np.sin(angle), middle - length * np.cos(angle))
        draw.line([(middle, middle), end], fill=(30, 30, 34), width=3)
    return np.asarray(image)


def window_view(rng: np.random.Generator, size: int) -> Picture:
    """Return sky with clouds over trees."""
    image, draw = _canvas(size, (178, 212, 240))
    for row in range(size):
        draw.line([0, row, size, row], fill=(160 + row, 204 + row // 2, 240))
    for _ in range(3):
        x, y = int(rng.integers(0, size)), int(rng.integers(4, 22))
        draw.ellipse([x - 10, y - 3, x + 10, y + 3], fill=(250, 252, 255))
    for x in range(-4, size, 7):
        top = int(rng.integers(36, 46))
        draw.ellipse([x, top, x + 14, top + 24], fill=(96, 138 + int(rng.integers(0, 24)), 90))
    draw.rectangle([0, 50, size, size], fill=(140, 172, 112))
    return np.asarray(image)


def rug(rng: np.random.Generator, size: int) -> Picture:
    """Return borders round a field of diamonds."""
    field, line, edge = RUG_COLORS[int(rng.integers(len(RUG_COLORS)))]
    image, draw = _canvas(size, edge)
    draw.rectangle([3, 3, size - 4, size - 4], fill=line)
    draw.rectangle([6, 6, size - 7, size - 7], fill=field)
    for x in range(12, size - 6, 10):
        for y in range(12, size - 6, 10):
            draw.polygon([(x - 4, y), (x, y - 4), (x + 4, y), (x, y + 4)], fill=line)
            draw.point([(x, y)], fill=edge)
    return np.asarray(image)


def round_rug(rng: np.random.Generator, size: int) -> Picture:
    """Return stripes along v."""
    colors = RUG_COLORS[int(rng.integers(len(RUG_COLORS)))]
    bands = [colors[int(index)] for index in rng.integers(0, 3, 14)]
    picture = np.repeat(np.array(bands, np.uint8), 4, axis=0)[:size]
    return np.tile(picture[:, None], (1, size, 1))


def quilt(rng: np.random.Generator, size: int) -> Picture:
    """Return a bed cover: squares with seams."""
    first, second = QUILT_COLORS[int(rng.integers(len(QUILT_COLORS)))]
    image, draw = _canvas(size, second)
    step = size // 7
    for row in range(8):
        for column in range(8):
            x, y = column * step, row * step
            if (row + column) % 2:
                draw.rectangle([x, y, x + step - 1, y + step - 1], fill=first)
            draw.line([x, y, x + step, y], fill=_scaled(first, 0.85))
            draw.line([x, y, x, y + step], fill=_scaled(first, 0.85))
    return np.asarray(image)


def stripes(rng: np.random.Generator, size: int) -> Picture:
    """Return a striped bed cover."""
    first, second = QUILT_COLORS[int(rng.integers(len(QUILT_COLORS)))]
    rows = np.where((np.arange(size) // 4 % 2 == 0)[:, None], first, second)
    return np.tile(rows[None].astype(np.uint8), (size, 1, 1))


def hob(rng: np.random.Generator, size: int) -> Picture:
    """Return four rings on black glass."""
    image, draw = _canvas(size, (36, 37, 40))
    for x, y, radius in ((15, 15, 9), (41, 15, 11), (15, 41, 11), (41, 41, 9)):
        draw.ellipse(
            [x - radius, y - radius, x + radius, y + radius], outline=(190, 60, 50), width=2
        )
        draw.ellipse([x - 4, y - 4, x + 4, y + 4], outline=(130, 50, 46))
    return np.asarray(image)


def dials(rng: np.random.Generator, size: int) -> Picture:
    """Return the panel of an appliance: display, knob, lamps."""
    image, draw = _canvas(size, (222, 224, 226))
    draw.rectangle([4, 16, 22, 40], fill=(40, 52, 50))
    draw.rectangle([7, 24, 19, 31], fill=(120, 220, 150))
    draw.ellipse([28, 14, 52, 42], fill=(120, 124, 128))
    draw.line([40, 28, 46, 18], fill=(250, 250, 250), width=2)
    return np.asarray(image)


def world_map(rng: np.random.Generator, size: int) -> Picture:
    """Return continents on blue."""
    image, draw = _canvas(size, (104, 160, 200))
    for box in (
        [4, 8, 20, 24],
        [10, 26, 20, 46],
        [26, 8, 38, 20],
        [27, 20, 40, 42],
        [38, 6, 54, 28],
    ):
        draw.ellipse(box, fill=(120, 160, 96))
    draw.ellipse([44, 34, 53, 42], fill=(196, 168, 110))
    draw.rectangle([0, 0, size, 3], fill=(240, 244, 248))
    draw.rectangle([0, 52, size, size], fill=(240, 244, 248))
    return np.asarray(image)


def weave(rng: np.random.Generator, size: int) -> Picture:
    """Return wicker: over, under."""
    y, x = np.mgrid[0:size, 0:size]
    over = ((x // 7 + y // 4) % 2) * 34 - 8 * (y % 4 == 0)
    return _clip(np.array([176, 138, 90.0]) + over[..., None])


def front_page(rng: np.random.Generator, size: int) -> Picture:
    """Return a newspaper: a headline, a picture, columns."""
    image, draw = _canvas(size, (236, 232, 220))
    draw.rectangle([4, 4, 51, 9], fill=(60, 58, 56))
    draw.rectangle([4, 13, 26, 28], fill=(140, 138, 134))
    for row in range(14, 54, 3):
        draw.line([29, row, 51, row], fill=(150, 148, 142))
        if row > 30:
            draw.line([4, row, 26, row], fill=(150, 148, 142))
    return np.asarray(image)


def tiles(rng: np.random.Generator, size: int) -> Picture:
    """Return white tiles with gray joints."""
    y, x = np.mgrid[0:size, 0:size]
    joint = (x % 14 == 0) | (y % 14 == 0)
    return np.where(joint[..., None], (196, 200, 202), (238, 242, 243)).astype(np.uint8)


def brickwork(rng: np.random.Generator, size: int) -> Picture:
    """Return courses of bricks."""
    y, x = np.mgrid[0:size, 0:size]
    course = y // 7
    joint = (y % 7 == 0) | ((x + 7 * (course % 2)) % 14 == 0)
    tone = 1.0 + 0.1 * rng.normal(size=(size // 7 + 1, size // 14 + 2))
    brick = np.array([158, 88, 70.0]) * tone[course, (x + 7 * (course % 2)) // 14][..., None]
    return _clip(np.where(joint[..., None], (206, 198, 188), brick))


PATTERNS: dict[str, Callable[[np.random.Generator, int], Picture]] = {
    "oak grain": wood((190, 148, 102)),
    "walnut grain": wood((116, 80, 54)),
    "pine grain": wood((222, 186, 134)),
    "cherry grain": wood((150, 88, 58)),
    "books": books, "more books": books,
    "television": television, "desktop": desktop, "keys": keys, "piano keys": piano_keys,
    "landscape": landscape, "second landscape": landscape,
    "abstract": abstract, "second abstract": abstract,
    "portrait": portrait, "botanical": botanical,
    "clock face": clock_face, "window view": window_view,
    "rug": rug, "second rug": rug, "striped rug": round_rug,
    "quilt": quilt, "second quilt": quilt, "striped quilt": stripes,
    "hob": hob, "dials": dials, "map": world_map, "weave": weave, "front page": front_page,
    "tiles": tiles, "brickwork": brickwork, "key rows": key_rows,
}  # fmt: skip
"""The painters by the pattern's name. A new one goes at the end, so that the others keep their
places in the atlas; with more than 64 of them the atlas would become large."""


def _canvas(size: int, color: Color) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (size, size), color)
    return image, ImageDraw.Draw(image)


def _scaled(color: Color, factor: float) -> Color:
    red, green, blue = (min(255, int(channel * factor)) for channel in color)
    return red, green, blue


def _clip(values: NDArray[np.float64]) -> Picture:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
