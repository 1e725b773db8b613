"""H of the first benchmark: one tower on a zone whose colors take turns."""

from longhaul.envs.lohoravens.tasks.build import first, levels
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps


def sample(table: Table) -> Problem:
    one, other, zone_color = table.colors[:3]
    zone = table.zone(zone_color)
    teams = [table.block(one) for _ in range(3)], [table.block(other) for _ in range(2)]
    allowed = [first(teams[level % 2], level // 2) for level in range(5)]
    return Problem(
        f"stack the blocks with alternate colors on the {zone_color} zone, "
        f"starting with the {one} color",
        steps(*levels(zone, allowed)),
    )


TASKS = (
    Task(
        "stack-blocks-with-alternate-color",
        sample,
        groups=("unseen", "v2-unseen"),
        aspects=("color", "reference"),
    ),
)
