"""Waypoints: how many, which action leads to each, and that a frontier is one."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import torch

from longhaul.policies.mgdm.checkpoint import untrained
from longhaul.policies.mgdm.config import SMALL
from longhaul.policies.mgdm.decision.rule import Rule
from longhaul.policies.mgdm.mapping.episode_map import EpisodeMap
from longhaul.policies.mgdm.mapping.occupancy_map import BODY_BITS
from longhaul.policies.mgdm.mapping.shortest_paths import ShortestPaths
from longhaul.policies.mgdm.mapping.waypoints import (
    ARRIVED_M,
    FRONTIER,
    MAX_FRONTIERS,
    MAX_SUPPORTS,
    MAX_TARGETS,
    SUPPORT,
    TARGET,
    TURN_THRESHOLD_RAD,
    Goal,
    Waypoints,
    cell_key,
    find_waypoints,
)
from longhaul.policies.mgdm.perception.observations import (
    DEPTH_VIEWS,
    MOVE_FORWARD,
    POSE,
    STOP,
    TURN_LEFT,
    TURN_RIGHT,
)
from longhaul.policies.mgdm.perception.percept import Percept
from tests.policies.mgdm.walks import ABOVE, BELOW, SIZE, Walk, depths, pose_of, simulator, walk

SOFA, LAMP = 0, 1
KITCHEN = (7.0, 0.0, 2.0)
THERE = np.float32([[3.0, 0.5, 4.4]])
"""Where the house's sofa stands."""


def mapped(walked: Walk, steps: int) -> EpisodeMap:
    """Return the map of a robot that saw a sofa, and a lamp everywhere, in the first steps."""
    model = untrained(SMALL, 0)
    episode_map = EpisodeMap(model.encoder, SIZE)
    episode_map.occupancy = walked.occupancy
    episode_map.semantic.origin = walked.poses[0, :3]
    rooms = np.float32([[1, 0]])
    episode_map.semantic.update(THERE, np.float32([[0.9, 0]]), rooms)
    beside = walked.poses[:steps, :3] + np.float32([0.3, 0.5, 0.1])
    lamps = np.stack([np.zeros(steps), np.linspace(0.6, 0.9, steps)], 1).astype(np.float32)
    episode_map.semantic.update(beside, lamps, np.repeat(rooms, steps, 0))
    return episode_map


def found(episode_map: EpisodeMap, paths: ShortestPaths, thing: int = SOFA) -> Waypoints:
    goal = Goal(np.eye(2, dtype=np.float32)[thing], np.zeros(2, np.float32))
    return find_waypoints(episode_map, paths, goal, np.ones(2, np.float32))


@pytest.fixture(scope="module")
def episode_map() -> EpisodeMap:
    walked = walk(BELOW, ABOVE)
    return mapped(walked, len(walked.poses))


@pytest.mark.parametrize("step", [0, 10, 25, 53])
def test_there_are_as_many_as_the_network_takes_and_each_has_its_action(
    episode_map: EpisodeMap, step: int
) -> None:
    paths = ShortestPaths(episode_map.occupancy, walk(BELOW, ABOVE).poses[step])
    ways = found(episode_map, paths)
    count = len(ways)
    assert 0 < count <= MAX_TARGETS + MAX_SUPPORTS + MAX_FRONTIERS == SMALL.waypoints
    for field in fields(ways):
        values = getattr(ways, field.name)
        assert len(values) == count and np.isfinite(values).all(), field.name
    assert set(ways.kind) <= {TARGET, SUPPORT, FRONTIER}
    assert (np.linalg.norm(ways.offset, axis=1) < 1).all()
    keys = cell_key(np.stack(paths.floors[:3], -1))
    for number, cell in enumerate(ways.cell):
        (node,) = np.flatnonzero(keys == cell_key(cell)).tolist()
        assert paths.distance[node] == ways.path_length[number]
        bearing = paths.bearing(node)
        there = ways.path_length[number] < ARRIVED_M  # there it looks around
        right = bearing < -TURN_THRESHOLD_RAD
        left = there or bearing > TURN_THRESHOLD_RAD
        turn = TURN_LEFT if left else TURN_RIGHT if right else MOVE_FORWARD
        assert ways.action[number] == turn
        assert ways.bearing[number] == np.float32(bearing)


