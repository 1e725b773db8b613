"""Only blocks of a category of colors, and of a size, onto a zone."""

from collections.abc import Callable, Sequence

from longhaul.envs.lohoravens.tasks.build import (
    Kind,
    both_edges,
    by_edge,
    category,
    chosen_and_others,
    kept_off,
    tower,
)
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import (
    BLOCK_EDGES_M,
    COLOR_CATEGORIES,
    SIZE_WORDS,
    SMALL_EDGE_M,
)


def by_color(table: Table) -> Problem:
    name = category(table)
    return _only(
        table, f"{name} color", lambda kind: kind[0] in COLOR_CATEGORIES[name], (SMALL_EDGE_M,)
    )


def by_color_and_size(table: Table) -> Problem:
    name, edge = category(table), table.one_of(BLOCK_EDGES_M)
    words = f"{SIZE_WORDS[edge]} {name} color"
    return _only(
        table,
        words,
        lambda kind: kind[0] in COLOR_CATEGORIES[name] and kind[1] == edge,
        BLOCK_EDGES_M,
    )


def by_color_in_size_order(table: Table) -> Problem:
    name = category(table)
    zone = table.zone(table.one_of(table.colors))
    inside = [color for color in table.colors if color in COLOR_CATEGORIES[name]]
    outside = [color for color in table.colors if color not in inside]
    chosen = [table.block(*kind) for kind in both_edges(table, inside)]
    others = [table.block(*kind) for kind in both_edges(table, outside)]
    return Problem(
        f"stack only the {name} color blocks on the {table.color(zone)} zone, from big to small",
        steps(*tower(zone, *by_edge(table, chosen))),
        kept_off(others, zone),
    )


def _only(
    table: Table, words: str, wanted: Callable[[Kind], bool], edges: Sequence[float]
) -> Problem:
    zone = table.zone(table.one_of(table.colors))
    kinds = chosen_and_others(table, wanted, edges)
    chosen, others = ([table.block(*kind) for kind in group] for group in kinds)
    return Problem(
        f"stack only the {words} blocks on the {table.color(zone)} zone",
        steps(*tower(zone, chosen)),
        kept_off(others, zone),
    )


TASKS = (
    Task("stack-blocks-by-color", by_color, groups=("v2-seen",), aspects=("color", "commonsense")),
    Task(
        "stack-blocks-by-color-and-size",
        by_color_and_size,
        groups=("v2-seen",),
        aspects=("color", "commonsense", "size"),
    ),
    Task(
        "stack-blocks-by-color-in-size-order",
        by_color_in_size_order,
        groups=("v2-unseen",),
        aspects=("color", "commonsense", "size", "order"),
    ),
)
