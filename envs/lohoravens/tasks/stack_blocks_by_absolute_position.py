"""The blocks that lie in a quadrant onto a zone: from big to small, or those of a size."""

from longhaul.envs.lohoravens.geometry import QUADRANTS
from longhaul.envs.lohoravens.tasks.build import (
    both_edges,
    by_edge,
    chosen_and_others,
    kept_off,
    tower,
)
from longhaul.envs.lohoravens.tasks.table import Table, Within
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BLOCK_EDGES_M, SIZE_WORDS


def in_size_order(table: Table) -> Problem:
    area, *elsewhere = table.shuffled(QUADRANTS)
    zone = _zones(table)
    kinds = both_edges(table, table.colors)
    chosen = [table.block(*kind, where=Within(area)) for kind in kinds]
    others = [
        table.block(color, table.one_of(BLOCK_EDGES_M), where=Within(table.one_of(elsewhere)))
        for color in table.shuffled(table.colors)[: table.number(1, 3)]
    ]
    return Problem(
        f"stack all the blocks in the {area} area on the {table.color(zone)} zone, "
        "from big to small",
        steps(*tower(zone, *by_edge(table, chosen))),
        kept_off(others, zone),
    )


def of_a_size(table: Table) -> Problem:
    area, *elsewhere = table.shuffled(QUADRANTS)
    zone, edge = _zones(table), table.one_of(BLOCK_EDGES_M)
    kinds, unfit = chosen_and_others(table, lambda kind: kind[1] == edge)
    chosen = [table.block(*kind, where=Within(area)) for kind in kinds]
    others = [table.block(*kind, where=Within(area)) for kind in unfit[:2]]
    others += [
        table.block(color, edge, where=Within(table.one_of(elsewhere)))
        for color in table.shuffled(table.colors)[: table.number(1, 2)]
    ]
    return Problem(
        f"stack all the {SIZE_WORDS[edge]} blocks in the {area} area "
        f"on the {table.color(zone)} zone",
        steps(*tower(zone, chosen)),
        kept_off(others, zone),
    )


def _zones(table: Table) -> str:
    """Put two or three zones on the table and return the first."""
    zone, *_ = [table.zone(color) for color in table.colors[: table.number(2, 3)]]
    return zone


TASKS = (
    Task(
        "stack-blocks-by-absolute-position-and-color-in-size-order",
        in_size_order,
        groups=("v2-seen",),
        aspects=("color", "space", "size", "order"),
    ),
    Task(
        "stack-blocks-by-absolute-position-and-color-and-size",
        of_a_size,
        groups=("v2-unseen",),
        aspects=("color", "space", "size"),
    ),
)
