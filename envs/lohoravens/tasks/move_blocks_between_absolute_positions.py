"""J of the first benchmark and its kin: blocks of one quadrant to another one."""

from collections.abc import Callable

from longhaul.envs.lohoravens.geometry import QUADRANTS
from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.tasks.build import Kind, category, chosen_and_others
from longhaul.envs.lohoravens.tasks.table import Table, Within
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BLOCK_EDGES_M, COLOR_CATEGORIES, SIZE_WORDS


def all_of_them(table: Table) -> Problem:
    start, end, *elsewhere = table.shuffled(QUADRANTS)
    count = table.number(3, 5)
    blocks = [table.block(color, where=Within(start)) for color in table.colors[:count]]
    for _ in range(table.number(0, 4)):
        table.block(table.one_of(table.colors), where=Within(table.one_of(elsewhere)))
    return Problem(
        f"move all the blocks in the {start} area to the {end} area",
        steps(*(Atom("area", (block,), (end,)) for block in blocks)),
    )


def by_size(table: Table) -> Problem:
    edge = table.one_of(BLOCK_EDGES_M)
    return _some(table, SIZE_WORDS[edge], lambda kind: kind[1] == edge)


def by_color(table: Table) -> Problem:
    name = category(table)
    return _some(table, f"{name} color", lambda kind: kind[0] in COLOR_CATEGORIES[name])


def by_size_and_color(table: Table) -> Problem:
    edge, name = table.one_of(BLOCK_EDGES_M), category(table)
    words = f"{SIZE_WORDS[edge]} {name} color"
    return _some(table, words, lambda kind: kind[1] == edge and kind[0] in COLOR_CATEGORIES[name])


def _some(table: Table, words: str, wanted: Callable[[Kind], bool]) -> Problem:
    start, end, *elsewhere = table.shuffled(QUADRANTS)
    chosen, others = chosen_and_others(table, wanted)
    movers = [table.block(*kind, where=Within(start)) for kind in chosen]
    staying = [table.block(*kind, where=Within(start)) for kind in others[:2]]
    for kind in others[2:]:
        table.block(*kind, where=Within(table.one_of(elsewhere)))
    return Problem(
        f"move all the {words} blocks in the {start} area to the {end} area",
        steps(*(Atom("area", (block,), (end,)) for block in movers)),
        (Atom("area", tuple(staying), (end,)),),
    )


NAME = "move-blocks-between-absolute-positions"

TASKS = (
    Task(NAME, all_of_them, groups=("unseen", "v2-seen"), aspects=("space",), spare=7),
    Task(f"{NAME}-by-size", by_size, groups=("v2-seen",), aspects=("space", "size"), spare=7),
    Task(f"{NAME}-by-color", by_color, groups=(), aspects=("space", "commonsense"), spare=7),
    Task(
        f"{NAME}-by-size-and-color",
        by_size_and_color,
        groups=("v2-unseen",),
        aspects=("space", "size", "commonsense"),
        spare=7,
    ),
)
