"""Furniture of bathrooms and laundry rooms."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick
from longhaul.navgen.houses.solids import loft, rectangle, ring

TOWEL_PAINTS = ("sky", "rust", "sage", "cream", "lilac", "teal", "burgundy")


@furniture("toilet")
def toilet(m: Model, rng: np.random.Generator) -> None:
    m.lathe(
        [(0.13, 0), (0.1, 0.06), (0.1, 0.2), (0.17, 0.36), (0.19, 0.4)],
        (0, 0, 0.06),
        "ceramic",
        12,
        (1, 1.35),
    )
    m.box((0.22, 0.36, 0.2), (0, 0, -0.2), "ceramic")
    m.lathe(
        [(0.19, 0), (0.195, 0.04), (0.13, 0.045), (0.11, 0.012), (0, 0.004)],
        (0, 0.4, 0.06),
        "porcelain",
        14,
        (1, 1.35),
    )
    m.block((0.4, 0.38, 0.18), (0, 0.38, -0.25), "ceramic", 0.02)
    m.box((0.42, 0.03, 0.2), (0, 0.76, -0.25), "ceramic")
    m.lathe([(0.025, 0), (0.022, 0.015)], (0, 0.79, -0.25), "chrome", 8)
    lid = Model()
    lid.lathe([(0.18, 0), (0.18, 0.02)], (0, 0, 0), "ceramic", 12, (1, 1.2))
    m.put(lid.solids, (0, 0.62, -0.125), tilt=84)


@furniture("bathtub")
def bathtub(m: Model, rng: np.random.Generator) -> None:
    length, width, height = 1.65, 0.75, 0.56
    outer = [rectangle(length, width, 0.06, at=(0, y, 0)) for y in (0.0, height)]
    inner = [
        rectangle(length - 0.12, width - 0.12, 0.1, at=(0, height, 0)),
        rectangle(length - 0.2, width - 0.2, 0.12, at=(0, 0.3, 0)),
    ]
    m.put(loft(outer + inner, "ceramic", smooth=False, caps=(True, False)))
    m.put(loft([inner[1], inner[1] * [0.98, 1.005, 0.98]], "water", smooth=False))
    m.tube(
        [(-0.78, 0.56, 0), (-0.78, 0.72, 0), (-0.66, 0.72, 0), (-0.65, 0.68, 0)], 0.018, "chrome"
    )
    for side in (-1, 1):
        m.lathe([(0.02, 0), (0.03, 0.04), (0.0, 0.06)], (-0.78, 0.56, side * 0.12), "chrome", 8)


@furniture("shower")
def shower(m: Model, rng: np.random.Generator) -> None:
    m.box((0.9, 0.08, 0.9), (0, 0, 0), "ceramic")
    m.box((0.9, 1.92, 0.02), (0, 0.08, -0.44), "white", front="tiles")
    m.box((0.02, 1.8, 0.88), (-0.436, 0.08, 0.0), "glass")
    for at in ((-0.44, 0.44), (0.44, 0.44), (0.44, -0.42)):
        m.box((0.03, 1.9, 0.03), (at[0], 0.08, at[1]), "chrome")
    m.box((0.9, 0.03, 0.03), (0, 1.95, 0.44), "chrome")
    m.box((0.45, 1.8, 0.012), (-0.2, 0.1, 0.44), "glass")
    m.tube([(0, 1.0, -0.42), (0, 1.95, -0.42), (0, 2.0, -0.34), (0, 1.96, -0.22)], 0.012, "chrome")
    m.lathe([(0.1, 0), (0.08, 0.02), (0.01, 0.04)], (0, 1.91, -0.22), "chrome", 12)
    m.box((0.16, 0.05, 0.06), (0, 1.0, -0.41), "chrome")
    m.lathe([(0.04, 0), (0.03, 0.008)], (0, 0.08, 0), "gunmetal", 8)


@furniture("washbasin")
def washbasin(m: Model, rng: np.random.Generator) -> None:
    wood, width = pick(rng, "oak", "white", "walnut", "grey"), 0.66
    m.box((width, 0.62, 0.44), (0, 0.18, -0.02), wood)
    m.legs(width / 2 - 0.05, 0.16, 0.18, "ebony", 0.04)
    for side in (-1, 1):
        m.box((width / 2 - 0.015, 0.58, 0.016), (side * width / 4, 0.2, 0.205), wood)
        m.box((0.018, 0.12, 0.02), (side * 0.04, 0.42, 0.22), "chrome")
    rings = [rectangle(width, 0.48, 0.03), rectangle(width, 0.48, 0.03, at=(0, 0.08, 0))]
    rings += [
        rectangle(0.48, 0.3, 0.08, at=(0, 0.08, 0.03)),
        rectangle(0.36, 0.22, 0.07, at=(0, 0.015, 0.03)),
    ]
    m.put(loft(rings, "ceramic", smooth=False), (0, 0.8, 0))
    m.tube([(0, 0.88, -0.17), (0, 1.0, -0.17), (0, 1.02, -0.12), (0, 0.98, -0.04)], 0.014, "chrome")
    m.support(0.12, 0.34, 0.88, x=0.27, head=0.3)


@furniture("mirror", mount="wall")
def mirror(m: Model, rng: np.random.Generator) -> None:
    frame = pick(rng, "oak", "white", "ebony", "brass")
    m.box((0.6, 0.8, 0.02), (0, 0, 0.01), frame)
    m.box((0.52, 0.72, 0.005), (0, 0.04, 0.022), "mirror")
    m.put(_shine(), (0, 0, 0))


def _shine() -> list:
    m = Model()
    for x in (-0.08, 0.0):
        m.box((0.03, 0.44, 0.002), (x, 0.18, 0.026), "white", roll=-24)
    return m.solids


@furniture("towel rack", mount="wall")
def towel_rack(m: Model, rng: np.random.Generator) -> None:
    m.tube([(-0.3, 0.6, 0.07), (0.3, 0.6, 0.07)], 0.012, "chrome")
    for side in (-1, 1):
        m.box((0.03, 0.03, 0.08), (side * 0.29, 0.585, 0.04), "chrome")
    m.block((0.3, 0.5, 0.05), (-0.1, 0.11, 0.07), pick(rng, *TOWEL_PAINTS), 0.015)
    m.block((0.16, 0.34, 0.05), (0.16, 0.27, 0.07), pick(rng, *TOWEL_PAINTS), 0.015)


@furniture("toilet paper", mount="wall", portable=True)
def toilet_paper(m: Model, rng: np.random.Generator) -> None:
    roll = Model()
    roll.lathe([(0.055, -0.05), (0.055, 0.05)], (0, 0, 0), "paper", 12)
    roll.lathe([(0.02, -0.052), (0.02, 0.052)], (0, 0, 0), "cardboard", 8)
    m.put(roll.solids, (0, 0.06, 0.075), roll=90)
    m.box((0.1, 0.1, 0.003), (0, -0.03, 0.13), "paper")
    m.box((0.13, 0.02, 0.08), (0, 0.125, 0.04), "chrome")
    m.box((0.006, 0.09, 0.02), (-0.062, 0.045, 0.075), "chrome")
    m.tube([(-0.062, 0.06, 0.075), (0.062, 0.06, 0.075)], 0.012, "chrome", 6)


@furniture("bath mat", mount="flat")
def bath_mat(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, *TOWEL_PAINTS)
    m.box((0.7, 0.015, 0.45), (0, 0, 0), paint)
    for z in (-0.12, 0.0, 0.12):
        m.box((0.62, 0.004, 0.05), (0, 0.015, z), "white", bottom="")


@furniture("bathroom scale")
def bathroom_scale(m: Model, rng: np.random.Generator) -> None:
    m.block((0.3, 0.035, 0.3), (0, 0, 0), pick(rng, "glass", "white", "black"), 0.01, 0.03)
    m.box((0.1, 0.003, 0.05), (0, 0.035, -0.09), "gunmetal")
    for side in (-1, 1):
        m.box((0.07, 0.002, 0.18), (side * 0.08, 0.035, 0.03), "steel")


@furniture("washing machine")
def washing_machine(m: Model, rng: np.random.Generator) -> None:
    _drum(m, pick(rng, "white", "steel"), "glass", "water")


@furniture("dryer")
def dryer(m: Model, rng: np.random.Generator) -> None:
    _drum(m, pick(rng, "white", "gunmetal"), "black", "charcoal")
    m.box((0.3, 0.08, 0.01), (0.1, 0.04, 0.292), "gunmetal")


def _drum(m: Model, paint: str, porthole: str, inside: str) -> None:
    m.box((0.6, 0.85, 0.58), (0, 0, 0), paint)
    m.box((0.596, 0.13, 0.012), (0, 0.71, 0.29), "white", front="dials")
    m.box((0.2, 0.1, 0.014), (-0.18, 0.725, 0.293), paint)
    m.put(ring(0.2, 0.03, "chrome", 18), (0, 0.4, 0.3), tilt=90)
    dome = Model()
    dome.lathe([(0.19, 0), (0.14, 0.03), (0, 0.045)], (0, 0, 0), porthole, 14)
    m.put(dome.solids, (0, 0.4, 0.29), tilt=90)
    m.box((0.1, 0.03, 0.008), (0.0, 0.33, 0.325), inside)
    m.support(0.5, 0.45, 0.85, head=0.5)


@furniture("laundry basket")
def laundry_basket(m: Model, rng: np.random.Generator) -> None:
    m.lathe(
        [(0.19, 0), (0.23, 0.5), (0.24, 0.53)], (0, 0, 0), pick(rng, "wicker", "white", "sky"), 12
    )
    for x, z, paint in ((-0.07, 0.0, "sky"), (0.08, 0.05, "rust"), (0.02, -0.08, "white")):
        m.ball((0.13, 0.09, 0.12), (x, 0.45, z), paint, 7, 4)


@furniture("ironing board")
def ironing_board(m: Model, rng: np.random.Generator) -> None:
    outline = [(0.6, -0.05), (0.6, 0.05), (0.35, 0.16), (-0.6, 0.16), (-0.6, -0.16), (0.35, -0.16)]
    rows = [[(x, y, -z) for x, z in outline] for y in (0.84, 0.88)]
    m.put(loft(rows, pick(rng, *TOWEL_PAINTS), smooth=False))
    for z in (-0.08, 0.08):
        m.tube([(-0.42, 0, z), (0.3, 0.84, z)], 0.013, "chrome", 5)
        m.tube([(0.42, 0, z), (-0.3, 0.84, z)], 0.013, "chrome", 5)
    for x in (-0.42, 0.42):
        m.tube([(x, 0.012, -0.2), (x, 0.012, 0.2)], 0.013, "rubber", 5)
    m.put(_iron(), (-0.3, 0.88, 0.0), yaw=20)


def _iron() -> list:
    m = Model()
    sole = np.array(
        [
            (x, 0.0, -z)
            for x, z in ((0.12, 0), (0.04, 0.05), (-0.1, 0.05), (-0.1, -0.05), (0.04, -0.05))
        ]
    )
    m.put(loft([sole, sole * [0.9, 1, 0.8] + [0, 0.06, 0]], "teal", smooth=False))
    m.tube(
        [(0.06, 0.05, 0), (0.03, 0.11, 0), (-0.07, 0.11, 0), (-0.08, 0.05, 0)], 0.014, "white", 5
    )
    return m.solids


@furniture("drying rack")
def drying_rack(m: Model, rng: np.random.Generator) -> None:
    for z in (-0.25, 0.25):
        m.tube([(-0.4, 0, z), (0.3, 0.9, z)], 0.012, "white", 5)
        m.tube([(0.4, 0, z), (-0.3, 0.9, z)], 0.012, "white", 5)
    for x in np.linspace(-0.4, 0.4, 6):
        m.tube([(x, 0.9, -0.3), (x, 0.9, 0.3)], 0.008, "white", 4)
    for x, paint in ((-0.4, "sky"), (-0.08, "rust"), (0.24, "white")):
        m.box((0.03, 0.42, 0.4), (x, 0.49, 0), paint)


@furniture("vacuum cleaner")
def vacuum_cleaner(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "red", "blue", "green", "purple")
    m.block((0.28, 0.22, 0.42), (0, 0.03, 0), paint, 0.06, 0.08)
    for side in (-1, 1):
        wheel = Model()
        wheel.lathe([(0.09, -0.02), (0.09, 0.02)], (0, 0, 0), "rubber", 12)
        m.put(wheel.solids, (side * 0.15, 0.09, -0.1), roll=90)
    hose = [(0, 0.2, 0.15), (0, 0.42, 0.3), (0.1, 0.55, 0.42), (0.12, 0.72, 0.44)]
    m.tube(hose, 0.022, "charcoal", 6)
    m.tube([(0.12, 0.72, 0.44), (0.12, 0.05, 0.62)], 0.016, "chrome", 6)
    m.box((0.28, 0.05, 0.09), (0.12, 0.0, 0.64), "black")
    m.box((0.04, 0.03, 0.16), (0, 0.26, -0.05), "black")


@furniture("water heater", mount="wall")
def water_heater(m: Model, rng: np.random.Generator) -> None:
    m.lathe(
        [(0.17, 0), (0.22, 0.04), (0.22, 0.72), (0.17, 0.77), (0, 0.79)], (0, 0, 0.23), "white", 14
    )
    m.lathe([(0.04, 0), (0.03, 0.02)], (0, 0.1, 0.44), "gunmetal", 8)
    for x in (-0.08, 0.08):
        m.tube([(x, 0.02, 0.23), (x, -0.25, 0.23), (x, -0.28, 0.02)], 0.012, "brass", 5)


@furniture("broom")
def broom(m: Model, rng: np.random.Generator) -> None:
    m.tube([(0, 0.12, 0), (0, 1.3, -0.06)], 0.013, "pine", 6)
    m.box((0.3, 0.05, 0.05), (0, 0.1, 0), pick(rng, "red", "blue", "green"))
    rows = [rectangle(0.34, 0.07), rectangle(0.29, 0.045, at=(0, 0.1, 0))]
    m.put(loft(rows, "mustard", smooth=False))


@furniture("bucket", portable=True)
def bucket(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "red", "blue", "green", "yellow")
    m.lathe(
        [(0.1, 0), (0.14, 0.26), (0.15, 0.27), (0.13, 0.26), (0.1, 0.05), (0, 0.05)],
        (0, 0, 0),
        paint,
        12,
    )
    arc = [(0.145 * np.cos(a), 0.26 + 0.12 * np.sin(a), 0) for a in np.linspace(0, np.pi, 7)]
    m.tube(arc, 0.006, "steel", 4)


@furniture("soap dispenser", mount="surface", portable=True)
def soap_dispenser(m: Model, rng: np.random.Generator) -> None:
    m.lathe(
        [(0.034, 0), (0.036, 0.1), (0.015, 0.125), (0.012, 0.14)],
        (0, 0, 0),
        pick(rng, *TOWEL_PAINTS),
        10,
    )
    m.tube([(0, 0.13, 0), (0, 0.17, 0), (0, 0.17, 0.045)], 0.006, "chrome", 5)


@furniture("toothbrush cup", mount="surface", portable=True)
def toothbrush_cup(m: Model, rng: np.random.Generator) -> None:
    m.lathe(
        [(0.03, 0), (0.038, 0.1), (0.034, 0.1), (0.028, 0.02), (0, 0.02)], (0, 0, 0), "glass", 10
    )
    for x, paint in ((-0.012, "blue"), (0.014, "red")):
        m.tube([(x, 0.02, 0), (2.2 * x, 0.19, 0.01)], 0.005, paint, 4)
        m.box((0.012, 0.03, 0.012), (2.2 * x, 0.18, 0.014), "white")


@furniture("towel", mount="surface", portable=True)
def towel(m: Model, rng: np.random.Generator) -> None:
    for level in range(2):
        m.block((0.3, 0.05, 0.2), (0, 0.05 * level, 0), pick(rng, *TOWEL_PAINTS), 0.02)


@furniture("detergent", mount="surface", portable=True)
def detergent(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "blue", "orange", "purple", "green")
    m.block((0.17, 0.22, 0.09), (0, 0, 0), paint, 0.02)
    m.box((0.12, 0.1, 0.004), (0, 0.06, 0.046), "white")
    m.lathe([(0.03, 0), (0.028, 0.05)], (-0.03, 0.215, 0), "yellow", 8)
    m.tube([(0.03, 0.21, 0), (0.075, 0.2, 0), (0.085, 0.12, 0)], 0.014, paint, 5)
