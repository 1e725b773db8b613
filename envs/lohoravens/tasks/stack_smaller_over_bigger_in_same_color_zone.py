"""I of the first benchmark: in each zone the bigger block of its colour, the smaller one on it."""

from longhaul.envs.lohoravens.tasks.build import tower
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BIG

EDGE, SHRINK, LEAST = 0.15, 0.01, 0.09
"""A zone's edge, how much less it gets each time the scene had no room, and at least (m)."""


def sample(table: Table) -> Problem:
    colours = table.colours[: table.number(3, 5)]
    edge = max(EDGE - SHRINK * table.attempt, LEAST)
    zones = [table.zone(colour, edge) for colour in colours]
    bigger = [table.block(colour, BIG) for colour in colours]
    smaller = [table.block(colour) for colour in colours]
    table.distractors(table.number(0, 2), table.colours[len(colours) :], ("block", "bowl"))
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
        aspects=("colour", "size"),
        spare=3,
    ),
)
