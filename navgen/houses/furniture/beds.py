"""Beds: double, single, bunk, crib."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick

WOOD_PAINTS = ("oak", "walnut", "pine", "white", "ebony", "cherry")
QUILT_PATTERNS = ("quilt", "second quilt", "striped quilt")


def bedding(m: Model, width: float, length: float, y: float, quilt: str, pillows: int) -> None:
    """Put mattress, quilt and pillows at a height; the head is at -z."""
    m.block((width, 0.2, length), (0, y, 0), "white", 0.03, 0.05)
    cover = length * 0.68
    z = (length - cover) / 2
    m.box((width + 0.03, 0.13, cover), (0, y + 0.1, z), "sky", top=quilt, front="", bottom="")
    m.box((width + 0.03, 0.13, 0.02), (0, y + 0.1, length / 2 + 0.01), "sky", back="")
    m.box((width + 0.04, 0.05, 0.22), (0, y + 0.19, z - cover / 2 + 0.08), "white")
    each = (width - 0.1) / pillows
    for index in range(pillows):
        x = -width / 2 + 0.05 + each * (index + 0.5)
        soft = Model()
        soft.block((each - 0.06, 0.12, 0.36), (0, 0, 0), "white", 0.04, 0.07)
        m.put(soft.solids, (x, y + 0.2, -length / 2 + 0.24), tilt=14)


def bedstead(m: Model, width: float, rng: np.random.Generator, pillows: int) -> None:
    """Build a bed frame of a width (m) with headboard, and what lies on it."""
    wood, length = pick(rng, *WOOD_PAINTS), 2.0
    m.legs(width / 2 - 0.03, length / 2 - 0.02, 0.2, wood, 0.08)
    m.box((width + 0.06, 0.16, length + 0.06), (0, 0.14, 0), wood)
    m.box((width + 0.08, 0.95, 0.06), (0, 0.08, -length / 2 - 0.05), wood)
    if wood in ("white", "ebony"):
        for side in (-1, 1):
            panel = (width / 2 - 0.06, 0.42, 0.05)
            m.block(panel, (side * width / 4, 0.54, -length / 2), "grey", 0.015)
    else:
        m.box((width - 0.1, 0.4, 0.02), (0, 0.56, -length / 2 - 0.01), wood, front=f"{wood} grain")
    bedding(m, width, length - 0.04, 0.3, pick(rng, *QUILT_PATTERNS), pillows)
    m.support(width - 0.4, 0.8, 0.53, z=0.3)


@furniture("bed")
def bed(m: Model, rng: np.random.Generator) -> None:
    bedstead(m, float(rng.choice([1.4, 1.6])), rng, 2)


@furniture("single bed")
def single_bed(m: Model, rng: np.random.Generator) -> None:
    bedstead(m, 0.9, rng, 1)


@furniture("bunk bed")
def bunk_bed(m: Model, rng: np.random.Generator) -> None:
    wood, width, length = pick(rng, *WOOD_PAINTS[:4]), 0.9, 1.9
    for y in (0.3, 1.15):
        m.box((width + 0.06, 0.12, length + 0.06), (0, y - 0.06, 0), wood)
        bedding(m, width - 0.04, length - 0.08, y, pick(rng, *QUILT_PATTERNS), 1)
    for x in (-1, 1):
        for z in (-1, 1):
            m.box((0.06, 1.65, 0.06), (x * (width / 2 + 0.03), 0, z * (length / 2 + 0.03)), wood)
    for z in (-1, 1):
        m.box((width, 0.1, 0.03), (0, 1.5, z * (length / 2 + 0.03)), wood)
    m.box((0.03, 0.1, length), (-width / 2 - 0.03, 1.5, 0), wood)
    m.box((0.03, 0.1, length - 0.5), (width / 2 + 0.03, 1.5, -0.25), wood)
    for y in np.linspace(0.3, 1.2, 4).tolist():
        m.box((0.03, 0.04, 0.4), (width / 2 + 0.08, y, length / 2 - 0.25), wood)
    for end in (0.04, 0.46):
        m.box((0.04, 1.5, 0.04), (width / 2 + 0.08, 0, length / 2 - end), wood)


@furniture("crib")
def crib(m: Model, rng: np.random.Generator) -> None:
    wood, width, length = pick(rng, "white", "pine", "oak"), 0.66, 1.2
    for side in (-1, 1):
        for end in (-1, 1):
            m.box((0.05, 0.95, 0.05), (side * width / 2, 0, end * length / 2), wood)
    m.block((width, 0.12, length), (0, 0.34, 0), "white", 0.02)
    m.box((width - 0.04, 0.03, 0.6), (0, 0.46, 0.25), "sky", top="second quilt")
    for y in (0.3, 0.88):
        for side in (-1, 1):
            m.box((0.03, 0.05, length), (side * width / 2, y, 0), wood)
            m.box((width, 0.05, 0.03), (0, y, side * length / 2), wood)
    for side in (-1, 1):
        for z in np.linspace(-length / 2 + 0.12, length / 2 - 0.12, 8):
            m.box((0.02, 0.55, 0.02), (side * width / 2, 0.34, z), wood, top="", bottom="")
        for x in np.linspace(-width / 2 + 0.13, width / 2 - 0.13, 4):
            m.box((0.02, 0.55, 0.02), (x, 0.34, side * length / 2), wood, top="", bottom="")
