"""CLIPort: three rings from one peg to another, one sentence a move."""

import numpy as np

from longhaul.envs.lohoravens.geometry import PEGS, WORKSPACE_MIDDLE, pegs, turned
from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.hanoi import solution
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Step, Task
from longhaul.envs.lohoravens.things import Pose, Thing, Vector

STAND: Vector = (0.36, 0.12, 0.06)
BASE = 0.012
"""Thickness of the stand's base (m): envs/lohoravens/bodies.py."""

DIAMETERS = (0.1, 0.085, 0.07)
THICKNESS = 0.012
"""Of rings, the largest first (m)."""

SHIFT = (0.1, 0.25)
"""How far along x and y the stand may be from the middle of the table (m)."""


def sample(table: Table) -> Problem:
    x, y = WORKSPACE_MIDDLE + table.generator.uniform(-1, 1, 2) * SHIFT
    stand = Thing("stand", "stand", "brown", STAND, fixed=True)
    pose = Pose((float(x), float(y), STAND[2] / 2), turned(np.pi / 2))
    table.place(stand, pose)
    start, end, _ = table.shuffled(PEGS)
    x, y = pegs(stand, pose)[start]
    rings = []
    for level, (color, diameter) in enumerate(zip(table.colors, DIAMETERS, strict=False)):
        ring = Thing(f"ring_{level}", "ring", color, (diameter, diameter, THICKNESS))
        rings.append(table.place(ring, Pose((x, y, BASE + (level + 0.5) * THICKNESS))))
    steps = (
        Step(
            Atom("peg", (ring,), (peg,)),
            sentence=f"move the {table.color(ring)} ring to the {peg} peg",
        )
        for ring, peg in solution(rings, PEGS, start, end)
    )
    return Problem("", tuple(steps), sequential=True)


TASKS = (
    Task(
        "towers-of-hanoi-seq",
        sample,
        ("cliport",),
        aspects=("color", "space", "order"),
        spare=7,
    ),
)
