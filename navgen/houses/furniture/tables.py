"""Tables: dining tables, desks, tables beside a sofa or a bed."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick

GRAINED_WOODS = ("oak", "walnut", "pine", "cherry")
BASE_PAINTS = ("white", "ebony", "gunmetal")


@furniture("dining table")
def dining_table(m: Model, rng: np.random.Generator) -> None:
    wood, width = pick(rng, *GRAINED_WOODS), float(rng.choice([1.4, 1.6, 1.8]))
    depth = 0.85
    m.box((width, 0.04, depth), (0, 0.71, 0), wood, top=f"{wood} grain")
    m.box((width - 0.2, 0.08, depth - 0.2), (0, 0.63, 0), wood, top="")
    m.legs(width / 2 - 0.08, depth / 2 - 0.08, 0.71, wood, 0.07)
    m.support(width - 0.2, depth - 0.2, 0.75)


@furniture("round table")
def round_table(m: Model, rng: np.random.Generator) -> None:
    wood = pick(rng, *GRAINED_WOODS, "white")
    m.lathe([(0.5, 0.0), (0.52, 0.02), (0.5, 0.04)], (0, 0.7, 0), wood, 18)
    foot = [(0.3, 0.0), (0.28, 0.04), (0.06, 0.08), (0.05, 0.4), (0.08, 0.7)]
    m.lathe(foot, (0, 0, 0), pick(rng, *BASE_PAINTS), 10)
    m.support(0.62, 0.62, 0.74)


@furniture("coffee table")
def coffee_table(m: Model, rng: np.random.Generator) -> None:
    wood, width = pick(rng, *GRAINED_WOODS), float(rng.uniform(0.9, 1.15))
    m.box((width, 0.04, 0.55), (0, 0.38, 0), wood, top=f"{wood} grain")
    m.box((width - 0.12, 0.025, 0.45), (0, 0.14, 0), wood)
    m.legs(width / 2 - 0.05, 0.22, 0.38, wood, 0.05)
    m.support(width - 0.1, 0.45, 0.42)
    m.support(width - 0.3, 0.3, 0.165, head=0.2)


@furniture("side table")
def side_table(m: Model, rng: np.random.Generator) -> None:
    wood = pick(rng, *GRAINED_WOODS, "white")
    m.lathe([(0.22, 0.0), (0.23, 0.015), (0.22, 0.03)], (0, 0.5, 0), wood, 14)
    m.legs(0.13, 0.13, 0.5, pick(rng, *BASE_PAINTS), 0.035, 0.013)
    m.support(0.28, 0.28, 0.53)


@furniture("console table")
def console_table(m: Model, rng: np.random.Generator) -> None:
    wood, width = pick(rng, *GRAINED_WOODS), float(rng.uniform(0.8, 1.0))
    m.box((width, 0.04, 0.3), (0, 0.76, 0), wood, top=f"{wood} grain")
    m.box((width - 0.06, 0.12, 0.26), (0, 0.64, 0), wood)
    for side in (-1, 1):
        m.box((width / 2 - 0.06, 0.09, 0.01), (side * width / 4, 0.655, 0.135), "white")
        m.box((0.06, 0.015, 0.015), (side * width / 4, 0.695, 0.145), "brass")
    m.legs(width / 2 - 0.05, 0.11, 0.64, wood, 0.04)
    m.support(width - 0.1, 0.22, 0.8)


@furniture("desk")
def desk(m: Model, rng: np.random.Generator) -> None:
    wood, base = pick(rng, *GRAINED_WOODS), pick(rng, "white", "ebony", "gunmetal")
    width = float(rng.choice([1.2, 1.4]))
    m.box((width, 0.035, 0.65), (0, 0.705, 0), wood, top=f"{wood} grain")
    m.box((0.38, 0.62, 0.55), (width / 2 - 0.22, 0.08, 0), base)
    for drawer in range(3):
        y = 0.11 + drawer * 0.2
        m.box((0.35, 0.18, 0.015), (width / 2 - 0.22, y, 0.28), base)
        m.box((0.12, 0.02, 0.02), (width / 2 - 0.22, y + 0.12, 0.295), "chrome")
    for z in (-0.27, 0.27):
        m.box((0.05, 0.7, 0.05), (-width / 2 + 0.05, 0, z), base)
    m.box((width - 0.5, 0.3, 0.02), (-0.2, 0.4, -0.29), base)
    m.support(width - 0.1, 0.55, 0.74)


@furniture("nightstand")
def nightstand(m: Model, rng: np.random.Generator) -> None:
    wood = pick(rng, *GRAINED_WOODS, "white", "ebony")
    m.legs(0.18, 0.15, 0.12, wood, 0.04)
    m.box(
        (0.44, 0.38, 0.38), (0, 0.12, 0), wood, top="" if wood in BASE_PAINTS else f"{wood} grain"
    )
    if wood in BASE_PAINTS:
        m.box((0.46, 0.02, 0.4), (0, 0.49, 0), wood)
    for y in (0.15, 0.32):
        m.box((0.38, 0.15, 0.015), (0, y, 0.195), wood)
        m.ball((0.018, 0.018, 0.018), (0, y + 0.06, 0.215), "brass", 6, 3)
    m.support(0.38, 0.32, 0.51 if wood in BASE_PAINTS else 0.5)
