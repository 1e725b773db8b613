"""Atoms and scenes that several tasks are built from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.language import step
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.vocabulary import (
    BIG_EDGE_M,
    BLOCK_EDGES_M,
    COLOR_CATEGORIES,
    SMALL_EDGE_M,
)

BLOCK_COUNTS = (4, 7)
"""Range of the number of blocks in tasks that choose some of them by a property."""

MAX_CHOSEN = 4
"""Most blocks that such a task chooses: four bigger ones make a tower of 0.24 m."""

Kind = tuple[str, float]
"""Color and edge (m) of a block."""


def into(mover: str, *containers: str) -> Atom:
    """A block lies in one of the bowls or boxes."""
    return Atom("in", (mover,), containers)


def tower(base: str, *groups: Sequence[str]) -> tuple[Atom, ...]:
    """Blocks stand on each other on a zone or thing, one group after the other from the bottom.

    The blocks of a group may come in any order; that of the reference plan is the one given.
    """
    return levels(base, [first(group, k) for group in groups for k in range(len(group))])


def levels(base: str, allowed: Sequence[Sequence[str]]) -> tuple[Atom, ...]:
    """Blocks stand on each other on a zone or thing: which ones may be at each level, from the
    bottom, that of the reference plan first."""
    names = [tuple(level) for level in allowed]
    return tuple(Atom("stack", level, (base,), tuple(names[:k])) for k, level in enumerate(names))


def tower_of(blocks: Sequence[str]) -> tuple[Atom, ...]:
    """Blocks stand on each other in any order, wherever; the first is the reference plan's base."""
    names = [first(blocks, k) for k in range(1, len(blocks))]
    return tuple(
        Atom("stack", level, tuple(blocks), tuple(names[:k])) for k, level in enumerate(names)
    )


def kept_off(blocks: Sequence[str], zone: str) -> tuple[Atom, ...]:
    """None of the blocks may be in a zone: what to forbid."""
    return (Atom("zone", tuple(blocks), (zone,)),) if blocks else ()


def bigger_first(table: Table, blocks: Sequence[str]) -> list[str]:
    """Return blocks with the bigger ones first, on which the smaller ones stand well."""
    return sorted(blocks, key=lambda name: -table.edge(name))


def by_edge(table: Table, blocks: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the bigger and the smaller ones of some blocks."""
    bigger = [name for name in blocks if table.edge(name) == BIG_EDGE_M]
    return bigger, [name for name in blocks if table.edge(name) == SMALL_EDGE_M]


def category(table: Table) -> str:
    """Return a category of which the palette has two colors or more, and as many others."""
    counts = {
        name: sum(color in table.colors for color in colors)
        for name, colors in COLOR_CATEGORIES.items()
    }
    return table.one_of(
        [name for name, count in counts.items() if 2 <= count <= len(table.colors) - 2]
    )


def chosen_and_others(
    table: Table,
    wanted: Callable[[Kind], bool],
    edges: Sequence[float] = BLOCK_EDGES_M,
    colors: Sequence[str] | None = None,
) -> tuple[list[Kind], list[Kind]]:
    """Draw kinds of block, no two alike: two or more that are wanted, one or more that are not.

    Where there are two sizes, both are among them, so that "bigger" means something.
    """
    colors = table.colors if colors is None else colors
    kinds = table.shuffled([(color, edge) for color in colors for edge in edges])
    fit = [kind for kind in kinds if wanted(kind)]
    unfit = [kind for kind in kinds if not wanted(kind)]
    if len(edges) > 1:
        other_edge = next(kind for kind in unfit if kind[1] != fit[0][1])
        unfit = [other_edge, *(kind for kind in unfit if kind != other_edge)]
    total = table.number(*BLOCK_COUNTS)
    count = table.number(2, min(MAX_CHOSEN, len(fit), total - 1))
    return fit[:count], unfit[: total - count]


def both_edges(table: Table, colors: Sequence[str]) -> list[Kind]:
    """Draw two to four kinds of block, no two alike, with a bigger and a smaller one at least."""
    kinds = table.shuffled(
        [(color, edge) for color in colors for edge in (SMALL_EDGE_M, BIG_EDGE_M)]
    )
    one_each = [next(kind for kind in kinds if kind[1] == edge) for edge in BLOCK_EDGES_M]
    rest = [kind for kind in kinds if kind not in one_each]
    return one_each + rest[: table.number(0, MAX_CHOSEN - 2)]


def first(names: Sequence[str], index: int) -> tuple[str, ...]:
    """Return names with the one at an index first."""
    return (names[index], *(name for name in names if name != names[index]))


def told(goal: str, atoms: Sequence[Atom], table: Table) -> str:
    """Return the goal's sentence with all steps of the reference plan in it."""
    state = table.state()
    return f"{goal}: {', then '.join(step(atom, state) for atom in atoms)}"
