"""Seats: sofa, armchair, chairs, stools, bench, pouf."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick
from longhaul.navgen.houses.solids import ring

FABRIC_PAINTS = ("grey", "charcoal", "navy", "sage", "rust", "mustard", "beige", "teal", "burgundy")
ACCENT_PAINTS = ("cream", "mustard", "rust", "sky", "sage", "white")
WOOD_PAINTS = ("oak", "walnut", "pine", "cherry", "ebony", "white")


def padded_seat(m: Model, width: float, seats: int, fabric: str, accent: str) -> None:
    """Build a sofa of some seats: base, arms, seat and back cushions, two throw pillows."""
    depth, arm = 0.88, 0.16
    inner = width - 2 * arm
    m.legs(width / 2 - 0.08, depth / 2 - 0.08, 0.12, "ebony", 0.05)
    m.box((width, 0.16, depth), (0, 0.12, 0), fabric)
    m.block((width, 0.56, 0.2), (0, 0.26, -depth / 2 + 0.1), fabric, 0.04)
    for side in (-1, 1):
        m.block((arm, 0.36, depth), (side * (width - arm) / 2, 0.26, 0), fabric, 0.04)
    each = inner / seats
    for seat in range(seats):
        x = -inner / 2 + each * (seat + 0.5)
        m.block((each - 0.01, 0.16, depth - 0.2), (x, 0.28, 0.1), fabric, 0.03)
        m.block((each - 0.02, 0.4, 0.16), (x, 0.43, -depth / 2 + 0.27), fabric, 0.04)
    for side in (-1, 1)[:seats]:
        x = side * (inner / 2 - 0.22) if seats > 1 else 0.0
        m.put(_pillow(accent), (x, 0.45, -0.04), yaw=-12 * side, tilt=-18)


def _pillow(paint: str) -> list:
    soft = Model()
    soft.block((0.4, 0.38, 0.12), (0, 0, 0), paint, 0.05)
    return soft.solids


@furniture("sofa")
def sofa(m: Model, rng: np.random.Generator) -> None:
    seats = int(rng.integers(2, 4))
    padded_seat(m, 0.32 + 0.66 * seats, seats, pick(rng, *FABRIC_PAINTS), pick(rng, *ACCENT_PAINTS))


@furniture("armchair")
def armchair(m: Model, rng: np.random.Generator) -> None:
    padded_seat(m, 0.9, 1, pick(rng, *FABRIC_PAINTS), pick(rng, *ACCENT_PAINTS))


@furniture("chair")
def chair(m: Model, rng: np.random.Generator) -> None:
    wood, style = pick(rng, *WOOD_PAINTS), int(rng.integers(2))
    m.legs(0.19, 0.19, 0.44, wood, 0.04)
    m.box((0.44, 0.04, 0.44), (0, 0.43, 0), wood)
    m.block((0.4, 0.05, 0.38), (0, 0.465, 0.01), pick(rng, *FABRIC_PAINTS), 0.015)
    for side in (-1, 1):
        m.box((0.04, 0.47, 0.04), (side * 0.19, 0.46, -0.19), wood, tilt=-6)
    if style:
        m.box((0.36, 0.3, 0.03), (0, 0.58, -0.205), wood, tilt=-6)
    else:
        for y in (0.58, 0.7, 0.82):
            m.box((0.36, 0.07, 0.025), (0, y, -0.2 - 0.1 * (y - 0.46)), wood, tilt=-6)


@furniture("office chair")
def office_chair(m: Model, rng: np.random.Generator) -> None:
    fabric = pick(rng, "charcoal", "navy", "teal", "burgundy", "black")
    for foot in range(5):
        angle = 2 * np.pi * foot / 5
        x, z = 0.3 * np.sin(angle), 0.3 * np.cos(angle)
        m.tube([(0, 0.12, 0), (x, 0.07, z)], 0.025, "gunmetal", 4)
        m.ball((0.03, 0.03, 0.03), (x, 0, z), "rubber", 6, 2)
    m.lathe([(0.03, 0.08), (0.03, 0.42)], (0, 0, 0), "chrome", 8)
    m.block((0.5, 0.09, 0.48), (0, 0.42, 0.02), fabric, 0.03, 0.08)
    m.box((0.07, 0.3, 0.03), (0, 0.42, -0.24), "gunmetal", tilt=-8)
    back = Model()
    back.block((0.46, 0.56, 0.08), (0, 0, 0), fabric, 0.03, 0.02)
    m.put(back.solids, (0, 0.6, -0.25), tilt=-8)
    for side in (-1, 1):
        m.box((0.03, 0.2, 0.04), (side * 0.27, 0.46, 0), "gunmetal")
        m.box((0.06, 0.03, 0.26), (side * 0.27, 0.66, 0.02), "rubber")


@furniture("stool")
def stool(m: Model, rng: np.random.Generator) -> None:
    wood = pick(rng, *WOOD_PAINTS)
    height = float(rng.choice([0.45, 0.62]))
    m.legs(0.13, 0.13, height, wood, 0.04, 0.016)
    m.put(ring(0.15, 0.012, wood, 10), (0, 0.2, 0))
    m.lathe([(0.17, 0), (0.19, 0.02), (0.19, 0.035), (0.16, 0.05)], (0, height - 0.02, 0), wood, 12)


@furniture("bench")
def bench(m: Model, rng: np.random.Generator) -> None:
    wood, width = pick(rng, *WOOD_PAINTS), float(rng.uniform(0.9, 1.2))
    m.legs(width / 2 - 0.06, 0.13, 0.4, wood, 0.06)
    m.box((width, 0.05, 0.36), (0, 0.4, 0), wood)
    m.block((width - 0.04, 0.06, 0.34), (0, 0.45, 0), pick(rng, *FABRIC_PAINTS), 0.02)
    m.box((width - 0.1, 0.03, 0.24), (0, 0.14, 0), wood)
    m.support(width - 0.2, 0.2, 0.17, head=0.22)


@furniture("pouf")
def pouf(m: Model, rng: np.random.Generator) -> None:
    fabric = pick(rng, *FABRIC_PAINTS)
    profile = [(0.2, 0.0), (0.27, 0.06), (0.29, 0.18), (0.27, 0.3), (0.2, 0.36), (0.03, 0.37)]
    m.lathe(profile, (0, 0, 0), fabric, 12)
    m.lathe([(0.04, 0), (0.03, 0.02)], (0, 0.36, 0), "cream", 8)


@furniture("rocking chair")
def rocking_chair(m: Model, rng: np.random.Generator) -> None:
    wood = pick(rng, *WOOD_PAINTS[:5])
    for side in (-1, 1):
        arc = [(side * 0.24, 0.02 + 0.35 * z * z, z) for z in np.linspace(-0.45, 0.4, 6)]
        m.tube(arc, 0.02, wood, 4)
        for z in (-0.22, 0.2):
            m.box((0.035, 0.36, 0.035), (side * 0.24, 0.04, z), wood)
        m.box((0.05, 0.03, 0.48), (side * 0.26, 0.6, 0.0), wood)
        m.box((0.03, 0.2, 0.03), (side * 0.26, 0.4, 0.2), wood)
        m.box((0.035, 0.72, 0.035), (side * 0.23, 0.4, -0.22), wood, tilt=-12)
    m.block((0.5, 0.07, 0.48), (0, 0.38, 0), pick(rng, *FABRIC_PAINTS), 0.02)
    for x in np.linspace(-0.15, 0.15, 5):
        m.box((0.025, 0.6, 0.02), (x, 0.44, -0.23), wood, tilt=-12)
    m.box((0.48, 0.09, 0.03), (0, 1.02, -0.355), wood, tilt=-12)
