"""I of the first benchmark: in each zone the bigger block of its color, the smaller one on it."""

from longhaul.envs.lohoravens.tasks.build import tower
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BIG_EDGE_M

EDGE, SHRINK, LEAST = 0.15, 0.01, 0.09
"""A zone's edge, how much less it gets each time the scene had no room, and at least (m)."""


def sample(table: Table) -> Problem:
    colors = table.colors[: table.number(3, 5)]
    edge = max(EDGE - SHRINK * table.attempt, LEAST)
    zones = [table.zone(color, edge) for color in colors]
    bigger = [table.block(color, BIG_EDGE_M) for color in colors]
    smaller = [table.block(color) for color in colors]
    table.distractors(table.number(0, 2), table.colors[len(colors) :], ("block", "bowl"))
    trios = zip(zones, bigger, smaller, strict=True)
    atoms = [atom for zone, big, small in trios for atom in tower(zone, [big], [small])]
    return Problem(
        "stack the smaller blocks over the bigger blocks of the same color "
        "in the zone of the same color",
        steps(*atoms),
    )


TASKS = (
    Task(
        "stack-smaller-over-bigger-with-same-color-in-same-color-zone",
        sample,
        groups=("unseen", "v2-unseen"),
        aspects=("color", "size"),
        spare=3,
    ),
)
