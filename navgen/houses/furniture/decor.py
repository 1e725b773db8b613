"""Decoration: pictures, plants, rugs, curtains, a clock, a fireplace."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick
from longhaul.navgen.houses.solids import Solid, loft, quads, ring

MOTIFS = ("landscape", "second landscape", "abstract", "second abstract", "portrait", "botanical")
POT_PAINTS = ("terracotta", "white", "gunmetal", "wicker", "teal")
LEAF_PAINTS = ("leaf", "dark leaf", "light leaf")


@furniture("picture", mount="wall")
def picture(m: Model, rng: np.random.Generator) -> None:
    motif = pick(rng, *MOTIFS)
    width = 0.45 if motif in ("portrait", "botanical") else float(rng.uniform(0.55, 0.85))
    height = 0.6 if motif in ("portrait", "botanical") else width * 0.75
    m.box((width, height, 0.025), (0, 0, 0.0125), pick(rng, "ebony", "brass", "white", "oak"))
    m.box((width - 0.06, height - 0.06, 0.004), (0, 0.03, 0.025), "paper")
    m.box((width - 0.12, height - 0.12, 0.003), (0, 0.06, 0.028), "paper", front=motif)


@furniture("world map", mount="wall")
def world_map(m: Model, rng: np.random.Generator) -> None:
    m.box((1.1, 0.7, 0.012), (0, 0, 0.006), "paper", front="map")
    for y in (0.0, 0.68):
        m.tube([(-0.57, y, 0.015), (0.57, y, 0.015)], 0.014, "walnut", 6)


@furniture("wall clock", mount="wall")
def wall_clock(m: Model, rng: np.random.Generator) -> None:
    body = Model()
    body.lathe(
        [(0.17, 0), (0.17, 0.03), (0.15, 0.04), (0.15, 0.03)],
        (0, 0, 0),
        pick(rng, "black", "oak", "red"),
        18,
    )
    m.put(body.solids, (0, 0.17, 0), tilt=90)
    square = Model()
    square.box((0.22, 0.22, 0.006), (0, 0, 0), "paper", front="clock face")
    m.put(square.solids, (0, 0.06, 0.032))
    disc = Model()
    disc.lathe([(0.152, 0), (0.152, 0.001)], (0, 0, 0), "paper", 18)
    m.put(disc.solids, (0, 0.17, 0.031), tilt=90)


@furniture("rug", mount="flat")
def rug(m: Model, rng: np.random.Generator) -> None:
    size = float(rng.uniform(1.5, 1.9))
    m.box(
        (size * 1.3, 0.012, size),
        (0, 0, 0),
        "beige",
        top=pick(rng, "rug", "second rug", "striped rug"),
    )
    for side in (-1, 1):
        m.box((0.04, 0.008, size - 0.04), (side * (size * 0.65 + 0.02), 0, 0), "cream", bottom="")


@furniture("doormat", mount="flat")
def doormat(m: Model, rng: np.random.Generator) -> None:
    m.box((0.75, 0.012, 0.45), (0, 0, 0), "bear", top="weave")
    for side in (-1, 1):
        m.box((0.03, 0.003, 0.45), (side * 0.36, 0.012, 0), "soil", bottom="")
        m.box((0.69, 0.003, 0.03), (0, 0.012, side * 0.21), "soil", bottom="")


@furniture("curtain", mount="wall")
def curtain(m: Model, rng: np.random.Generator) -> None:
    """Hang two drawn-back halves 2.2 m apart from a rod; the base is the hem."""
    fabric = pick(rng, "cream", "sage", "sky", "rust", "grey", "lilac", "navy")
    m.tube([(-1.2, 1.95, 0.08), (1.2, 1.95, 0.08)], 0.014, "brass", 6)
    for side in (-1, 1):
        m.ball((0.03, 0.03, 0.03), (side * 1.21, 1.92, 0.08), "brass", 6, 4)
        waves = [
            (side * 0.98 + x, 0.025 * (-1) ** i) for i, x in enumerate(np.linspace(-0.18, 0.18, 9))
        ]
        m.put(_cloth([(x, 0.08 + z) for x, z in waves], 1.93, fabric))


def _cloth(wave: list[tuple[float, float]], height: float, paint: str) -> list[Solid]:
    """Return a pleated cloth that is seen from both sides."""
    front, back = [], []
    for (a, z), (b, w) in pairwise(wave):
        four = [(a, 0, z), (b, 0, w), (b, height, w), (a, height, z)]
        front.append(four)
        back.append([(x, y, c - 0.008) for x, y, c in four[::-1]])
    return [quads(front, paint), quads(back, paint)]


@furniture("potted plant")
def potted_plant(m: Model, rng: np.random.Generator) -> None:
    height, paint = float(rng.uniform(0.75, 1.2)), pick(rng, *LEAF_PAINTS)
    _pot(m, 0.17, 0.3, pick(rng, *POT_PAINTS))
    m.tube([(0, 0.26, 0), (0.02, height * 0.6, 0.01), (0, height * 0.8, 0)], 0.02, "bear", 5)
    for index in range(11):
        angle, level = index * 2.4, 0.35 + 0.55 * index / 10
        reach = 0.34 * (1.15 - 0.5 * level)
        m.put(_leaf(reach, 0.17, paint), (0, height * level, 0), yaw=np.degrees(angle))


def _pot(m: Model, radius: float, height: float, paint: str) -> None:
    m.lathe([(radius * 0.75, 0), (radius, height), (radius * 0.9, height)], (0, 0, 0), paint, 12)
    m.lathe([(radius * 0.92, 0), (0, 0.015)], (0, height - 0.03, 0), "soil", 12)


def _leaf(length: float, width: float, paint: str) -> Solid:
    """Return a bent leaf with two sides that grows from the origin toward +z and up."""
    middle = np.array([0, 0.12 + length * 0.4, length * 0.55])
    tip = np.array([0, 0.1 + length * 0.3, length])
    half = np.array([width / 2, 0, 0])
    thin = np.array([0.0, 0.008, 0.0])
    root = np.zeros(3)
    rings = [
        [root + half * 0.1, root + thin, root - half * 0.1, root - thin],
        [middle + half - thin * 4, middle + thin, middle - half - thin * 4, middle - thin],
        [tip, tip, tip, tip],
    ]
    return loft(rings, paint, smooth=False, caps=(False, False))


@furniture("cactus", mount="surface", portable=True)
def cactus(m: Model, rng: np.random.Generator) -> None:
    _pot(m, 0.06, 0.08, pick(rng, *POT_PAINTS))
    m.ball((0.035, 0.09, 0.035), (0, 0.06, 0), "leaf", 8, 5)
    m.tube([(0.02, 0.13, 0), (0.065, 0.14, 0), (0.07, 0.19, 0)], 0.016, "leaf", 6)
    m.tube([(-0.02, 0.1, 0), (-0.06, 0.11, 0), (-0.065, 0.15, 0)], 0.016, "leaf", 6)
    m.ball((0.014, 0.012, 0.014), (0, 0.235, 0), "pink", 6, 3)


@furniture("vase", mount="surface", portable=True)
def vase(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "teal", "navy", "ceramic", "terracotta", "lilac")
    m.lathe([(0.04, 0), (0.075, 0.08), (0.035, 0.18), (0.045, 0.22)], (0, 0, 0), paint, 12)
    for index in range(5):
        angle, lean = index * 1.26, 0.05 + 0.015 * (index % 2)
        x, z = lean * np.sin(angle), lean * np.cos(angle)
        top = 0.34 + 0.03 * (index % 3)
        m.tube([(0, 0.2, 0), (x, top, z)], 0.004, "leaf", 3)
        m.ball(
            (0.028, 0.022, 0.028), (x, top, z), pick(rng, "red", "yellow", "pink", "white"), 6, 3
        )


@furniture("sculpture", mount="surface", portable=True)
def sculpture(m: Model, rng: np.random.Generator) -> None:
    m.box((0.12, 0.04, 0.12), (0, 0, 0), "black")
    m.put(
        ring(0.07, 0.02, pick(rng, "brass", "white", "gunmetal"), 14, 5),
        (0, 0.13, 0),
        tilt=90,
        roll=15,
    )
    m.ball((0.03, 0.03, 0.03), (0, 0.1, 0), "brass", 8, 5)


@furniture("globe", mount="surface", portable=True)
def globe(m: Model, rng: np.random.Generator) -> None:
    m.lathe([(0.08, 0), (0.07, 0.02), (0.012, 0.03), (0.012, 0.08)], (0, 0, 0), "walnut", 10)
    m.ball((0.11, 0.11, 0.11), (0, 0.08, 0), "blue", 12, 7)
    for x, y, z in (
        (0.05, 0.18, 0.085),
        (-0.05, 0.13, 0.09),
        (0.09, 0.12, 0.03),
        (-0.085, 0.2, 0.03),
    ):
        m.ball((0.038, 0.034, 0.022), (x, y, z), "leaf", 6, 3)
    arc = [(0.125 * np.sin(a), 0.19 + 0.125 * np.cos(a), 0) for a in np.linspace(0.2, 2.9, 7)]
    m.tube(arc, 0.006, "brass", 4)


@furniture("photo frame", mount="surface", portable=True)
def photo_frame(m: Model, rng: np.random.Generator) -> None:
    m.box((0.18, 0.23, 0.015), (0, 0, 0.02), pick(rng, "oak", "white", "ebony"), tilt=-14)
    face = Model()
    face.box((0.14, 0.19, 0.002), (0, 0.02, 0.0085), "paper", front="portrait")
    m.put(face.solids, (0, 0, 0.02), tilt=-14)
    m.box((0.03, 0.16, 0.008), (0, 0, -0.07), "ebony", tilt=18)


@furniture("fireplace")
def fireplace(m: Model, rng: np.random.Generator) -> None:
    for side in (-1, 1):
        m.box((0.32, 1.0, 0.36), (side * 0.5, 0, 0), "brick", front="brickwork")
    m.box((0.68, 0.34, 0.36), (0, 0.66, 0), "brick", front="brickwork")
    m.box((0.68, 0.66, 0.04), (0, 0, -0.16), "black")
    m.box((0.68, 0.03, 0.3), (0, 0, 0), "charcoal")
    m.box((1.44, 0.07, 0.42), (0, 1.0, 0), pick(rng, "oak", "white", "walnut"))
    for x, yaw in ((-0.1, 20), (0.08, -25), (0.0, 5)):
        log = Model()
        log.tube([(-0.2, 0, 0), (0.2, 0, 0)], 0.04, "bear", 6)
        m.put(log.solids, (x, 0.08, 0.02), yaw=yaw)
    for x, height in ((-0.12, 0.2), (0.0, 0.3), (0.12, 0.22)):
        m.lathe([(0.05, 0), (0.06, height * 0.3), (0, height)], (x, 0.1, 0), "flame", 6)
    m.support(1.2, 0.26, 1.07, head=0.5)


@furniture("radiator", mount="wall")
def radiator(m: Model, rng: np.random.Generator) -> None:
    for x in np.linspace(-0.4, 0.4, 9):
        m.box((0.06, 0.5, 0.08), (x, 0.0, 0.07), "white")
    for y in (0.06, 0.4):
        m.box((0.88, 0.04, 0.04), (0, y, 0.06), "white")
    m.tube([(0.44, 0.08, 0.06), (0.5, 0.08, 0.06), (0.5, -0.1, 0.06)], 0.012, "brass", 5)


@furniture("aquarium", mount="surface")
def aquarium(m: Model, rng: np.random.Generator) -> None:
    m.box((0.6, 0.03, 0.3), (0, 0, 0), "black")
    m.box((0.58, 0.3, 0.28), (0, 0.03, 0), "water")
    m.box((0.6, 0.04, 0.3), (0, 0.33, 0), "black")
    m.box((0.57, 0.05, 0.005), (0, 0.03, 0.141), "mustard")
    for x, y, paint in ((-0.15, 0.14, "orange"), (0.1, 0.2, "red"), (0.18, 0.1, "yellow")):
        m.ball((0.045, 0.022, 0.006), (x, y, 0.141), paint, 7, 3)
        m.ball((0.016, 0.024, 0.005), (x + 0.05, y, 0.141), paint, 5, 3)
    for x in (-0.22, 0.0, 0.24):
        m.box((0.012, 0.13, 0.005), (x, 0.06, 0.142), "leaf", roll=8)
