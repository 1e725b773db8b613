"""CLIPort: the pile of one color is pushed into the square of a color."""

import numpy as np

from longhaul.envs.lohoravens.geometry import turned
from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Step, Task
from longhaul.envs.lohoravens.things import Pose, Thing, Vector

PELLET: Vector = (0.02, 0.02, 0.02)
ROWS = 3
PITCH = 0.022
"""A pile is a square of pellets, side by side, this far apart (m)."""

EDGE = 0.15
"""Of a square (m)."""


def sample(table: Table) -> Problem:
    one, other, *colors = table.colors
    zones = [table.zone(color, EDGE) for color in colors[:2]]
    piles = [_pile(table, color) for color in (one, other)]
    sentence = f"push the pile of {one} blocks into the {table.color(zones[0])} square"
    return Problem(
        sentence,
        tuple(Step(Atom("zone", (pellet,), (zones[0],)), sentence=sentence) for pellet in piles[0]),
        tool="spatula",
    )


def _pile(table: Table, color: str) -> list[str]:
    """Put a square of pellets where there is room and return their names."""
    edge = ROWS * PITCH
    whole = Thing("pile", "block", color, (edge, edge, PELLET[2]))
    pose = table.spot(whole)
    yaw = 2 * np.arctan2(pose.quaternion[2], pose.quaternion[3])
    sin, cos = float(np.sin(yaw)), float(np.cos(yaw))
    offsets = PITCH * (np.arange(ROWS) - (ROWS - 1) / 2)
    made = []
    for u in offsets.tolist():
        for v in offsets.tolist():
            x, y = pose.position[0] + cos * u - sin * v, pose.position[1] + sin * u + cos * v
            pellet = Thing(f"pellet_{len(table.things)}", "pellet", color, PELLET)
            made.append(table.place(pellet, Pose((x, y, PELLET[2] / 2), turned(yaw))))
    return made


TASKS = (Task("separating-piles", sample, ("cliport",), aspects=("color",), budget=20),)
