"""K of the first benchmark: the blocks of each color onto each other on the zone of the color."""

from longhaul.envs.lohoravens.tasks.build import tower
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps


def sample(table: Table) -> Problem:
    count = table.number(1, 3)
    colors, unused = table.colors[:count], table.colors[count:]
    zones = [table.zone(color) for color in colors]
    teams = [[table.block(color) for _ in range(table.number(2, 3))] for color in colors]
    if table.number(0, 1):
        table.zone(unused[-1])
    table.distractors(table.number(0, 2), unused[:-1], ("block",))
    atoms = [atom for zone, team in zip(zones, teams, strict=True) for atom in tower(zone, team)]
    return Problem(
        "stack all the blocks of the same color on the zone of the same color", steps(*atoms)
    )


TASKS = (
    Task(
        "stack-blocks-of-same-color",
        sample,
        groups=("unseen", "v2-seen"),
        aspects=("color", "reference"),
    ),
)
