"""G of the first benchmark: the bigger blocks onto one zone, the smaller ones onto another."""

from longhaul.envs.lohoravens.tasks.build import tower
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BIG_EDGE_M


def sample(table: Table) -> Problem:
    one, other, *rest = table.colors
    zones = table.zone(one), table.zone(other)
    bigger = [table.block(color, BIG_EDGE_M) for color in [one, *rest][: table.number(1, 4)]]
    rest = table.shuffled(rest)
    smaller = [table.block(color) for color in [other, *rest][: table.number(1, 4)]]
    return Problem(
        f"stack all the bigger blocks on the {one} zone "
        f"and all the smaller blocks on the {other} zone",
        steps(*tower(zones[0], bigger), *tower(zones[1], smaller)),
    )


TASKS = (
    Task(
        "stack-blocks-of-same-size",
        sample,
        groups=("unseen", "v2-seen"),
        aspects=("size",),
    ),
)
