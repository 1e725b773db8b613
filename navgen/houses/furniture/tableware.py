"""Dishes, vessels and food."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick

GLAZE_PAINTS = ("ceramic", "sky", "teal", "rust", "mustard", "navy", "red")


@furniture("cup", mount="surface", portable=True)
def cup(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, *GLAZE_PAINTS)
    m.lathe(
        [(0.032, 0), (0.042, 0.015), (0.043, 0.095), (0.037, 0.095), (0.035, 0.075)],
        (0, 0, 0),
        paint,
        10,
    )
    m.lathe([(0.036, 0), (0, 0.001)], (0, 0.077, 0), "walnut", 10)
    m.tube(
        [(0.04, 0.08, 0), (0.072, 0.07, 0), (0.072, 0.035, 0), (0.04, 0.025, 0)], 0.007, paint, 5
    )


@furniture("bowl", mount="surface", portable=True)
def bowl(m: Model, rng: np.random.Generator) -> None:
    profile = [
        (0.04, 0),
        (0.05, 0.01),
        (0.1, 0.06),
        (0.105, 0.075),
        (0.095, 0.075),
        (0.045, 0.02),
        (0, 0.018),
    ]
    m.lathe(profile, (0, 0, 0), pick(rng, *GLAZE_PAINTS), 14)


@furniture("plate", mount="surface", portable=True)
def plate(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "teal", "navy", "rust", "sky")
    profile = [(0.07, 0), (0.125, 0.022), (0.12, 0.026), (0.08, 0.011), (0, 0.01)]
    m.lathe(profile, (0, 0, 0), paint, 16)
    m.lathe([(0.081, 0.0125), (0, 0.013)], (0, 0, 0), "ceramic", 16)
    m.box((0.015, 0.004, 0.19), (0.155, 0, 0), "steel")
    m.box((0.012, 0.004, 0.19), (-0.155, 0, 0), "steel")
    m.box((0.03, 0.005, 0.06), (-0.155, 0, -0.08), "steel")


@furniture("bottle", mount="surface", portable=True)
def bottle(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "wine", "dark leaf", "glass", "bear")
    m.lathe(
        [(0.036, 0), (0.038, 0.02), (0.038, 0.17), (0.015, 0.23), (0.013, 0.3)],
        (0, 0, 0),
        paint,
        10,
    )
    m.lathe([(0.0395, 0), (0.0395, 0.08)], (0, 0.06, 0), "paper", 10)
    m.lathe(
        [(0.016, 0), (0.016, 0.04), (0, 0.042)],
        (0, 0.28, 0),
        pick(rng, "burgundy", "brass", "black"),
        8,
    )


@furniture("wine glass", mount="surface", portable=True)
def wine_glass(m: Model, rng: np.random.Generator) -> None:
    m.lathe([(0.035, 0), (0.032, 0.004), (0.005, 0.01), (0.005, 0.09)], (0, 0, 0), "glass", 10)
    m.lathe(
        [(0.01, 0.09), (0.04, 0.14), (0.034, 0.2), (0.03, 0.2), (0.036, 0.15)],
        (0, 0, 0),
        "glass",
        10,
    )
    m.lathe([(0.036, 0), (0, 0.001)], (0, 0.15, 0), "burgundy", 10)


@furniture("jug", mount="surface", portable=True)
def jug(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, *GLAZE_PAINTS)
    m.lathe(
        [(0.06, 0), (0.08, 0.06), (0.055, 0.17), (0.065, 0.22), (0.055, 0.22), (0.045, 0.17)],
        (0, 0, 0),
        paint,
        12,
    )
    m.tube([(-0.05, 0.2, 0), (-0.12, 0.18, 0), (-0.12, 0.09, 0), (-0.07, 0.07, 0)], 0.01, paint, 5)
    m.tube([(0.04, 0.19, 0), (0.085, 0.225, 0)], 0.02, paint, 5, 0.01)


@furniture("teapot", mount="surface", portable=True)
def teapot(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, *GLAZE_PAINTS)
    m.lathe([(0.05, 0), (0.09, 0.05), (0.08, 0.11), (0.03, 0.135), (0, 0.14)], (0, 0, 0), paint, 12)
    m.ball((0.014, 0.014, 0.014), (0, 0.135, 0), paint, 6, 4)
    m.tube([(0.07, 0.05, 0), (0.12, 0.08, 0), (0.15, 0.13, 0)], 0.022, paint, 6, 0.01)
    m.tube(
        [(-0.07, 0.11, 0), (-0.14, 0.11, 0), (-0.14, 0.05, 0), (-0.08, 0.04, 0)], 0.009, paint, 5
    )


@furniture("fruit bowl", mount="surface", portable=True)
def fruit_bowl(m: Model, rng: np.random.Generator) -> None:
    m.lathe(
        [(0.07, 0), (0.09, 0.015), (0.16, 0.07), (0.15, 0.075), (0, 0.03)],
        (0, 0, 0),
        pick(rng, "oak", "ceramic", "teal"),
        14,
    )
    for x, z, paint in (
        (-0.06, 0.03, "red"),
        (0.05, 0.05, "orange"),
        (0.03, -0.06, "green"),
        (-0.04, -0.05, "orange"),
    ):
        m.ball((0.042, 0.042, 0.042), (x, 0.05, z), paint, 7, 4)
    m.tube([(-0.09, 0.12, 0.02), (-0.02, 0.16, 0.0), (0.08, 0.13, -0.01)], 0.02, "banana", 5, 0.012)


@furniture("apple", mount="surface", portable=True)
def apple(m: Model, rng: np.random.Generator) -> None:
    m.lathe(
        [(0.015, 0), (0.034, 0.02), (0.038, 0.045), (0.026, 0.07), (0.006, 0.064)],
        (0, 0, 0),
        pick(rng, "red", "green", "yellow"),
        9,
    )
    m.tube([(0, 0.06, 0), (0.006, 0.085, 0)], 0.003, "bear", 4)
    m.ball((0.016, 0.004, 0.009), (0.018, 0.075, 0), "leaf", 5, 3)


@furniture("bread", mount="surface", portable=True)
def bread(m: Model, rng: np.random.Generator) -> None:
    m.box((0.36, 0.02, 0.2), (0, 0, 0), "oak", top="oak grain")
    m.ball((0.14, 0.05, 0.06), (0, 0.015, 0), "bread", 10, 5)
    for x in (-0.07, 0.0, 0.07):
        m.box((0.015, 0.008, 0.08), (x, 0.108 - abs(x) * 0.2, 0), "cream", yaw=25)


@furniture("cereal box", mount="surface", portable=True)
def cereal_box(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "yellow", "red", "blue", "orange")
    m.box((0.19, 0.28, 0.06), (0, 0, 0), paint)
    m.box((0.15, 0.08, 0.003), (0, 0.18, 0.03), "white")
    m.ball((0.06, 0.045, 0.006), (0, 0.04, 0.03), "bread", 8, 3)


@furniture("jar", mount="surface", portable=True)
def jar(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "glass", "mustard", "rust", "purple")
    m.lathe([(0.045, 0), (0.05, 0.01), (0.05, 0.11), (0.04, 0.13)], (0, 0, 0), paint, 10)
    m.lathe(
        [(0.045, 0), (0.045, 0.025), (0, 0.027)],
        (0, 0.125, 0),
        pick(rng, "red", "brass", "steel"),
        10,
    )
    m.lathe([(0.051, 0), (0.051, 0.05)], (0, 0.04, 0), "paper", 10)
