"""Every block of a pyramid of three, two and one that has another on it into its bowl."""

import numpy as np

from longhaul.envs.lohoravens.tasks.build import into
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Step, Task
from longhaul.envs.lohoravens.things import Pose, Thing
from longhaul.envs.lohoravens.vocabulary import SMALL_EDGE_M

PITCH = 0.042
"""From one block of a layer to the next (m)."""


def sample(table: Table) -> Problem:
    colors = table.colors[:6]
    bowl_of = {color: table.bowl(color) for color in table.shuffled(colors[:5])}
    blocks = _pyramid(table, colors)
    order = [4, 3, 0, 1, 2]
    return Problem(
        "put all the blocks that are under other blocks in the bowls with matching colors",
        tuple(
            Step(into(blocks[index], bowl_of[colors[index]]), actions=1 + (index == order[0]))
            for index in order
        ),
    )


def _pyramid(table: Table, colors: list[str]) -> list[str]:
    """Put six blocks as a pyramid, the bottom layer first, and return their names."""
    whole = Thing("pyramid", "block", colors[0], (3 * PITCH, SMALL_EDGE_M, SMALL_EDGE_M))
    base = table.spot(whole)
    (x, y, z), quaternion = base.position, base.quaternion
    yaw = 2 * np.arctan2(quaternion[2], quaternion[3])
    places = [
        (offset, layer) for layer in range(3) for offset in np.arange(layer - 2, 3 - layer, 2)
    ]
    made = []
    for color, (offset, layer) in zip(colors, places, strict=True):
        along = float(offset) * PITCH / 2
        position = (
            x + along * float(np.cos(yaw)),
            y + along * float(np.sin(yaw)),
            z + layer * SMALL_EDGE_M,
        )
        block = Thing(
            f"block_{len(table.things)}", "block", color, (SMALL_EDGE_M, SMALL_EDGE_M, SMALL_EDGE_M)
        )
        made.append(table.place(block, Pose(position, quaternion)))
    return made


TASKS = (
    Task(
        "put-hidden-blocks-in-pyramid-into-matching-bowls",
        sample,
        groups=("v2-unseen",),
        aspects=("color", "occlusion"),
    ),
)
