"""Furniture of kitchens: appliances, counters and what hangs above them.

Fitted pieces draw their fronts and tops first, so those that are built with generators of one
seed match.
"""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick
from longhaul.navgen.houses.solids import loft, rectangle, ring

FRONT_PAINTS = ("white", "sage", "navy", "cream", "oak", "grey")
WORKTOP_PAINTS = ("granite", "marble", "oak")
UNIT_HEIGHT_M, UNIT_DEPTH_M = 0.9, 0.6
"""The usual height and depth (m) of a fitted kitchen's units."""


def fitted(rng: np.random.Generator) -> tuple[str, str]:
    """Return the paints of a fitted kitchen's fronts and worktops."""
    return pick(rng, *FRONT_PAINTS), pick(rng, *WORKTOP_PAINTS)


def cupboard(m: Model, width: float, front: str, top: str, hole: bool = False) -> None:
    """Build a base cabinet with doors and a worktop; a `hole` leaves the worktop's middle open."""
    m.box((width, 0.1, UNIT_DEPTH_M - 0.08), (0, 0, -0.04), "charcoal", top="")
    m.box((width, 0.76, UNIT_DEPTH_M - 0.04), (0, 0.1, -0.02), front, top="", bottom="")
    leaves = max(1, round(width / 0.5))
    each = width / leaves
    for leaf in range(leaves):
        x = -width / 2 + each * (leaf + 0.5)
        m.box((each - 0.015, 0.74, 0.018), (x, 0.11, UNIT_DEPTH_M / 2 - 0.031), front, back="")
        m.box((0.12, 0.016, 0.022), (x, 0.76, UNIT_DEPTH_M / 2 - 0.012), "chrome")
    if not hole:
        m.box((width, 0.04, UNIT_DEPTH_M), (0, UNIT_HEIGHT_M - 0.04, 0), top)
        return
    for side in (-1, 1):
        m.box(
            (width / 2 - 0.24, 0.04, UNIT_DEPTH_M),
            (side * (width / 4 + 0.12), UNIT_HEIGHT_M - 0.04, 0),
            top,
        )
        m.box((0.48, 0.04, 0.12), (0, UNIT_HEIGHT_M - 0.04, side * 0.24), top)


@furniture("kitchen counter")
def kitchen_counter(m: Model, rng: np.random.Generator) -> None:
    front, top = fitted(rng)
    cupboard(m, float(rng.choice([0.8, 1.0, 1.2])), front, top)
    low, high = m.bounds()
    m.support(high[0] - low[0] - 0.1, 0.46, UNIT_HEIGHT_M, head=0.45)


@furniture("kitchen sink")
def kitchen_sink(m: Model, rng: np.random.Generator) -> None:
    cupboard(m, 0.9, *fitted(rng), hole=True)
    m.box((0.48, 0.005, 0.36), (0, UNIT_HEIGHT_M - 0.18, 0), "steel")
    for side in (-1, 1):
        m.box((0.012, 0.185, 0.36), (side * 0.234, UNIT_HEIGHT_M - 0.18, 0), "steel")
        m.box((0.456, 0.185, 0.012), (0, UNIT_HEIGHT_M - 0.18, side * 0.174), "steel")
    m.lathe([(0.03, 0), (0.02, 0.012)], (0, UNIT_HEIGHT_M - 0.175, 0), "gunmetal", 8)
    swan = [(0, 0.9, -0.24), (0, 1.16, -0.24), (0, 1.22, -0.18), (0, 1.2, -0.08), (0, 1.14, -0.06)]
    m.tube(swan, 0.014, "chrome", 6)
    m.box((0.08, 0.015, 0.015), (0.05, 0.96, -0.24), "chrome")
    m.support(0.16, 0.4, UNIT_HEIGHT_M, x=0.35)


@furniture("oven")
def oven(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "white", "steel", "black")
    m.box((0.6, 0.86, 0.58), (0, 0.02, -0.01), paint)
    m.box((0.6, 0.02, 0.6), (0, 0.88, 0), "black", top="hob")
    m.box((0.596, 0.1, 0.02), (0, 0.77, 0.285), "gunmetal")
    for x in (-0.22, -0.11, 0.11, 0.22):
        m.put(_knob(), (x, 0.82, 0.295), tilt=90)
    m.box((0.07, 0.04, 0.005), (0, 0.8, 0.295), "teal")
    m.box((0.54, 0.52, 0.02), (0, 0.2, 0.285), paint)
    m.box((0.4, 0.3, 0.01), (0, 0.27, 0.298), "black", front="television")
    m.box((0.48, 0.025, 0.03), (0, 0.66, 0.315), "chrome")
    m.box((0.54, 0.12, 0.02), (0, 0.05, 0.285), paint)