def test_the_sofa_is_a_target_beside_which_one_can_stand(episode_map: EpisodeMap) -> None:
    ways = found(episode_map, ShortestPaths(episode_map.occupancy, walk(BELOW, ABOVE).poses[0]))
    targets = ways.kind == TARGET
    best = int(np.where(targets, ways.target_match, 0).argmax())
    assert targets.sum() == 1 and ways.things[best, SOFA] > 0.5
    assert np.linalg.norm(ways.position[best] - THERE[0] * [1, 0, 1]) < 1.0
    lamps = found(
        episode_map, ShortestPaths(episode_map.occupancy, walk(BELOW, ABOVE).poses[0]), LAMP
    )
    points = lamps.position[lamps.kind == TARGET]
    assert len(points) == MAX_TARGETS  # of some twenty along the way, and no more


def test_a_frontier_borders_on_what_was_not_seen(episode_map: EpisodeMap) -> None:
    """Of four cells beside it there is one in which nothing is known, be it floor or wall."""
    paths = ShortestPaths(episode_map.occupancy, walk(BELOW, ABOVE).poses[-1])
    ways = found(episode_map, paths)
    frontier = ways.kind == FRONTIER
    assert frontier.any()
    window = episode_map.occupancy.window()
    solid = np.pad(window.seen | window.assumed, 1)
    for row, column, bit in ways.cell[frontier].tolist():
        about = np.uint64(sum(1 << b for b in range(max(bit - 3, 0), min(bit + BODY_BITS, 64))))
        y, x = row - window.row + 1, column - window.column + 1
        beside = solid[[y - 1, y + 1, y, y], [x, x, x - 1, x + 1]]
        assert ((beside & about) == 0).any()
        assert not episode_map.occupancy.visited(
            np.array([row]), np.array([column]), np.array([bit])
        ).any()


def test_structure_is_no_support(episode_map: EpisodeMap) -> None:
    paths = ShortestPaths(episode_map.occupancy, walk(BELOW, ABOVE).poses[0])
    things, nothing = np.eye(2, dtype=np.float32)[SOFA], np.zeros(2, np.float32)
    ways = find_waypoints(episode_map, paths, Goal(things, nothing), nothing)
    assert not ways.things.any() and (ways.kind != SUPPORT).all()


def test_a_move_that_falls_short_is_a_collision() -> None:
    """The map learns from the poses that the robot met something."""
    house, episode_map = simulator(), EpisodeMap(untrained(SMALL, 0).encoder, SIZE)
    house.set_pose(BELOW, 0.0)
    row = dict(zip(DEPTH_VIEWS, map(torch.tensor, depths(house)), strict=True))
    row[POSE] = torch.from_numpy(pose_of(house))
    patches = 3 * (SIZE // 4) ** 2
    percept = Percept(*np.zeros((2, patches, 2), np.float32), torch.zeros(1))
    for action, collided in ((-1, False), (TURN_LEFT, False), (MOVE_FORWARD, True)):
        episode_map.update(row, percept, action)
        window = episode_map.occupancy.window()
        assert episode_map.occupancy.collided(window).any() == collided


def test_the_rule_goes_to_what_it_knows_and_stops_there() -> None:
    """It walks to the sofa by the map alone; each step is carried out by the simulator's rules."""
    walked = walk(BELOW, KITCHEN)
    episode_map, rule, pose = mapped(walked, 1), Rule(), walked.poses[-1]
    sofa = Goal(np.eye(2, dtype=np.float32)[SOFA], np.float32([1, 0]))
    for _ in range(60):
        paths = ShortestPaths(episode_map.occupancy, pose)
        ways = find_waypoints(episode_map, paths, sofa, np.ones(2, np.float32))
        action = rule.decide(ways)
        if action == STOP:
            break
        turn = {TURN_LEFT: np.pi / 6, TURN_RIGHT: -np.pi / 6}.get(action, 0.0)
        house = walked.simulator
        house.set_pose(pose[:3], float(pose[3]) + turn)
        if action == MOVE_FORWARD:
            house.act("move_forward")
        pose = pose_of(house)
    assert action == STOP and rule.frontier is None
    assert np.linalg.norm((pose[:3] - THERE[0])[[0, 2]]) < 1.2
