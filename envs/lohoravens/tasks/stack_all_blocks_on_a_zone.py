"""All blocks onto each other on a zone: in any order, or in the order of the steps told."""

from longhaul.envs.lohoravens.tasks.build import told, tower
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps


def in_any_order(table: Table) -> Problem:
    blocks, zone = _scene(table)
    return Problem(_goal(table, zone), steps(*tower(zone, blocks)))


def in_the_order_told(table: Table) -> Problem:
    blocks, zone = _scene(table)
    atoms = tower(zone, *([block] for block in blocks))
    return Problem(told(_goal(table, zone), atoms, table), steps(*atoms))


def _scene(table: Table) -> tuple[list[str], str]:
    colors = table.shuffled(table.colors)
    zone = table.zone(colors[0])
    if table.number(0, 1):
        table.zone(colors[1])
    return [table.block(color) for color in table.colors[: table.number(3, 5)]], zone


def _goal(table: Table, zone: str) -> str:
    return f"stack all the blocks on the {table.color(zone)} zone"


NAME = "stack-all-blocks-on-a-zone"

TASKS = (
    Task(NAME, in_any_order, groups=("v2-seen",), aspects=("color",)),
    Task(
        f"{NAME}-with-details",
        in_the_order_told,
        groups=("v2-seen",),
        aspects=("color", "details", "order"),
    ),
)