def _knob() -> list:
    m = Model()
    m.lathe([(0.022, 0.0), (0.018, 0.025)], (0, 0, 0), "chrome", 8)
    return m.solids


@furniture("fridge")
def fridge(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "white", "steel", "sky", "cream", "red")
    m.box((0.62, 1.78, 0.58), (0, 0.04, -0.03), paint)
    m.box((0.56, 0.04, 0.5), (0, 0, -0.03), "black")
    m.box((0.61, 1.1, 0.05), (0, 0.05, 0.285), paint)
    m.box((0.61, 0.64, 0.05), (0, 1.17, 0.285), paint)
    m.box((0.6, 0.02, 0.03), (0, 1.15, 0.26), "charcoal")
    for y, height in ((0.75, 0.36), (1.22, 0.3)):
        m.box((0.025, height, 0.04), (-0.25, y, 0.33), "chrome")
    m.box((0.1, 0.12, 0.004), (0.1, 1.45, 0.31), "paper", front="front page")
    m.box((0.05, 0.05, 0.006), (0.2, 1.36, 0.31), "yellow")


@furniture("dishwasher")
def dishwasher(m: Model, rng: np.random.Generator) -> None:
    _, top = fitted(rng)
    paint = pick(rng, "white", "steel")
    m.box((0.6, 0.1, 0.5), (0, 0, -0.05), "charcoal")
    m.box((0.6, 0.76, 0.56), (0, 0.1, -0.02), paint)
    m.box((0.58, 0.6, 0.02), (0, 0.11, 0.27), paint)
    m.box((0.58, 0.12, 0.02), (0, 0.73, 0.27), "gunmetal")
    m.box((0.4, 0.025, 0.03), (0, 0.68, 0.29), "chrome")
    for x in (0.1, 0.15, 0.2):
        m.box((0.025, 0.025, 0.01), (x, 0.78, 0.28), "teal")
    m.box((0.6, 0.04, 0.6), (0, 0.86, 0), top)
    m.support(0.5, 0.46, UNIT_HEIGHT_M, head=0.45)


@furniture("kitchen cabinet", mount="wall")
def kitchen_cabinet(m: Model, rng: np.random.Generator) -> None:
    (front, _), width = fitted(rng), float(rng.choice([0.8, 1.0]))
    m.box((width, 0.68, 0.32), (0, 0, 0.16), front)
    for side in (-1, 1):
        m.box((width / 2 - 0.012, 0.66, 0.018), (side * width / 4, 0.01, 0.33), front)
        m.box((width / 2 - 0.12, 0.54, 0.008), (side * width / 4, 0.07, 0.342), front)
        m.box((0.016, 0.12, 0.02), (side * 0.05, 0.06, 0.35), "chrome")


@furniture("range hood", mount="wall")
def range_hood(m: Model, rng: np.random.Generator) -> None:
    flare = [rectangle(0.6, 0.46), rectangle(0.6, 0.46, at=(0, 0.05, 0))]
    flare.append(rectangle(0.26, 0.24, at=(0, 0.24, -0.11)))
    m.put(loft(flare, "steel", smooth=False), (0, 0, 0.23))
    m.box((0.26, 0.6, 0.24), (0, 0.24, 0.12), "steel")
    m.box((0.3, 0.02, 0.01), (0, 0.015, 0.462), "gunmetal")


@furniture("microwave", mount="surface")
def microwave(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "white", "black", "steel")
    m.box((0.46, 0.27, 0.34), (0, 0.01, 0), paint)
    m.box((0.3, 0.2, 0.01), (-0.06, 0.04, 0.172), "black", front="television")
    m.box((0.1, 0.22, 0.01), (0.165, 0.035, 0.172), "gunmetal", front="dials")
    m.box((0.015, 0.2, 0.025), (0.1, 0.04, 0.182), "chrome")


@furniture("toaster", mount="surface")
def toaster(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "red", "chrome", "teal", "cream")
    m.block((0.28, 0.18, 0.16), (0, 0.01, 0), paint, 0.03, 0.03)
    for z in (-0.03, 0.03):
        m.box((0.2, 0.005, 0.025), (0, 0.188, z), "black")
        m.box((0.12, 0.06, 0.014), (0, 0.17, z), "bread")
    m.box((0.03, 0.03, 0.02), (0.145, 0.1, 0), "black")


