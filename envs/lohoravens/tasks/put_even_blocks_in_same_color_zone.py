"""E of the first benchmark: blocks of colors that are there in even numbers into their zone."""

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
"""How many blocks the colors with even and with odd numbers have, for two and three colors."""


def sample(table: Table) -> Problem:
    even, odd = table.one_of(table.one_of(COUNTS))
    colors = table.colors[: len(even) + len(odd)]
    zones = [table.zone(color, EDGE) for color in table.shuffled(colors)]
    zone_of = {table.color(zone): zone for zone in zones}
    groups = [
        [table.block(color) for _ in range(count)]
        for color, count in zip(colors, even + odd, strict=True)
    ]
    atoms = [
        Atom("zone", (block,), (zone_of[color],))
        for color, blocks in zip(colors, groups[: len(even)], strict=False)
        for block in blocks
    ]
    forbidden = [
        atom
        for color, blocks in zip(colors[len(even) :], groups[len(even) :], strict=True)
        for atom in kept_off(blocks, zone_of[color])
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
        aspects=("color", "arithmetic", "reference"),
    ),
)
