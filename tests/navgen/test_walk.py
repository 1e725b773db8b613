"""Ways, what is seen on them, and the distances between targets, in the flat test rooms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from longhaul.envs.lhvln.simulator import Object, Pose
from longhaul.navgen.instructions.tags import MAX_LANDMARK_M, Seen
from longhaul.navgen.tasks.ground import Ground
from longhaul.navgen.tasks.task import Reject, Target
from longhaul.navgen.trajectories.walk import walk
from tests.envs.lhvln.flat import FlatSimulator

SIMULATOR = FlatSimulator()
GROUND = Ground("flat", SIMULATOR)
START = Pose((2.0, 0.0, 2.0), 0.0)


def goals(*targets: tuple[str, int]) -> list[np.ndarray]:
    found = [GROUND.find(Target(*target)) for target in targets]
    return [target.goals for target in found if target is not None]


def test_legs_follow_on_each_other_and_end_at_their_targets() -> None:
    points = goals(("bed", 2), ("towel", 3))
    first, second = walk(SIMULATOR.navigation, START, points)
    assert first.poses[0] == (2.0, 0.0, 2.0, 0.0)
    assert first.poses[-1] == first.poses[-2] == second.poses[0]
    for leg, ends in ((first, points[0]), (second, points[1])):
        assert leg.actions[-1] == "stop" and "stop" not in leg.actions[:-1]
        assert SIMULATOR.navigation.distance(leg.poses[-1][:3], ends) < 1.0
        assert leg.geodesic == SIMULATOR.navigation.distance(leg.poses[0][:3], ends)
        for action, before, after in zip(leg.actions, leg.poses, leg.poses[1:], strict=False):
            moved = math.dist(before[:3], after[:3])
            assert moved <= 0.25 + 1e-9 if action == "move_forward" else moved == 0


def test_what_is_no_way_is_a_reject() -> None:
    with pytest.raises(Reject, match="unreachable"):
        walk(SIMULATOR.navigation, START, goals(("vase", 4)))
    with pytest.raises(Reject, match="too_long"):
        walk(SIMULATOR.navigation, START, goals(("bed", 2)), limit=8)
    with pytest.raises(Reject, match="short_leg"):
        walk(SIMULATOR.navigation, START, goals(("bed", 2), ("bed", 2)))


def test_distances_between_targets() -> None:
    ways = [(Target("cup", 1), Target("bed", 2)), (Target("bed", 2), Target("towel", 3))]
    for start, end in ways:
        straight = np.linalg.norm(
            goals((start.category, start.room))[0] - goals((end.category, end.room))[0]
        )
        assert straight <= GROUND.leg(start, end) < 3 * straight
    assert GROUND.leg(Target("cup", 1), Target("vase", 4)) == math.inf
    assert GROUND.leg(Target("cup", 1), Target("piano", 1)) == math.inf
    # The nearest of several counts.
    chairs = GROUND.leg(Target("table", 1), Target("chair", 1))
    each = [
        SIMULATOR.navigation.distance(goals(("table", 1))[0][0], c) for c in goals(("chair", 1))[0]
    ]
    assert chairs == min(each) < max(each)


def test_a_start_is_far_enough_from_the_first_target() -> None:
    for seed in range(20):
        generator = np.random.default_rng(seed)
        pose, distance = GROUND.draw_start(Target("bed", 2), 3.0, generator)
        assert distance >= 3.0 and SIMULATOR.navigation.is_navigable(pose.position)
    with pytest.raises(Reject, match="unreachable"):
        GROUND.draw_start(Target("vase", 4), 1.5, np.random.default_rng(0))
    with pytest.raises(Reject, match="short_leg"):
        GROUND.draw_start(Target("bed", 2), 50.0, np.random.default_rng(0))


def thing(number: int, category: str, x: float, z: float, room: int = 1) -> Object:
    return Object(number, category, room, (x, 0.5, z), (0.5, 0.5, 0.5))


def test_tags_are_what_is_ahead_in_this_room_the_largest_first() -> None:
    floor = Object(9, "floor", 1, (0.0, 0.0, 0.0), (20.0, 0.1, 20.0))
    other = Object(8, "floor", 2, (30.0, 0.0, 0.0), (20.0, 0.1, 20.0))
    seen = Seen(
        [
            floor,
            other,
            thing(1, "sofa", 0.0, -1.0),
            thing(2, "lamp", 0.5, -4.0),
            thing(3, "chair", 0.0, 2.0),  # behind
            thing(4, "bed", 0.0, -MAX_LANDMARK_M - 1),  # too far
            thing(5, "vase", -3.0, -2.9),  # just out of the field of view
            thing(6, "oven", 0.4, -2.0, room=2),  # in another room
            thing(7, "lamp", -0.2, -0.9),
        ]
    )
    assert seen.tags((0.0, 0.0, 0.0, 0.0)) == ["lamp", "sofa"]
    assert seen.tags((0.0, 0.0, 0.0, math.pi)) == ["chair"]
    assert seen.tags((0.0, 5.0, 0.0, 0.0)) == []


def test_a_thing_that_is_reached_from_the_next_room_is_no_target() -> None:
    """A shelf in a niche: the nearest floor is behind the wall, in the bathroom."""
    simulator = FlatSimulator()
    niche = Object(30, "shelf", 1, (0.5, 0.5, 4.1), (0.4, 1.0, 0.05))
    simulator.objects = [*simulator.objects, niche]
    ground = Ground("flat", simulator)
    assert ground.find(Target("shelf", 1)) is None
    assert ground.leg(Target("bed", 2), Target("shelf", 1)) == math.inf
    assert ground.find(Target("table", 1)) is not None
