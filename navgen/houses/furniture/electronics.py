"""Electronic devices."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick
from longhaul.navgen.houses.solids import ring


@furniture("tv", mount="surface")
def tv(m: Model, rng: np.random.Generator) -> None:
    width = float(rng.uniform(1.0, 1.25))
    height = width * 0.57
    m.box((width, height, 0.04), (0, 0.08, 0), "black")
    m.box((width - 0.04, height - 0.04, 0.004), (0, 0.1, 0.021), "black", front="television")
    m.box((0.12, 0.1, 0.03), (0, 0.0, -0.02), "gunmetal")
    m.box((0.45, 0.015, 0.2), (0, 0, 0), "gunmetal")


@furniture("monitor", mount="surface")
def monitor(m: Model, rng: np.random.Generator) -> None:
    m.box((0.56, 0.34, 0.03), (0, 0.12, 0), "black")
    m.box((0.53, 0.3, 0.004), (0, 0.145, 0.016), "black", front="desktop")
    m.box((0.06, 0.16, 0.03), (0, 0.01, -0.03), "gunmetal")
    m.box((0.22, 0.012, 0.18), (0, 0, 0), "gunmetal")


@furniture("keyboard", mount="surface", portable=True)
def keyboard(m: Model, rng: np.random.Generator) -> None:
    m.box((0.44, 0.02, 0.15), (0, 0, 0), pick(rng, "charcoal", "white"), tilt=-4, top="key rows")
    m.box((0.4, 0.012, 0.02), (0, 0, -0.06), "black")


@furniture("laptop", mount="surface", portable=True)
def laptop(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "steel", "gunmetal")
    m.box((0.34, 0.016, 0.23), (0, 0, 0), paint, top="keys")
    m.box((0.34, 0.22, 0.008), (0, 0.014, -0.112), paint, tilt=-18, front="desktop")


@furniture("printer", mount="surface")
def printer(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "white", "charcoal")
    m.block((0.42, 0.2, 0.34), (0, 0, 0), paint, 0.02)
    m.box((0.3, 0.015, 0.14), (0, 0.05, 0.2), "charcoal")
    m.box((0.22, 0.004, 0.14), (0, 0.066, 0.19), "paper")
    m.box((0.24, 0.16, 0.01), (0, 0.19, -0.12), "paper", tilt=-20)
    m.box((0.1, 0.01, 0.06), (0.13, 0.2, 0.08), "teal")


@furniture("speaker")
def speaker(m: Model, rng: np.random.Generator) -> None:
    m.box((0.24, 0.9, 0.26), (0, 0.02, 0), pick(rng, "walnut", "black", "ebony"))
    m.box((0.28, 0.02, 0.3), (0, 0, 0), "black")
    for y, radius in ((0.72, 0.05), (0.52, 0.085), (0.28, 0.095)):
        cone = Model()
        cone.lathe(
            [(radius, 0), (radius, 0.012), (radius * 0.35, 0.004), (0, 0.012)],
            (0, 0, 0),
            "gunmetal",
            12,
        )
        m.put(cone.solids, (0, y, 0.128), tilt=90)


@furniture("radio", mount="surface", portable=True)
def radio(m: Model, rng: np.random.Generator) -> None:
    m.block((0.26, 0.16, 0.1), (0, 0, 0), pick(rng, "red", "teal", "cream", "walnut"), 0.015)
    m.box((0.1, 0.1, 0.004), (-0.06, 0.03, 0.051), "charcoal")
    m.box((0.09, 0.04, 0.004), (0.065, 0.09, 0.051), "glow")
    m.box((0.03, 0.03, 0.015), (0.065, 0.035, 0.055), "chrome")
    m.tube([(0.11, 0.15, 0), (0.2, 0.36, 0)], 0.004, "chrome", 4)


@furniture("phone", mount="surface", portable=True)
def phone(m: Model, rng: np.random.Generator) -> None:
    m.box((0.075, 0.009, 0.15), (0, 0, 0), "black", top="desktop")
    m.box((0.02, 0.002, 0.02), (0, 0.009, 0.06), "chrome", bottom="")


@furniture("remote control", mount="surface", portable=True)
def remote_control(m: Model, rng: np.random.Generator) -> None:
    m.block((0.05, 0.022, 0.18), (0, 0, 0), "charcoal", 0.006)
    m.box((0.012, 0.004, 0.012), (0.01, 0.022, -0.07), "red", bottom="")
    for row in range(4):
        m.box((0.034, 0.003, 0.012), (0, 0.022, -0.045 + row * 0.024), "grey", bottom="")


@furniture("headphones", mount="surface", portable=True)
def headphones(m: Model, rng: np.random.Generator) -> None:
    arc = [(0.085 * np.cos(a), 0.05 + 0.1 * np.sin(a), 0) for a in np.linspace(0, np.pi, 8)]
    m.tube(arc, 0.009, "black", 5)
    for side in (-1, 1):
        m.put(_pad(), (side * 0.085, 0.042, 0), roll=90)


def _pad() -> list:
    m = Model()
    m.lathe(
        [(0.03, -0.02), (0.042, -0.012), (0.042, 0.012), (0.03, 0.02)], (0, 0, 0), "charcoal", 10
    )
    return m.solids


@furniture("fan")
def fan(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "white", "black", "teal")
    m.lathe([(0.2, 0), (0.18, 0.03), (0.02, 0.05), (0.016, 1.0)], (0, 0, 0), paint, 12)
    m.ball((0.07, 0.07, 0.09), (0, 0.98, -0.04), paint, 8, 4)
    for z in (0.0, 0.08):
        m.put(ring(0.22, 0.008, "chrome", 16, 3), (0, 1.06, z), tilt=90)
    m.put(ring(0.1, 0.005, "chrome", 12, 3), (0, 1.06, 0.09), tilt=90)
    for blade in range(4):
        m.box((0.11, 0.19, 0.01), (0, 1.06, 0.04), "sky", roll=90 * blade + 20)
