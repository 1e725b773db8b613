"""Atoms, towers and matching: any valid solution counts, and nothing counts twice."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from longhaul.envs.lohoravens.goals import Atom, Goal, match
from longhaul.envs.lohoravens.tasks.build import into, kept_off, levels, tower, tower_of
from tests.envs.lohoravens.hand import put, scene

ZONE = put("zone_0", 0.5, 0.0)


def stack(*names: str, x: float = 0.5, y: float = 0.0, base: float = 0.0):
    """Return small blocks on each other, the lowest first."""
    return [put(name, x, y, base + 0.02 + 0.04 * level) for level, name in enumerate(names)]


def held(atoms: tuple[Atom, ...], *placed) -> int:
    return sum(Goal(atoms).fulfilled(scene(ZONE, *placed)))


def test_a_tower_may_come_in_any_order() -> None:
    names = ["block_1", "block_2", "block_3"]
    atoms = tower("zone_0", names)
    assert all(held(atoms, *stack(*order)) == 3 for order in permutations(names))


def test_blocks_side_by_side_are_no_tower() -> None:
    names = ["block_1", "block_2", "block_3"]
    side_by_side = [put(name, 0.46 + 0.041 * n, 0.0) for n, name in enumerate(names)]
    assert held(tower("zone_0", names), *side_by_side) == 1


def test_of_two_towers_the_higher_one_counts() -> None:
    names = [f"block_{n}" for n in range(5)]
    two = [*stack(*names[:3]), *stack(*names[3:], y=0.045)]
    assert held(tower("zone_0", names), *two) == 3


def test_a_stranger_in_a_tower_ends_it() -> None:
    names = ["block_1", "block_2", "block_3"]
    assert held(tower("zone_0", names), *stack("block_1", "block_9", "block_2", "block_3")) == 1
    assert held(tower("zone_0", names), *stack("block_1", "block_2", "block_3", "block_9")) == 3


def test_a_tower_beside_its_zone_is_none() -> None:
    names = ["block_1", "block_2"]
    assert held(tower("zone_0", names), *stack(*names, y=0.09)) == 0


def test_groups_come_one_after_the_other() -> None:
    atoms = tower("zone_0", ["block_1", "block_2"], ["block_3"])
    assert held(atoms, *stack("block_2", "block_1", "block_3")) == 3
    assert held(atoms, *stack("block_1", "block_3", "block_2")) == 1
    assert held(atoms, *stack("block_3", "block_1", "block_2")) == 0


def test_levels_say_which_block_may_be_where() -> None:
    odd, even = ["block_1", "block_3"], ["block_2"]
    atoms = levels("zone_0", [odd, even, odd])
    assert held(atoms, *stack("block_3", "block_2", "block_1")) == 3
    assert held(atoms, *stack("block_1", "block_3", "block_2")) == 1


def test_a_tower_without_a_base_may_stand_anywhere() -> None:
    names = [f"block_{n}" for n in range(4)]
    atoms = tower_of(names)
    assert len(atoms) == 3
    assert held(atoms, *stack(*names[::-1], y=0.3)) == 3
    assert held(atoms, *stack(*names[:2]), *stack(*names[2:], y=0.3)) == 1
    assert held(atoms, *stack(*names[:3]), put(names[3], 0.3, 0.3)) == 2


def test_across_rests_on_both() -> None:
    atom = (Atom("across", ("block_3",), ("block_1", "block_2")),)
    below = [put("block_1", 0.5, 0.0), put("block_2", 0.5, 0.05)]
    assert held(atom, *below, put("block_3", 0.5, 0.025, 0.06)) == 1
    assert held(atom, *below, put("block_3", 0.5, 0.0, 0.06)) == 0


def test_one_bowl_serves_one_block_only_where_that_is_asked() -> None:
    bowls = ["bowl_1", "bowl_2"]
    blocks = ["block_1", "block_2"]
    placed = [
        put("bowl_1", 0.4, 0.3),
        put("bowl_2", 0.6, 0.3),
        put("block_1", 0.4, 0.28, 0.024),
        put("block_2", 0.4, 0.321, 0.024),
    ]
    shared = tuple(into(block, *bowls) for block in blocks)
    alone = tuple(Atom("in", (block,), tuple(bowls), exclusive=True) for block in blocks)
    assert held(shared, *placed) == 2 and held(alone, *placed) == 1


def test_what_is_forbidden_is_found() -> None:
    goal = Goal(tower("zone_0", ["block_1"]), kept_off(["block_2"], "zone_0"))
    on_top = scene(ZONE, *stack("block_1", "block_2"))
    assert goal.violations(on_top) == [("block_2", "zone_0")]
    assert goal.violations(scene(ZONE, *stack("block_1"), put("block_2", 0.5, 0.2))) == []


def test_a_goal_is_impossible_without_what_it_needs() -> None:
    goal = Goal(tower("zone_0", ["block_1", "block_2"]))
    found = scene(ZONE, *stack("block_1", "block_2"))
    assert goal.possible(found, ["block_9"]) and not goal.possible(found, ["block_2"])
    spare = Goal((Atom("in", ("block_1",), ("bowl_1", "bowl_2")),))
    assert spare.possible(found, ["bowl_1"]) and not spare.possible(found, ["bowl_1", "bowl_2"])


@pytest.mark.parametrize("seed", range(50))
def test_matching_is_maximum_and_serves_the_first_rows(seed: int) -> None:
    random = np.random.default_rng(seed)
    table = random.random((6, 5)) < 0.3
    options = [[str(column) for column in np.flatnonzero(row)] for row in table]
    chosen = match(options)
    given = [choice for choice in chosen if choice is not None]
    assert len(set(given)) == len(given)
    assert all(choice is None or choice in row for choice, row in zip(chosen, options, strict=True))
    sizes = [
        int((maximum_bipartite_matching(csr_matrix(table[:rows])) >= 0).sum()) for rows in range(7)
    ]
    gains = [bool(after - before) for before, after in pairwise(sizes)]
    assert [choice is not None for choice in chosen] == gains


@pytest.mark.parametrize(
    "atom",
    [into("block_1", "bowl_1"), tower("zone_0", ["a", "b"])[1], tower_of(["a", "b", "c"])[1]],
)
def test_json_form_is_exact(atom: Atom) -> None:
    assert Atom.from_json(atom.to_json()) == atom
