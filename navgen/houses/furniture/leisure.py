"""Things for music, sport and play."""

from __future__ import annotations

import numpy as np

from longhaul.navgen.houses.model import Model, furniture, pick
from longhaul.navgen.houses.solids import prism, ring


@furniture("piano")
def piano(m: Model, rng: np.random.Generator) -> None:
    wood = pick(rng, "ebony", "walnut", "black")
    m.box((1.45, 1.15, 0.32), (0, 0, -0.14), wood)
    m.box((1.5, 0.04, 0.38), (0, 1.15, -0.14), wood)
    m.box((1.45, 0.1, 0.32), (0, 0.62, 0.16), wood)
    m.box((1.3, 0.03, 0.16), (0, 0.72, 0.2), "white", top="piano keys", front="white")
    for side in (-1, 1):
        m.box((0.08, 0.14, 0.34), (side * 0.69, 0.68, 0.17), wood)
        m.box((0.07, 0.62, 0.07), (side * 0.67, 0, 0.26), wood)
        m.box((0.02, 0.015, 0.1), (side * 0.06, 0.05, 0.07), "brass")
    m.box((0.5, 0.26, 0.02), (0, 0.82, 0.06), wood, tilt=-12)
    m.box((0.4, 0.24, 0.006), (0, 0.83, 0.075), "paper", tilt=-12, front="front page")
    m.support(1.2, 0.24, 1.19, z=-0.14, head=0.4)


@furniture("guitar")
def guitar(m: Model, rng: np.random.Generator) -> None:
    """Build a guitar that leans on a stand."""
    wood, g = pick(rng, "oak", "cherry", "pine", "black"), Model()
    front = Model()
    for y, radius in ((0.0, 0.2), (0.27, 0.15)):
        front.lathe([(radius, -0.045), (radius, 0.045)], (0, 0, -y), wood, 14)
    front.lathe([(0.05, 0), (0.048, 0.003)], (0, 0.046, -0.2), "black", 10)
    front.box((0.15, 0.012, 0.025), (0, 0.045, 0.05), "ebony")
    g.put(front.solids, (0, 0.2, 0), tilt=90)
    g.box((0.05, 0.5, 0.03), (0, 0.55, 0.034), "walnut", front="walnut grain")
    g.box((0.075, 0.16, 0.025), (0, 1.04, 0.03), "ebony")
    for side in (-1, 1):
        for y in (1.06, 1.1, 1.14):
            g.box((0.03, 0.012, 0.012), (side * 0.05, y, 0.03), "chrome")
    m.put(g.solids, (0, 0.08, 0.04), tilt=-12)
    for side in (-1, 1):
        m.tube([(side * 0.1, 0.1, 0.08), (side * 0.15, 0.0, 0.16)], 0.012, "black", 5)
        m.tube([(side * 0.1, 0.1, 0.08), (side * 0.1, 0.5, -0.14)], 0.012, "black", 5)
    m.tube([(0, 0.5, -0.14), (0, 0.0, -0.26)], 0.012, "black", 5)
    m.tube([(-0.1, 0.5, -0.14), (0.1, 0.5, -0.14)], 0.012, "black", 5)