@furniture("coffee machine", mount="surface")
def coffee_machine(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "black", "steel", "red")
    m.box((0.22, 0.03, 0.3), (0, 0, 0), "gunmetal")
    m.box((0.22, 0.26, 0.12), (0, 0.03, -0.09), paint)
    m.box((0.22, 0.09, 0.28), (0, 0.28, -0.01), paint)
    m.box((0.14, 0.04, 0.005), (0, 0.305, 0.13), "teal")
    m.lathe([(0.045, 0), (0.06, 0.05), (0.055, 0.1), (0.04, 0.12)], (0, 0.03, 0.06), "glass", 10)
    m.lathe([(0.05, 0), (0.056, 0.05)], (0, 0.035, 0.06), "walnut", 10)


@furniture("kettle", mount="surface", portable=True)
def kettle(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "steel", "red", "cream", "sky")
    m.lathe(
        [(0.09, 0), (0.09, 0.03), (0.06, 0.2), (0.055, 0.21), (0.0, 0.225)], (0, 0, 0), paint, 12
    )
    m.ball((0.015, 0.015, 0.015), (0, 0.22, 0), "black", 6, 3)
    m.tube([(0.06, 0.13, 0), (0.11, 0.2, 0)], 0.022, paint, 6, 0.012)
    m.tube(
        [(-0.055, 0.2, 0), (-0.12, 0.19, 0), (-0.12, 0.08, 0), (-0.08, 0.05, 0)], 0.012, "black", 5
    )


@furniture("trash can")
def trash_can(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "steel", "white", "black", "red")
    m.lathe([(0.14, 0), (0.15, 0.03), (0.15, 0.5), (0.155, 0.52)], (0, 0, 0), paint, 14)
    m.lathe([(0.155, 0), (0.13, 0.06), (0.0, 0.09)], (0, 0.52, 0), "gunmetal", 14)
    m.box((0.1, 0.02, 0.06), (0, 0.0, 0.16), "black")


@furniture("pot", mount="surface", portable=True)
def pot(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "steel", "red", "navy", "orange")
    m.lathe([(0.11, 0), (0.12, 0.02), (0.12, 0.13), (0.125, 0.135)], (0, 0, 0), paint, 14)
    m.lathe([(0.124, 0), (0.06, 0.03), (0.0, 0.04)], (0, 0.135, 0), paint, 14)
    m.ball((0.02, 0.016, 0.02), (0, 0.17, 0), "black", 6, 3)
    for side in (-1, 1):
        m.box((0.04, 0.02, 0.08), (side * 0.14, 0.09, 0), "black")


@furniture("pan", mount="surface", portable=True)
def pan(m: Model, rng: np.random.Generator) -> None:
    m.lathe(
        [(0.1, 0), (0.13, 0.045), (0.12, 0.045), (0.095, 0.012), (0, 0.012)], (0, 0, 0), "black", 14
    )
    m.tube(
        [(0.125, 0.035, 0), (0.2, 0.055, 0), (0.32, 0.06, 0)],
        0.012,
        pick(rng, "black", "walnut"),
        6,
    )


@furniture("knife block", mount="surface")
def knife_block(m: Model, rng: np.random.Generator) -> None:
    m.box((0.1, 0.2, 0.14), (0, 0.01, -0.03), pick(rng, "oak", "walnut"), tilt=-14)
    for x in (-0.03, 0.0, 0.03):
        for y, z in ((0.2, -0.03), (0.19, -0.09)):
            m.box((0.015, 0.1, 0.025), (x, y, z), "black", tilt=-14)


@furniture("dish rack", mount="surface")
def dish_rack(m: Model, rng: np.random.Generator) -> None:
    m.box((0.4, 0.02, 0.28), (0, 0, 0), "steel")
    for side in (-1, 1):
        m.box((0.4, 0.015, 0.015), (0, 0.1, side * 0.13), "chrome")
        for x in (-0.19, 0.19):
            m.box((0.015, 0.1, 0.015), (x, 0.01, side * 0.13), "chrome")
    for x in (-0.12, -0.06, 0.0, 0.06):
        plate = Model()
        plate.lathe([(0.05, 0), (0.11, 0.012), (0.0, 0.014)], (0, 0, 0), "ceramic", 12)
        m.put(plate.solids, (x, 0.13, 0), roll=-78)
    m.put(ring(0.04, 0.012, "red", 10), (0.13, 0.03, 0))
    m.lathe([(0.03, 0), (0.04, 0.09)], (0.13, 0.02, 0), "red", 10)
