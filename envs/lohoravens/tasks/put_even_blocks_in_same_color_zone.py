"""E of the first benchmark: blocks of colours that are there in even numbers into their zone."""

from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.tasks.build import kept_off
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps

EDGE = 0.15
"""Of a zone (m)."""

COUNTS = (
    (((2,), (1,)), ((2,), (3,)), ((4,), (1,)), ((4,), (3,))),
    (
        ((2,), (1, 1)),
        ((2,), (1, 3)),
        ((4,), (1, 3)),
        ((4,), (1, 1)),
        ((2, 2), (1,)),
        ((2, 2), (3,)),
        ((2, 4), (1,)),
        ((2, 4), (3,)),
    ),
)
"""How many blocks the colours with even and with odd numbers have, for two and three colours."""


def sample(table: Table) -> Problem:
    even, odd = table.one_of(table.one_of(COUNTS))
    colours = table.colours[: len(even) + len(odd)]
    zones = [table.zone(colour, EDGE) for colour in table.shuffled(colours)]
    zone_of = {table.colour(zone): zone for zone in zones}
    groups = [
        [table.block(colour) for _ in range(count)]
        for colour, count in zip(colours, even + odd, strict=True)
    ]
    atoms = [
        Atom("zone", (block,), (zone_of[colour],))
        for colour, blocks in zip(colours, groups[: len(even)], strict=False)
        for block in blocks
    ]
    forbidden = [
        atom
        for colour, blocks in zip(colours[len(even) :], groups[len(even) :], strict=True)
        for atom in kept_off(blocks, zone_of[colour])
    ]
    return Problem(
        "move all blocks of a color that occurs in even numbers to the zone of the same color",
        steps(*atoms),
        tuple(forbidden),
    )


TASKS = (
    Task(
        "put-even-blocks-in-same-color-zone",
        sample,
        groups=("seen",),
        aspects=("colour", "arithmetic", "reference"),
    ),
)
