"""Lamps: standing, on tables, at ceilings; candles."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick

SHADE_PAINTS = ("glow", "cream", "white", "glow")
METAL_PAINTS = ("brass", "ebony", "chrome", "white")


@furniture("standing lamp")
def standing_lamp(m: Model, rng: np.random.Generator) -> None:
    metal = pick(rng, *METAL_PAINTS)
    m.lathe([(0.15, 0), (0.14, 0.025), (0.015, 0.035), (0.012, 1.45)], (0, 0, 0), metal, 10)
    _shade(m, 0.2, 0.14, 0.28, 1.35, pick(rng, *SHADE_PAINTS))


@furniture("table lamp", mount="surface", portable=True)
def table_lamp(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "teal", "navy", "ceramic", "terracotta", "brass")
    m.lathe(
        [(0.07, 0), (0.06, 0.02), (0.09, 0.1), (0.03, 0.2), (0.012, 0.26)], (0, 0, 0), paint, 10
    )
    _shade(m, 0.14, 0.09, 0.18, 0.24, pick(rng, *SHADE_PAINTS))


def _shade(m: Model, low: float, high: float, height: float, y: float, paint: str) -> None:
    profile = [(low, 0), (high, height), (high - 0.005, height - 0.004), (low - 0.008, 0.004)]
    m.lathe(profile, (0, y, 0), paint, 14)
    m.ball((0.04, 0.05, 0.04), (0, y + 0.05, 0), "glow", 6, 4)


@furniture("desk lamp", mount="surface")
def desk_lamp(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "black", "red", "white", "teal", "yellow")
    m.lathe([(0.09, 0), (0.08, 0.02), (0.015, 0.03)], (0, 0, 0), paint, 12)
    m.tube([(0, 0.02, 0), (0, 0.28, -0.1)], 0.01, "chrome", 5)
    m.tube([(0, 0.28, -0.1), (0, 0.42, 0.08)], 0.01, "chrome", 5)
    head = Model()
    head.lathe([(0.07, 0), (0.03, 0.1), (0.0, 0.11)], (0, 0, 0), paint, 10)
    m.put(head.solids, (0, 0.36, 0.13), tilt=-35)


@furniture("ceiling lamp", mount="ceiling")
def ceiling_lamp(m: Model, rng: np.random.Generator) -> None:
    """Build a lamp that hangs down from y = 0."""
    m.lathe([(0.0, -0.12), (0.12, -0.1), (0.18, -0.04), (0.18, -0.02)], (0, 0, 0), "glow", 14)
    m.lathe([(0.19, -0.025), (0.19, 0.0)], (0, 0, 0), pick(rng, *METAL_PAINTS), 14)


@furniture("pendant lamp", mount="ceiling")
def pendant_lamp(m: Model, rng: np.random.Generator) -> None:
    """Build a lamp that hangs down from y = 0."""
    paint = pick(rng, "gunmetal", "brass", "teal", "rust", "white")
    m.lathe([(0.05, -0.02), (0.05, 0)], (0, 0, 0), paint, 8)
    m.tube([(0, -0.45, 0), (0, -0.01, 0)], 0.006, "black", 4)
    m.lathe([(0.2, -0.66), (0.16, -0.54), (0.05, -0.45), (0, -0.44)], (0, 0, 0), paint, 14)
    m.ball((0.06, 0.06, 0.06), (0, -0.7, 0), "glow", 8, 4)


@furniture("chandelier", mount="ceiling")
def chandelier(m: Model, rng: np.random.Generator) -> None:
    """Build a lamp that hangs down from y = 0."""
    m.tube([(0, -0.36, 0), (0, 0, 0)], 0.01, "brass", 5)
    m.ball((0.05, 0.08, 0.05), (0, -0.5, 0), "brass", 8, 4)
    for arm in range(6):
        x, z = np.sin(arm * np.pi / 3), np.cos(arm * np.pi / 3)
        path = [(0, -0.4, 0), (0.15 * x, -0.5, 0.15 * z), (0.28 * x, -0.4, 0.28 * z)]
        m.tube(path, 0.01, "brass", 4)
        m.lathe([(0.02, 0), (0.02, 0.08)], (0.28 * x, -0.4, 0.28 * z), "cream", 6)
        m.ball((0.015, 0.025, 0.015), (0.28 * x, -0.32, 0.28 * z), "flame", 5, 3)


@furniture("candle", mount="surface", portable=True)
def candle(m: Model, rng: np.random.Generator) -> None:
    m.lathe([(0.05, 0), (0.055, 0.015), (0.03, 0.02)], (0, 0, 0), "brass", 10)
    m.lathe(
        [(0.028, 0), (0.028, 0.11), (0.0, 0.112)],
        (0, 0.018, 0),
        pick(rng, "cream", "red", "sage"),
        10,
    )
    m.ball((0.008, 0.018, 0.008), (0, 0.135, 0), "flame", 5, 3)
