"""Pick, place and push in physics: what is taken, where it goes, and what stays where it was."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from longhaul.envs.lohoravens import tabletop as module
from longhaul.envs.lohoravens.motion import HOME_TIP, Tip
from longhaul.envs.lohoravens.tabletop import Tabletop
from longhaul.envs.lohoravens.things import Layout, Thing
from tests.envs.lohoravens.scenes import (
    BIG,
    BOWL,
    PELLET,
    ZONE,
    block,
    cluttered,
    layout,
    moved,
    random_action,
)

Came = tuple[bool, bool]

DONE, MISSED = (True, True), (False, False)
"""Executed and grasped."""

FREE = Tip(0.5, 0.0, 0.0)


def act(table: Tabletop, start: Tip, end: Tip) -> Came:
    """Act and return whether it was executed and whether something was grasped."""
    result = table.act(start, end)
    return result.executed, result.grasped


@pytest.fixture(scope="module", params=[False, True], ids=["whole", "fast"])
def table(request: pytest.FixtureRequest) -> Iterator[Tabletop]:
    made = Tabletop(request.param)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("x", "expected"),
    [(0.4, DONE), (0.418, DONE), (0.3825, DONE), (0.4325, MISSED), (0.366, MISSED), (0.6, MISSED)],
)
def test_the_cup_takes_only_what_it_touches(table: Tabletop, x: float, expected: Came) -> None:
    """The block reaches from 0.38 to 0.42 m, the cup 0.01 m about its middle."""
    table.reset(layout(block("a", 0.4, 0.2)))
    before = table.state()
    assert act(table, Tip(x, 0.2, 0.0), FREE) == expected
    if expected == MISSED:
        assert moved(before, table.state())["a"] < 0.002


def test_no_suction_in_the_air(table: Tabletop) -> None:
    table.reset(layout(block("a", 0.4, 0.2)))
    table.arm.steps_left = 1000
    movable = {table.bodies["a"].uid: table.bodies["a"]}
    for height in (0.1, 0.05, 0.045):
        table.arm.move_free(Tip(0.4, 0.2, height))
        table.arm.wait(2)
        assert not table.arm.grasp(movable) and table.arm.held is None
    assert table.arm.move_guarded(Tip(0.4, 0.2, 0.0), 0.0005, frozenset())
    assert table.arm.tip.z == pytest.approx(0.04, abs=0.0015)
    assert table.arm.grasp(movable) and table.state().held == "a"


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (Thing("a", "bowl", "red", BOWL, fixed=True), MISSED),
        (Thing("a", "bowl", "red", BOWL), DONE),
        (Thing("a", "zone", "red", ZONE, fixed=True), MISSED),
        (Thing("a", "zone", "red", ZONE), MISSED),
        (Thing("a", "cylinder", "red", (0.04, 0.04, 0.06)), DONE),
        (Thing("a", "pellet", "red", PELLET), DONE),
    ],
)
def test_what_is_fixed_or_flat_stays(table: Tabletop, thing: Thing, expected: Came) -> None:
    table.reset(layout((thing, (0.4, 0.2, thing.size[2] / 2), 0.0)))
    assert act(table, Tip(0.4, 0.2, 0.0), FREE) == expected


def test_things_arrive_where_they_are_put_and_turned_as_told(table: Tabletop) -> None:
    things = [block("a", 0.35, -0.3, yaw=0.3), block("b", 0.6, 0.35, BIG)]
    table.reset(layout(*things))
    assert act(table, Tip(0.36, -0.31, 0.0, -0.4), Tip(0.61, 0.36, 0.0, 0.5)) == DONE
    pose = table.state().poses["a"]
    # What is 1 cm off the cup stays so, and turns with it.
    off = Rotation.from_euler("z", 0.9).apply([-0.01, 0.01, 0.0])[:2]
    np.testing.assert_allclose(pose.position, [0.61 + off[0], 0.36 + off[1], 0.08], atol=0.0015)
    assert Rotation.from_quat(pose.quaternion).as_euler("xyz")[2] == pytest.approx(1.2, abs=0.02)
    assert frozenset({"a", "b"}) in table.state().touching


def test_a_tower_of_six_stands(table: Tabletop) -> None:
    table.reset(layout(*(block(str(i), 0.3 + 0.07 * i, 0.3 - 0.02 * i) for i in range(6))))
    foot = table.state().poses["0"].position
    for i in range(1, 6):
        x, y, _ = table.state().poses[str(i)].position
        assert act(table, Tip(x, y, 0.0), Tip(foot[0], foot[1], 0.0)) == DONE
    for i in range(6):
        position = table.state().poses[str(i)].position
        np.testing.assert_allclose(position, [*foot[:2], 0.02 + 0.04 * i], atol=0.004)


def test_bowl_box_and_peg_hold_what_falls_into_them(table: Tabletop) -> None:
    stand = Thing("stand", "stand", "brown", (0.36, 0.12, 0.08), fixed=True)
    table.reset(
        layout(
            block("a", 0.3, 0.3),
            block("b", 0.3, 0.4),
            (Thing("bowl", "bowl", "blue", BOWL), (0.5, 0.3, BOWL[2] / 2), 0.0),
            (Thing("box", "box", "brown", (0.2, 0.2, 0.08), fixed=True), (0.6, 0.1, 0.04), 0.0),
            (stand, (0.4, -0.25, 0.04), np.pi / 2),
            (Thing("ring", "ring", "red", (0.08, 0.08, 0.018)), (0.4, -0.25, 0.022), 0.0),
        )
    )
    assert act(table, Tip(0.3, 0.3, 0.0), Tip(0.5, 0.3, 0.0)) == DONE
    assert act(table, Tip(0.3, 0.4, 0.0), Tip(0.58, 0.12, 0.0)) == DONE
    # The cup takes the ring beside its hole, and the ring goes from the middle peg to the next.
    assert act(table, Tip(0.4275, -0.25, 0.0), Tip(0.4275, -0.13, 0.0)) == DONE
    state = table.state()
    assert state.poses["a"].position[2] < 0.035 and frozenset({"a", "bowl"}) in state.touching
    assert state.poses["b"].position[2] == pytest.approx(0.024, abs=0.001)
    np.testing.assert_allclose(state.poses["ring"].position, [0.4, -0.13, 0.021], atol=0.006)


def test_a_bowl_is_carried_with_what_lies_in_it(table: Tabletop) -> None:
    bowl = Thing("bowl", "bowl", "blue", BOWL)
    table.reset(layout((bowl, (0.4, 0.3, BOWL[2] / 2), 0.0), block("a", 0.4, 0.315, PELLET)))
    assert act(table, Tip(0.4, 0.287, 0.0), Tip(0.5, -0.2, 0.0)) == DONE
    pose = table.state().poses
    assert np.hypot(*np.subtract(pose["a"].position, pose["bowl"].position)[:2]) < 0.05


def test_nothing_else_moves(table: Tabletop) -> None:
    random = np.random.default_rng(4)
    for seed in range(4):
        scene = cluttered(seed)
        table.reset(scene)
        before = table.state()
        free = [thing.name for thing in scene.things if thing.kind == "block"]
        x, y, _ = scene.poses[free[random.integers(len(free))]].position
        zone_x, zone_y, _ = scene.poses["zone0"].position
        assert act(table, Tip(x, y, 0.0, 0.4), Tip(zone_x, zone_y, 0.0)) == DONE
        far = [name for name, distance in moved(before, table.state()).items() if distance > 0.001]
        assert len(far) == 1 and table.arm.tip == HOME_TIP


def test_a_held_thing_is_dropped_on_the_way_with_its_probability() -> None:
    table = Tabletop(fast=True)
    scene = layout(block("a", 0.3, -0.4))
    ends, fell = [], 0
    for seed in range(60):
        table.reset(scene, seed, drop=0.3)
        result = table.act(Tip(0.3, -0.4, 0.0), Tip(0.7, 0.4, 0.0))
        x, y, z = table.state().poses["a"].position
        assert result.grasped and z < 0.021
        arrived = np.hypot(x - 0.7, y - 0.4) < 0.002
        assert arrived == result.executed
        fell += not result.executed
        ends.append((x, y))
    assert 8 <= fell <= 30  # 99.9 % of draws with probability 0.3
    table.reset(scene, 1, drop=1.0)
    assert act(table, Tip(0.3, -0.4, 0.0), Tip(0.7, 0.4, 0.0)) == (False, True)
    x, y, _ = table.state().poses["a"].position
    assert 0.25 < x < 0.75 and abs((y + 0.4) - 2 * (x - 0.3)) < 0.1  # somewhere along the way
    table.close()


def test_the_spatula_pushes_a_pile_and_takes_nothing() -> None:
    pile = [
        (
            Thing(f"p{i}", "pellet", "red", PELLET),
            (0.4 + 0.022 * (i % 3), 0.022 * (i // 3), 0.01),
            0.0,
        )
        for i in range(9)
    ]
    table = Tabletop()
    table.reset(layout(*pile, block("far", 0.3, -0.4), tool="spatula"))
    before = table.state()
    assert act(table, Tip(0.42, -0.06, 0.0), Tip(0.42, 0.25, 0.0)) == (True, False)
    after = table.state()
    along = [after.poses[f"p{i}"].position[1] - before.poses[f"p{i}"].position[1] for i in range(9)]
    assert min(along) > 0.1 and max(after.poses[f"p{i}"].position[1] for i in range(9)) < 0.3
    assert moved(before, after)["far"] < 0.001
    table.close()


def test_what_sleeps_wakes_when_its_support_goes() -> None:
    table = Tabletop()
    table.reset(
        layout(
            block("low", 0.5, 0.0, PELLET),
            (Thing("high", "block", "red", PELLET), (0.5, 0.0, 0.03), 0.0),
            tool="spatula",
        )
    )
    table.world.step(1000)  # to sleep, after 2 s
    assert table.state().poses["high"].position[2] == pytest.approx(0.03, abs=5e-4)
    assert frozenset({"low", "high"}) in table.state().touching
    act(table, Tip(0.5, -0.1, 0.0), Tip(0.5, 0.25, 0.0))
    assert table.state().poses["low"].position[1] > 0.1
    high = table.state().poses["high"].position
    low = table.state().poses["low"].position
    assert high[2] < 0.011 or np.hypot(high[0] - low[0], high[1] - low[1]) < 0.012


def test_what_falls_off_did_not_stay(table: Tabletop) -> None:
    """A block let go with its middle beyond the edge of another tips over."""
    for off, stays in ((0.0, True), (0.035, False)):
        table.reset(layout(block("low", 0.5, 0.2, BIG), block("top", 0.4, -0.2, BIG)))
        result = table.act(Tip(0.4, -0.2, 0.0), Tip(0.5 + off, 0.2, 0.0))
        assert result.executed and result.stayed == stays
        assert (table.state().poses["top"].position[2] > 0.08) == stays


def test_pushes_at_the_border_stay_in_reach() -> None:
    table = Tabletop(fast=True)
    table.reset(layout(tool="spatula"))
    corners = [(0.25, -0.5), (0.75, -0.5), (0.75, 0.5), (0.25, 0.5)]
    for (x, y), (other_x, other_y) in permutations(corners, 2):
        assert act(table, Tip(x, y, 0.0), Tip(other_x, other_y, 0.0)) == (True, False)
    assert act(table, Tip(0.75, 0.5, 0.0), Tip(0.75, 0.5, 0.0)) == (True, False)
    table.close()


def test_a_motion_that_runs_out_of_steps_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOTION_STEPS", 500)
    table = Tabletop()
    table.reset(layout(block("a", 0.4, 0.2)))
    result = table.act(Tip(0.4, 0.2, 0.0), FREE)
    assert not result.executed and table.arm.held is None and table.arm.tip == HOME_TIP
    monkeypatch.setattr(module, "MOTION_STEPS", 6000)
    x, y, _ = table.state().poses["a"].position
    assert act(table, Tip(x, y, 0.0), FREE) == DONE
    table.close()


def test_unknown_kinds_colors_and_tools_are_named() -> None:
    table = Tabletop()
    for thing, word in (
        (Thing("a", "teapot", "red", BIG), r"a: kind 'teapot'.*block, "),
        (Thing("a", "block", "gold", BIG), r"a: color 'gold'.*blue, red"),
    ):
        with pytest.raises(ValueError, match=word):
            table.reset(layout((thing, (0.4, 0.2, 0.03), 0.0)))
    with pytest.raises(ValueError, match=r"'fork'.*suction, spatula"):
        table.reset(layout(tool="fork"))
    table.close()


def digest(seed: int) -> str:
    """Return a hash of the states that a reset and three actions lead to."""
    table, random = Tabletop(), np.random.default_rng(seed)
    scene = cluttered(seed)
    table.reset(scene, seed, drop=0.5)
    found = hashlib.sha256()
    for _ in range(3):
        poses = table.state().poses
        for name in sorted(poses):
            found.update(np.array([*poses[name].position, *poses[name].quaternion]).tobytes())
        act(table, *random_action(random, scene))
    found.update(repr(sorted(map(sorted, table.state().touching))).encode())
    table.close()
    return found.hexdigest()


def test_the_same_seed_gives_the_same_states_in_another_process() -> None:
    program = "from tests.envs.lohoravens.test_tabletop import digest; print(digest(3))"
    other = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "77"},
    )
    assert other.returncode == 0, other.stderr
    assert other.stdout.split()[-1] == digest(3) != digest(4)


def test_a_rollout_does_not_remember_the_one_before_and_can_be_restored() -> None:
    table, random = Tabletop(), np.random.default_rng(5)
    scene = cluttered(5)
    actions = [random_action(random, scene) for _ in range(3)]

    def trace(first: Layout) -> list[object]:
        table.reset(first, 5, drop=0.4)
        return [table.state(), *((table.act(*action), table.state()) for action in actions)]

    once = trace(scene)
    trace(cluttered(6))
    assert trace(scene) == once
    table.reset(scene, 5, drop=0.4)
    act(table, *actions[0])
    snapshot = table.snapshot()
    act(table, *actions[1])
    table.restore(snapshot)
    assert [(table.act(*action), table.state()) for action in actions[1:]] == once[2:]
    table.close()


@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.slow)])
def test_fast_motion_agrees(count: int) -> None:
    """Same result, and every thing within 1 cm: on >= 99 % of actions; most grasp a thing."""
    random = np.random.default_rng(6)
    whole, fast = Tabletop(), Tabletop(fast=True)
    same = taken = 0
    for seed in range(count):
        scene = cluttered(1000 + seed)
        action = random_action(random, scene)
        ends = []
        for table in (whole, fast):
            table.reset(scene, seed)
            ends.append((table.act(*action), table.state()))
        (result, state), (other_result, other_state) = ends
        same += result == other_result and max(moved(state, other_state).values()) < 0.01
        taken += result.grasped
    assert same >= 0.99 * count and taken >= 0.6 * count
    whole.close()
    fast.close()
