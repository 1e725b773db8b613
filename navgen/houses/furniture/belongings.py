"""Personal belongings: things to read, to wear, to carry."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick
from longhaul.navgen.houses.solids import loft, rectangle, ring

COVER_PAINTS = ("red", "blue", "green", "mustard", "purple", "navy", "rust", "teal", "burgundy")


@furniture("book", mount="surface", portable=True)
def book(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, *COVER_PAINTS)
    m.box((0.17, 0.006, 0.24), (0, 0, 0), paint)
    m.box((0.16, 0.024, 0.23), (0.002, 0.006, 0), "paper", top="", bottom="")
    m.box((0.17, 0.006, 0.24), (0, 0.03, 0), paint)
    m.box((0.006, 0.024, 0.24), (-0.082, 0.006, 0), paint)
    m.box((0.1, 0.002, 0.05), (0.01, 0.036, -0.05), "cream", bottom="")


@furniture("stack of books", mount="surface", portable=True)
def stack_of_books(m: Model, rng: np.random.Generator) -> None:
    y = 0.0
    for _ in range(4):
        thick, yaw = float(rng.uniform(0.02, 0.04)), float(rng.uniform(-14, 14))
        m.box((0.19, thick, 0.25), (0, y, 0), pick(rng, *COVER_PAINTS), yaw=yaw, right="paper")
        y += thick


@furniture("magazine", mount="surface", portable=True)
def magazine(m: Model, rng: np.random.Generator) -> None:
    m.box(
        (0.21, 0.008, 0.28), (0, 0, 0), "paper", top=pick(rng, "landscape", "portrait", "abstract")
    )
    m.box((0.21, 0.006, 0.28), (0.03, 0.008, 0.01), "paper", yaw=9, top="portrait")


@furniture("newspaper", mount="surface", portable=True)
def newspaper(m: Model, rng: np.random.Generator) -> None:
    m.box((0.3, 0.01, 0.38), (0, 0, 0), "paper", top="front page")
    m.box((0.295, 0.006, 0.18), (0.0, 0.01, 0.09), "paper", top="front page")


@furniture("notebook", mount="surface", portable=True)
def notebook(m: Model, rng: np.random.Generator) -> None:
    m.box((0.16, 0.015, 0.22), (0, 0, 0), pick(rng, *COVER_PAINTS))
    m.box((0.02, 0.016, 0.225), (0.05, 0.002, 0), "black")
    m.tube([(0.11, 0.006, 0.08), (0.11, 0.006, -0.07)], 0.005, "blue", 5)


@furniture("pen holder", mount="surface", portable=True)
def pen_holder(m: Model, rng: np.random.Generator) -> None:
    m.lathe(
        [(0.038, 0), (0.04, 0.1), (0.034, 0.1), (0.034, 0.02), (0, 0.02)],
        (0, 0, 0),
        pick(rng, "black", "teal", "oak"),
        10,
    )
    for x, z, paint in ((-0.015, 0.0, "red"), (0.012, 0.01, "yellow"), (0.0, -0.015, "blue")):
        m.tube([(x, 0.02, z), (2 * x, 0.17, 2 * z)], 0.005, paint, 4)


@furniture("glasses", mount="surface", portable=True)
def glasses(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "black", "walnut", "red")
    for side in (-1, 1):
        m.put(ring(0.028, 0.004, paint, 12, 3), (side * 0.035, 0.03, 0.06), tilt=90)
        m.tube(
            [
                (side * 0.065, 0.038, 0.06),
                (side * 0.065, 0.038, -0.06),
                (side * 0.065, 0.01, -0.08),
            ],
            0.004,
            paint,
            4,
        )
    m.box((0.02, 0.005, 0.006), (0, 0.035, 0.06), paint)


@furniture("alarm clock", mount="surface", portable=True)
def alarm_clock(m: Model, rng: np.random.Generator) -> None:
    paint, body = pick(rng, "red", "teal", "black", "yellow"), Model()
    body.lathe([(0.06, -0.025), (0.06, 0.025)], (0, 0, 0), paint, 14)
    body.lathe([(0.05, 0), (0.05, 0.002)], (0, 0.025, 0), "paper", 14)
    m.put(body.solids, (0, 0.075, 0), tilt=90)
    m.box((0.066, 0.066, 0.002), (0, 0.042, 0.028), "paper", front="clock face")
    for side in (-1, 1):
        m.ball((0.025, 0.018, 0.022), (side * 0.04, 0.125, 0), "brass", 6, 3)
        m.tube([(side * 0.03, 0.03, 0), (side * 0.045, 0, 0)], 0.007, paint, 4)
    m.tube([(-0.03, 0.14, 0), (0, 0.175, 0), (0.03, 0.14, 0)], 0.004, "brass", 4)


@furniture("tissue box", mount="surface", portable=True)
def tissue_box(m: Model, rng: np.random.Generator) -> None:
    m.box((0.23, 0.09, 0.12), (0, 0, 0), pick(rng, "sky", "pink", "sage", "lilac"))
    m.box((0.13, 0.002, 0.04), (0, 0.09, 0), "charcoal", bottom="")
    rows = [
        rectangle(0.09, 0.01),
        rectangle(0.14, 0.05, at=(0, 0.05, 0)),
        rectangle(0.05, 0.01, at=(0.01, 0.09, 0)),
    ]
    m.put(loft(rows, "white", smooth=False), (0, 0.085, 0))


@furniture("box", portable=True)
def box(m: Model, rng: np.random.Generator) -> None:
    m.box((0.38, 0.26, 0.3), (0, 0, 0), "cardboard")
    m.box((0.06, 0.003, 0.302), (0, 0.26, 0), "beige", bottom="")
    m.box((0.06, 0.1, 0.302), (0, 0.161, 0), "beige", top="", bottom="")
    m.box((0.1, 0.06, 0.002), (0.1, 0.05, 0.15), "paper")


@furniture("shoes", portable=True)
def shoes(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "red", "navy", "white", "black", "sage")
    for side in (-1, 1):
        sole = [rectangle(0.095, 0.28, 0.03, at=(side * 0.07, y, 0)) for y in (0, 0.025)]
        m.put(loft(sole, "cream", smooth=False))
        upper = [rectangle(0.088, 0.26, 0.03, at=(side * 0.07, y, 0)) for y in (0.025, 0.045)]
        upper.append(rectangle(0.065, 0.11, 0.02, at=(side * 0.07, 0.1, -0.07)))
        m.put(loft(upper, paint, smooth=False))
        for z in (0.02, 0.05):
            m.box((0.05, 0.006, 0.012), (side * 0.07, 0.075 - 0.35 * (z - 0.02), z), "white")


@furniture("backpack", portable=True)
def backpack(m: Model, rng: np.random.Generator) -> None:
    paint, trim = (
        pick(rng, "navy", "red", "teal", "charcoal"),
        pick(rng, "mustard", "grey", "cream"),
    )
    m.block((0.32, 0.42, 0.17), (0, 0, 0), paint, 0.05, 0.04)
    m.block((0.24, 0.2, 0.07), (0, 0.04, 0.1), trim, 0.025)
    m.box((0.26, 0.015, 0.02), (0, 0.32, 0.08), trim)
    arc = [(0.05 * np.cos(a), 0.41 + 0.05 * np.sin(a), -0.04) for a in np.linspace(0, np.pi, 5)]
    m.tube(arc, 0.01, trim, 4)
    for side in (-1, 1):
        m.tube(
            [(side * 0.09, 0.38, -0.08), (side * 0.1, 0.24, -0.13), (side * 0.11, 0.04, -0.08)],
            0.018,
            trim,
            4,
        )


@furniture("handbag", portable=True)
def handbag(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "rust", "burgundy", "black", "beige")
    rows = [rectangle(0.34, 0.15, 0.02), rectangle(0.3, 0.06, 0.02, at=(0, 0.24, 0))]
    m.put(loft(rows, paint, smooth=False))
    m.box((0.06, 0.03, 0.01), (0, 0.17, 0.055), "brass")
    for z in (-0.025, 0.025):
        arc = [(0.1 * np.cos(a), 0.23 + 0.14 * np.sin(a), z) for a in np.linspace(0, np.pi, 8)]
        m.tube(arc, 0.009, paint, 4)


@furniture("suitcase", portable=True)
def suitcase(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "teal", "red", "charcoal", "mustard")
    m.block((0.42, 0.58, 0.24), (0, 0.05, 0), paint, 0.03, 0.03)
    for x in (-0.14, 0, 0.14):
        m.box((0.025, 0.5, 0.012), (x, 0.09, 0.12), paint)
    for x in (-0.15, 0.15):
        for z in (-0.08, 0.08):
            m.ball((0.028, 0.028, 0.028), (x, 0, z), "rubber", 6, 3)
    m.tube(
        [(-0.1, 0.6, -0.08), (-0.1, 0.95, -0.08), (0.1, 0.95, -0.08), (0.1, 0.6, -0.08)],
        0.011,
        "chrome",
        5,
    )


@furniture("umbrella", portable=True)
def umbrella(m: Model, rng: np.random.Generator) -> None:
    """Build a holder with two rolled-up umbrellas."""
    m.lathe(
        [(0.1, 0), (0.11, 0.45), (0.1, 0.45), (0.09, 0.04), (0, 0.04)], (0, 0, 0), "gunmetal", 10
    )
    for x, paint in ((-0.03, pick(rng, "red", "blue")), (0.04, pick(rng, "green", "yellow"))):
        m.tube([(x * 0.4, 0.05, 0), (x, 0.4, 0), (x * 1.6, 0.68, 0)], 0.02, paint, 6, 0.03)
        hook = [
            (x * 1.6, 0.66, 0),
            (x * 1.8, 0.82, 0),
            (x * 1.8 + 0.03, 0.87, 0),
            (x * 1.8 + 0.06, 0.83, 0),
        ]
        m.tube(hook, 0.011, "walnut", 5)


@furniture("hat", mount="surface", portable=True)
def hat(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "beige", "charcoal", "bear")
    m.lathe(
        [(0.17, 0), (0.17, 0.008), (0.1, 0.015), (0.09, 0.1), (0.05, 0.12), (0, 0.11)],
        (0, 0, 0),
        paint,
        14,
        (1, 1.15),
    )
    m.lathe([(0.101, 0.018), (0.098, 0.045)], (0, 0, 0), "black", 14, (1, 1.15))


@furniture("watering can", portable=True)
def watering_can(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "green", "steel", "red", "teal")
    m.lathe([(0.1, 0), (0.1, 0.16), (0.06, 0.2)], (0, 0, 0), paint, 12)
    m.tube([(0.09, 0.05, 0), (0.28, 0.24, 0)], 0.018, paint, 6, 0.013)
    m.put(_rose(paint), (0.28, 0.24, 0), roll=-40)
    m.tube([(-0.09, 0.05, 0), (-0.17, 0.15, 0), (-0.1, 0.26, 0), (0.03, 0.2, 0)], 0.012, paint, 5)


def _rose(paint: str) -> list:
    m = Model()
    m.lathe([(0.015, 0), (0.045, 0.04), (0, 0.042)], (0, 0, 0), paint, 8)
    return m.solids


@furniture("keys", mount="surface", portable=True)
def keys(m: Model, rng: np.random.Generator) -> None:
    m.put(ring(0.022, 0.003, "chrome", 10, 3), (0, 0.005, 0))
    for yaw, paint in ((10, "brass"), (60, "steel")):
        key = Model()
        key.box((0.02, 0.005, 0.02), (0, 0.002, 0.03), paint)
        key.box((0.008, 0.005, 0.05), (0, 0.002, 0.06), paint)
        m.put(key.solids, yaw=yaw)
    m.block((0.035, 0.012, 0.05), (-0.035, 0, -0.03), pick(rng, "red", "blue", "black"), 0.004)


@furniture("pillow", mount="surface", portable=True)
def pillow(m: Model, rng: np.random.Generator) -> None:
    m.block(
        (0.4, 0.13, 0.4),
        (0, 0, 0),
        pick(rng, "rust", "mustard", "sage", "sky", "cream"),
        0.055,
        0.06,
    )


@furniture("blanket", mount="surface", portable=True)
def blanket(m: Model, rng: np.random.Generator) -> None:
    first, second = pick(rng, "rust", "sage", "grey", "navy"), pick(rng, "cream", "mustard")
    m.block((0.5, 0.06, 0.36), (0, 0, 0), first, 0.02)
    m.block((0.48, 0.05, 0.34), (0, 0.055, 0), first, 0.02)
    for x in (-0.15, 0.15):
        m.box((0.05, 0.004, 0.3), (x, 0.104, 0), second, bottom="")
