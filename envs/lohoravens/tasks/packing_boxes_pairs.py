"""CLIPort: all blocks of two colors into the brown box, with blocks of other colors about."""

from longhaul.envs.lohoravens.tasks.build import into
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.things import Vector

BOX: Vector = (0.2, 0.16, 0.06)
"""Outer extents of the container (m): six blocks of the largest size fit beside each other."""

EDGES = (0.03, 0.04, 0.045)
"""What the edges of the cuboids are drawn from (m)."""


def sample(table: Table) -> Problem:
    box = table.put("box", "brown", BOX, fixed=True)
    one, other, *rest = table.colors
    blocks = [_cuboid(table, color) for color in (one, other) for _ in range(table.number(1, 3))]
    for color in rest[: table.number(1, 3)]:
        _cuboid(table, color)
    return Problem(
        f"pack all the {one} and {other} blocks into the brown box",
        steps(*(into(block, box) for block in blocks)),
    )


def _cuboid(table: Table, color: str) -> str:
    wide, deep, high = (table.one_of(EDGES) for _ in range(3))
    return table.put("block", color, (wide, deep, high))


TASKS = (Task("packing-boxes-pairs", sample, ("cliport",), ("color",), budget=20),)
