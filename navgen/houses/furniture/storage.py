"""Storage: shelves with books, wardrobes, chests, cabinets, racks."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick
from longhaul.navgen.houses.solids import ring

WOOD_PAINTS = ("oak", "walnut", "pine", "cherry", "white", "ebony")


def carcass(m: Model, size: tuple[float, float, float], shelves: int, wood: str) -> None:
    """Build an open case of (width, height, depth) with evenly spaced shelves."""
    width, height, depth = size
    for side in (-1, 1):
        m.box((0.025, height, depth), (side * (width / 2 - 0.0125), 0, 0), wood)
    m.box((width - 0.05, height, 0.015), (0, 0, -depth / 2 + 0.0075), wood)
    for y in np.linspace(0.06, height - 0.025, shelves + 1):
        m.box((width - 0.05, 0.025, depth - 0.015), (0, y, 0.0075), wood)
    m.box((width - 0.05, 0.06, 0.015), (0, 0, depth / 2 - 0.03), wood)


def doors(m: Model, size: tuple[float, float, float], at: float, front: float, paint: str) -> None:
    """Put two doors of (width, height, -) with handles on a front at z, from height `at`."""
    width, height, _ = size
    for side in (-1, 1):
        m.box((width / 2 - 0.012, height, 0.018), (side * width / 4, at, front), paint, back="")
        m.box((0.02, 0.16, 0.025), (side * 0.045, at + height / 2, front + 0.02), "chrome")


@furniture("bookshelf")
def bookshelf(m: Model, rng: np.random.Generator) -> None:
    width, height, depth = float(rng.uniform(0.7, 1.0)), float(rng.choice([1.5, 1.9])), 0.3
    count = 4 if height < 1.7 else 5
    carcass(m, (width, height, depth), count, pick(rng, *WOOD_PAINTS))
    for index, y in enumerate(np.linspace(0.06, height - 0.025, count + 1)[:-1]):
        gap = (height - 0.085) / count
        length = (width - 0.08) * float(rng.uniform(0.55, 0.98))
        side = 1 if index % 2 else -1
        x = side * (width - 0.08 - length) / 2
        row = pick(rng, "books", "more books")
        tall = gap * 0.82
        m.box((length, tall, 0.2), (x, y + 0.025, -0.02), "cream", front=row, top="paper", back="")
    m.support(width - 0.1, depth - 0.08, height, head=0.5)


@furniture("wardrobe")
def wardrobe(m: Model, rng: np.random.Generator) -> None:
    wood, width = pick(rng, *WOOD_PAINTS), float(rng.choice([1.0, 1.2, 1.5]))
    m.box((width, 0.08, 0.54), (0, 0, 0), "ebony")
    m.box((width, 1.96, 0.56), (0, 0.08, 0), wood)
    m.box((width + 0.04, 0.04, 0.6), (0, 2.04, 0), wood)
    doors(m, (width - 0.02, 1.5, 0), 0.5, 0.29, wood)
    for side in (-1, 1):
        m.box((width / 2 - 0.03, 0.34, 0.018), (side * width / 4, 0.12, 0.29), wood)
        m.box((0.16, 0.02, 0.025), (side * width / 4, 0.3, 0.31), "chrome")
        m.box((width / 4, 1.2, 0.006), (side * width / 4, 0.65, 0.302), wood)


@furniture("dresser")
def dresser(m: Model, rng: np.random.Generator) -> None:
    wood, width = pick(rng, *WOOD_PAINTS), float(rng.uniform(0.9, 1.2))
    m.legs(width / 2 - 0.05, 0.18, 0.12, wood, 0.05)
    m.box((width, 0.7, 0.45), (0, 0.12, 0), wood)
    m.box((width + 0.03, 0.025, 0.48), (0, 0.82, 0), wood)
    for row in range(3):
        for side in (-1, 1):
            x, y = side * width / 4, 0.15 + row * 0.225
            m.box((width / 2 - 0.03, 0.2, 0.018), (x, y, 0.23), wood)
            m.box((0.14, 0.018, 0.02), (x, y + 0.12, 0.248), "brass")
    m.support(width - 0.1, 0.38, 0.845)


@furniture("sideboard")
def sideboard(m: Model, rng: np.random.Generator) -> None:
    wood, width = pick(rng, *WOOD_PAINTS), float(rng.uniform(1.2, 1.5))
    m.legs(width / 2 - 0.08, 0.16, 0.16, "ebony", 0.05, 0.014)
    m.box((width, 0.6, 0.42), (0, 0.16, 0), wood)
    m.box((width + 0.02, 0.025, 0.44), (0, 0.76, 0), wood)
    for index in (-1, 0, 1):
        x = index * width / 3
        m.box((width / 3 - 0.025, 0.54, 0.016), (x, 0.19, 0.215), wood)
        m.ball((0.016, 0.016, 0.016), (x + width / 8, 0.45, 0.232), "brass", 6, 3)
    m.support(width - 0.1, 0.36, 0.785)


@furniture("tv stand")
def tv_stand(m: Model, rng: np.random.Generator) -> None:
    wood, width = pick(rng, *WOOD_PAINTS), float(rng.uniform(1.3, 1.7))
    m.box((width, 0.03, 0.4), (0, 0.45, 0), wood)
    m.box((width, 0.03, 0.4), (0, 0.06, 0), wood)
    m.box((width - 0.1, 0.06, 0.34), (0, 0, 0), "ebony")
    for x in (-width / 2 + 0.012, -width / 6, width / 6, width / 2 - 0.012):
        m.box((0.024, 0.36, 0.38), (x, 0.09, 0), wood)
    m.box((width - 0.04, 0.36, 0.012), (0, 0.09, -0.19), "ebony")
    for side in (-1, 1):
        m.box((width / 3 - 0.02, 0.36, 0.016), (side * width / 3, 0.09, 0.19), wood)
        m.box((0.1, 0.015, 0.02), (side * width / 3, 0.36, 0.205), "chrome")
    m.box((0.36, 0.07, 0.26), (0, 0.09, 0), "black")
    m.box((0.3, 0.06, 0.22), (0, 0.16, 0), "gunmetal")
    m.support(width - 0.1, 0.3, 0.48)


@furniture("filing cabinet")
def filing_cabinet(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "grey", "gunmetal", "white", "sage")
    m.box((0.42, 1.02, 0.5), (0, 0, 0), paint)
    for row in range(3):
        m.box((0.38, 0.31, 0.015), (0, 0.04 + row * 0.325, 0.255), paint)
        m.box((0.14, 0.025, 0.025), (0, 0.24 + row * 0.325, 0.27), "chrome")
        m.box((0.09, 0.05, 0.006), (0, 0.15 + row * 0.325, 0.264), "paper")
    m.support(0.34, 0.4, 1.02)


@furniture("shoe rack")
def shoe_rack(m: Model, rng: np.random.Generator) -> None:
    wood = pick(rng, *WOOD_PAINTS)
    for side in (-1, 1):
        m.box((0.025, 0.5, 0.28), (side * 0.39, 0, 0), wood)
    for shelf in (0.1, 0.29, 0.48):
        m.box((0.78, 0.02, 0.28), (0, shelf, 0), wood)
    for row in (0.12, 0.31):
        for x in (-0.25, 0.05, 0.27):
            paint = pick(rng, "navy", "burgundy", "black", "beige", "white")
            for foot in (-0.05, 0.05):
                m.block((0.08, 0.07, 0.22), (x + foot, row, 0), paint, 0.02)
    m.support(0.7, 0.22, 0.5)


@furniture("coat rack")
def coat_rack(m: Model, rng: np.random.Generator) -> None:
    wood = pick(rng, *WOOD_PAINTS)
    m.lathe([(0.22, 0), (0.2, 0.03), (0.04, 0.06)], (0, 0, 0), wood, 12)
    m.lathe([(0.025, 0.05), (0.02, 1.72), (0.035, 1.75), (0.0, 1.8)], (0, 0, 0), wood, 8)
    for hook in range(4):
        x, z = np.sin(hook * np.pi / 2 + 0.4), np.cos(hook * np.pi / 2 + 0.4)
        path = [(0, 1.6, 0), (0.1 * x, 1.62, 0.1 * z), (0.16 * x, 1.7, 0.16 * z)]
        m.tube(path, 0.014, wood, 5)
    coat = pick(rng, "navy", "charcoal", "rust", "sage")
    m.lathe(
        [(0.16, 0.75), (0.15, 1.2), (0.13, 1.5), (0.03, 1.62)], (0.12, 0, 0.08), coat, 8, (1, 0.6)
    )
    m.lathe([(0.1, 1.69), (0.05, 1.7), (0.05, 1.78), (0, 1.8)], (-0.1, 0, -0.1), "beige", 10)


@furniture("wall shelf", mount="wall")
def wall_shelf(m: Model, rng: np.random.Generator) -> None:
    wood = pick(rng, *WOOD_PAINTS)
    m.box((0.8, 0.03, 0.22), (0, 0, 0.11), wood)
    for side in (-1, 1):
        m.box((0.03, 0.12, 0.16), (side * 0.3, -0.12, 0.08), wood)
    m.box((0.3, 0.2, 0.16), (-0.2, 0.03, 0.1), "cream", front="books")
    m.lathe([(0.03, 0), (0.06, 0.06), (0.03, 0.12), (0.035, 0.14)], (0.22, 0.03, 0.11), "teal", 8)


@furniture("toy chest")
def toy_chest(m: Model, rng: np.random.Generator) -> None:
    paint, trim = pick(rng, "sky", "pink", "yellow", "sage"), pick(rng, "white", "pine")
    m.box((0.75, 0.4, 0.4), (0, 0, 0), paint)
    m.box((0.79, 0.05, 0.44), (0, 0.4, 0), trim)
    m.box((0.79, 0.05, 0.42), (0, 0.0, 0), trim)
    for x, color in ((-0.2, "red"), (0, "blue"), (0.2, "green")):
        m.ball((0.06, 0.06, 0.012), (x, 0.16, 0.2), color, 8, 3)
    m.support(0.6, 0.3, 0.45)


@furniture("basket", portable=True)
def basket(m: Model, rng: np.random.Generator) -> None:
    m.lathe([(0.14, 0), (0.19, 0.22), (0.2, 0.26)], (0, 0, 0), "wicker", 12)
    for radius, y, thick in ((0.158, 0.07, 0.006), (0.175, 0.14, 0.006), (0.2, 0.26, 0.015)):
        m.put(ring(radius, thick, "oak", 12), (0, y, 0))
    cloth = pick(rng, "cream", "sky", "rust")
    m.block((0.26, 0.05, 0.2), (0, 0.25, 0), cloth, 0.015, 0.04)
    m.block((0.22, 0.04, 0.18), (0.01, 0.3, 0), pick(rng, "sage", "white"), 0.012, 0.03)


@furniture("safe")
def safe(m: Model, rng: np.random.Generator) -> None:
    m.box((0.45, 0.5, 0.42), (0, 0.02, 0), "gunmetal")
    m.box((0.39, 0.44, 0.02), (0, 0.05, 0.21), "charcoal")
    m.put(ring(0.05, 0.01, "chrome", 10), (0.06, 0.27, 0.245), tilt=90)
    m.lathe([(0.035, 0), (0.03, 0.03)], (-0.1, 0.27, 0.22), "chrome", 8)
    m.box((0.46, 0.02, 0.43), (0, 0, 0), "rubber")
    m.support(0.36, 0.32, 0.52)
