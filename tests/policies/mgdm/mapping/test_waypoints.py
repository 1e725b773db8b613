"""Waypoints: how many, which action leads to each, and that a frontier is one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from longhaul.policies.mgdm.config import SMALL
from longhaul.policies.mgdm.decision.rule import Rule
from longhaul.policies.mgdm.mapping.episode_map import Percept, Survey
from longhaul.policies.mgdm.mapping.occupancy_map import BODY
from longhaul.policies.mgdm.mapping.shortest_paths import Routes
from longhaul.policies.mgdm.mapping.waypoints import (
    DISTANCE,
    FRONTIER,
    FRONTIERS,
    HERE,
    MATCH,
    NUMBERS,
    SUPPORTS,
    TARGET,
    TARGETS,
    TURN,
    Goal,
    Waypoints,
    cell_key,
    find_waypoints,
)
from longhaul.policies.mgdm.model import untrained
from longhaul.policies.mgdm.perception.observations import DEPTHS, FORWARD, LEFT, POSE, RIGHT, STOP
from tests.policies.mgdm.walks import ABOVE, BELOW, SIZE, Walk, depths, pose_of, simulator, walk

SOFA, LAMP = 0, 1
KITCHEN = (7.0, 0.0, 2.0)
THERE = np.float32([[3.0, 0.5, 4.4]])
"""Where the house's sofa stands."""


def surveyed(walked: Walk, steps: int) -> Survey:
    """Return what a robot knows that saw a sofa, and a lamp everywhere, in the first steps."""
    model = untrained(SMALL, 0)
    survey = Survey(model.encoder, SIZE)
    survey.occupancy = walked.occupancy
    survey.semantic.origin = walked.poses[0, :3]
    rooms = np.float32([[1, 0]])
    survey.semantic.update(THERE, np.float32([[0.9, 0]]), rooms)
    beside = walked.poses[:steps, :3] + np.float32([0.3, 0.5, 0.1])
    lamps = np.stack([np.zeros(steps), np.linspace(0.6, 0.9, steps)], 1).astype(np.float32)
    survey.semantic.update(beside, lamps, np.repeat(rooms, steps, 0))
    return survey


def found(survey: Survey, routes: Routes, thing: int = SOFA) -> Waypoints:
    goal = Goal(np.eye(2, dtype=np.float32)[thing], np.zeros(2, np.float32))
    return find_waypoints(survey, routes, goal, np.ones(2, np.float32))


@pytest.fixture(scope="module")
def survey() -> Survey:
    walked = walk(BELOW, ABOVE)
    return surveyed(walked, len(walked.poses))


@pytest.mark.parametrize("step", [0, 10, 25, 53])
def test_there_are_as_many_as_the_network_takes_and_each_has_its_action(
    survey: Survey, step: int
) -> None:
    routes = Routes(survey.occupancy, walk(BELOW, ABOVE).poses[step])
    ways = found(survey, routes)
    count = len(ways.numbers)
    assert 0 < count <= TARGETS + SUPPORTS + FRONTIERS == SMALL.waypoints
    assert ways.numbers.shape == (count, NUMBERS) and np.isfinite(ways.numbers).all()
    assert (ways.numbers[:, 11:14].sum(1) == 1).all()  # of one kind each
    assert np.isfinite(ways.distance).all()
    far = np.minimum(ways.distance / 10, 3)
    np.testing.assert_allclose(ways.numbers[:, DISTANCE], far, atol=1e-5)
    keys = cell_key(np.stack(routes.floors[:3], -1))
    for number, cell in enumerate(ways.cells):
        (node,) = np.flatnonzero(keys == cell_key(cell)).tolist()
        assert routes.distance[node] == ways.distance[number]
        bearing = routes.bearing(node)
        there = ways.distance[number] < HERE  # there one looks around
        turn = LEFT if there or bearing > TURN else RIGHT if bearing < -TURN else FORWARD
        assert ways.action[number] == turn == ways.numbers[number, 1:4].argmax() + 1