@furniture("bicycle")
def bicycle(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "red", "blue", "teal", "orange", "green")
    rear, front, radius = -0.5, 0.52, 0.33
    for x in (rear, front):
        m.put(ring(radius - 0.02, 0.02, "rubber", 14, 3), (x, radius, 0), tilt=90)
        m.lathe([(0.03, -0.03), (0.03, 0.03)], (x, radius, 0), "chrome", 6)
        for spoke in range(4):
            angle = spoke * np.pi / 4
            reach = (radius - 0.03) * np.array([np.cos(angle), np.sin(angle), 0.0])
            hub = np.array([x, radius, 0.0])
            m.tube([hub - reach, hub + reach], 0.004, "chrome", 3)
    crank, seat, head = (-0.08, 0.3, 0), (-0.2, 0.78, 0), (0.36, 0.76, 0)
    for a, b in ((crank, seat), (seat, head), (head, crank), (crank, (rear, radius, 0))):
        m.tube([a, b], 0.017, paint, 5)
    m.tube([seat, (rear, radius, 0)], 0.013, paint, 5)
    m.tube([(0.33, 0.96, 0), (front, radius, 0)], 0.017, paint, 5)
    m.tube([seat, (-0.22, 0.88, 0)], 0.013, "chrome", 5)
    m.block((0.26, 0.05, 0.13), (-0.2, 0.87, 0), "black", 0.02, 0.04)
    m.tube(
        [(0.4, 0.98, -0.26), (0.33, 0.95, -0.1), (0.33, 0.95, 0.1), (0.4, 0.98, 0.26)],
        0.013,
        "chrome",
        5,
    )
    m.put(ring(0.09, 0.008, "gunmetal", 10, 3), (crank[0], crank[1], 0.03), tilt=90)
    for side in (-1, 1):
        m.tube(
            [(-0.08, 0.3, side * 0.02), (-0.08 + side * 0.12, 0.22, side * 0.06)],
            0.009,
            "chrome",
            4,
        )
        m.box((0.09, 0.02, 0.07), (-0.08 + side * 0.12, 0.21, side * 0.09), "black")


@furniture("treadmill")
def treadmill(m: Model, rng: np.random.Generator) -> None:
    m.box((0.7, 0.16, 1.5), (0, 0.02, 0), "charcoal")
    m.box((0.46, 0.012, 1.36), (0, 0.18, 0.05), "rubber")
    for side in (-1, 1):
        m.box((0.06, 0.02, 1.5), (side * 0.29, 0.18, 0), "steel")
        m.tube([(side * 0.31, 0.15, -0.6), (side * 0.31, 1.2, -0.72)], 0.03, "gunmetal", 6)
        m.tube([(side * 0.31, 1.05, -0.7), (side * 0.31, 0.98, -0.2)], 0.022, "rubber", 6)
    m.box((0.66, 0.24, 0.06), (0, 1.12, -0.7), "black", tilt=-30, front="dials")


@furniture("easel")
def easel(m: Model, rng: np.random.Generator) -> None:
    for side in (-1, 1):
        m.tube([(side * 0.32, 0, 0.18), (side * 0.05, 1.6, -0.04)], 0.018, "pine", 4)
    m.tube([(0, 0, -0.45), (0, 1.5, -0.05)], 0.018, "pine", 4)
    m.box((0.7, 0.03, 0.08), (0, 0.68, 0.12), "pine")
    board = Model()
    board.box(
        (0.6, 0.62, 0.02), (0, 0, 0), "paper", front=pick(rng, "landscape", "abstract", "botanical")
    )
    m.put(board.solids, (0, 0.71, 0.12), tilt=-8)
    m.box((0.03, 0.3, 0.03), (0, 1.3, 0.02), "pine", tilt=-8)


@furniture("dollhouse")
def dollhouse(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "pink", "sky", "yellow", "sage")
    m.box((0.6, 0.5, 0.34), (0, 0, 0), paint)
    m.put(prism([(-0.36, 0), (0.36, 0), (0, 0.3)], 0.38, "red"), (0, 0.5, 0))
    for x in (-0.18, 0.18):
        for y in (0.1, 0.32):
            m.box((0.12, 0.12, 0.01), (x, y, 0.172), "white")
            m.box((0.1, 0.1, 0.004), (x, y + 0.01, 0.179), "water")
    m.box((0.12, 0.22, 0.012), (0, 0, 0.172), "walnut")
    m.box((0.07, 0.16, 0.07), (0.2, 0.66, 0), "brick")


@furniture("toy car", portable=True)
def toy_car(m: Model, rng: np.random.Generator) -> None:
    m.block((0.26, 0.07, 0.12), (0, 0.03, 0), pick(rng, "red", "blue", "yellow", "green"), 0.015)
    m.block((0.13, 0.06, 0.1), (-0.01, 0.1, 0), "glass", 0.02)
    for x in (-0.08, 0.08):
        wheel = Model()
        wheel.lathe([(0.035, -0.07), (0.035, 0.07)], (0, 0, 0), "rubber", 10)
        m.put(wheel.solids, (x, 0.035, 0), tilt=90)


@furniture("teddy bear", portable=True)
def teddy_bear(m: Model, rng: np.random.Generator) -> None:
    paint = pick(rng, "bear", "beige", "pink")
    m.ball((0.1, 0.11, 0.09), (0, 0, 0), paint, 8, 5)
    m.ball((0.085, 0.08, 0.075), (0, 0.19, 0.01), paint, 8, 5)
    m.ball((0.035, 0.028, 0.03), (0, 0.22, 0.065), "cream", 6, 4)
    m.ball((0.012, 0.01, 0.01), (0, 0.25, 0.09), "black", 5, 3)
    for side in (-1, 1):
        m.ball((0.03, 0.03, 0.02), (side * 0.065, 0.31, 0), paint, 6, 3)
        m.ball((0.01, 0.01, 0.008), (side * 0.033, 0.275, 0.075), "black", 5, 3)
        m.tube([(side * 0.08, 0.17, 0), (side * 0.14, 0.08, 0.06)], 0.035, paint, 6)
        m.tube([(side * 0.05, 0.045, 0.05), (side * 0.08, 0.04, 0.16)], 0.042, paint, 6)


@furniture("ball", portable=True)
def ball(m: Model, rng: np.random.Generator) -> None:
    first, second = (
        pick(rng, "red", "blue", "orange", "white"),
        pick(rng, "yellow", "black", "teal"),
    )
    m.ball((0.11, 0.11, 0.11), (0, 0, 0), first, 10, 6)
    m.put(ring(0.105, 0.012, second, 14, 4), (0, 0.11, 0))
    m.put(ring(0.105, 0.012, second, 14, 4), (0, 0.11, 0), tilt=90)


@furniture("blocks", portable=True)
def blocks(m: Model, rng: np.random.Generator) -> None:
    for x, y, paint in ((-0.055, 0, "red"), (0.055, 0, "blue"), (0, 0.1, "yellow")):
        m.box((0.1, 0.1, 0.1), (x, y, 0), paint, yaw=float(rng.uniform(-12, 12)))
    m.put(prism([(-0.05, 0), (0.05, 0), (0, 0.07)], 0.1, "green"), (0, 0.2, 0))


@furniture("dumbbell", portable=True)
def dumbbell(m: Model, rng: np.random.Generator) -> None:
    m.tube([(-0.14, 0.06, 0), (0.14, 0.06, 0)], 0.015, "chrome", 6)
    for side in (-1, 1):
        for x, radius in ((0.1, 0.06), (0.135, 0.045)):
            disc = Model()
            disc.lathe([(radius, -0.015), (radius, 0.015)], (0, 0, 0), "rubber", 10)
            m.put(disc.solids, (side * x, 0.06, 0), roll=90)


@furniture("chess board", mount="surface", portable=True)
def chess_board(m: Model, rng: np.random.Generator) -> None:
    m.box((0.36, 0.025, 0.36), (0, 0, 0), "walnut")
    for row in range(6):
        for column in range(row % 2, 6, 2):
            m.box(
                (0.053, 0.002, 0.053),
                (-0.133 + column * 0.053, 0.025, -0.133 + row * 0.053),
                "cream",
                bottom="",
            )
    for x, z, paint in (
        (-0.13, -0.13, "ebony"),
        (0.03, -0.13, "ebony"),
        (-0.02, 0.08, "cream"),
        (0.13, 0.13, "cream"),
    ):
        m.lathe([(0.02, 0), (0.008, 0.03), (0.014, 0.05), (0, 0.065)], (x, 0.027, z), paint, 6)