def test_the_sofa_is_a_target_beside_which_one_can_stand(survey: Survey) -> None:
    ways = found(survey, Routes(survey.occupancy, walk(BELOW, ABOVE).poses[0]))
    targets = ways.numbers[:, TARGET] > 0.5
    best = int(np.where(targets, ways.numbers[:, MATCH], 0).argmax())
    assert targets.sum() == 1 and ways.things[best, SOFA] > 0.5
    assert np.linalg.norm(ways.points[best] - THERE[0] * [1, 0, 1]) < 1.0
    lamps = found(survey, Routes(survey.occupancy, walk(BELOW, ABOVE).poses[0]), LAMP)
    points = lamps.points[lamps.numbers[:, TARGET] > 0.5]
    assert len(points) == TARGETS  # of some twenty along the way, and no more


def test_a_frontier_borders_on_what_was_not_seen(survey: Survey) -> None:
    """Of four cells beside it there is one in which nothing is known, be it floor or wall."""
    routes = Routes(survey.occupancy, walk(BELOW, ABOVE).poses[-1])
    ways = found(survey, routes)
    frontier = ways.numbers[:, FRONTIER] > 0.5
    assert frontier.any()
    window = survey.occupancy.window()
    solid = np.pad(window.seen | window.assumed, 1)
    for row, column, bit in ways.cells[frontier].tolist():
        about = np.uint64(sum(1 << b for b in range(max(bit - 3, 0), min(bit + BODY, 64))))
        y, x = row - window.row + 1, column - window.column + 1
        beside = solid[[y - 1, y + 1, y, y], [x, x, x - 1, x + 1]]
        assert ((beside & about) == 0).any()
        assert not survey.occupancy.visited(
            np.array([row]), np.array([column]), np.array([bit])
        ).any()


def test_what_is_not_movable_is_none(survey: Survey) -> None:
    routes = Routes(survey.occupancy, walk(BELOW, ABOVE).poses[0])
    things, nothing = np.eye(2, dtype=np.float32)[SOFA], np.zeros(2, np.float32)
    ways = find_waypoints(survey, routes, Goal(things, nothing), nothing)
    assert not ways.things.any() and (ways.numbers[:, 12] == 0).all()


def test_a_move_that_falls_short_is_a_bump() -> None:
    """A survey knows by its poses that it met something."""
    house, survey = simulator(), Survey(untrained(SMALL, 0).encoder, SIZE)
    house.set_pose(BELOW, 0.0)
    row = dict(zip(DEPTHS, map(torch.tensor, depths(house)), strict=True))
    row[POSE] = torch.from_numpy(pose_of(house))
    patches = 3 * (SIZE // 4) ** 2
    percept = Percept(*np.zeros((2, patches, 2), np.float32), torch.zeros(1))
    for action, bumped in ((-1, False), (LEFT, False), (FORWARD, True)):
        survey.look(row, percept, action)
        assert survey.occupancy.bumped(survey.occupancy.window()).any() == bumped


def test_the_rule_goes_to_what_it_knows_and_stops_there() -> None:
    """It walks to the sofa by the map alone; each step is carried out by the simulator's rules."""
    walked = walk(BELOW, KITCHEN)
    survey, rule, pose = surveyed(walked, 1), Rule(), walked.poses[-1]
    sofa = Goal(np.eye(2, dtype=np.float32)[SOFA], np.float32([1, 0]))
    for _ in range(60):
        routes = Routes(survey.occupancy, pose)
        ways = find_waypoints(survey, routes, sofa, np.ones(2, np.float32))
        action = rule.decide(ways)
        if action == STOP:
            break
        turn = {LEFT: np.pi / 6, RIGHT: -np.pi / 6}.get(action, 0.0)
        house = walked.simulator
        house.set_pose(pose[:3], float(pose[3]) + turn)
        if action == FORWARD:
            house.act("move_forward")
        pose = pose_of(house)
    assert action == STOP and rule.goal is None
    assert np.linalg.norm((pose[:3] - THERE[0])[[0, 2]]) < 1.2
