"""Goal selection from step to step, with made-up waypoints on a line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from longhaul.policies.mgdm.decision.goal_selection import GIVE_UP_STEPS, GoalSelector
from longhaul.policies.mgdm.mapping.waypoints import FRONTIER, TARGET, Waypoints
from longhaul.policies.mgdm.model import MAX_GOAL_LOGIT, Decision
from longhaul.policies.mgdm.perception.observations import ACTION_COUNT, MOVE_FORWARD, TURN_LEFT

PERSISTENCE, THRESHOLD, STEPS = 1.0, 0.5, 1000


def made(kinds: str, logits: list[float], goal: list[float], distance: list[float]) -> tuple:
    """Return a decision and waypoints: t is a target, f a frontier, 2 m apart. The map shows as
    much of a goal as the network says."""
    count = len(kinds)
    position = np.zeros((count, 3), np.float32)
    position[:, 0] = 2 * np.arange(count)
    zeros = np.zeros(count, np.float32)
    action = np.array([TURN_LEFT, *[MOVE_FORWARD] * (count - 1)])
    waypoints = Waypoints(
        kind=np.array([{"t": TARGET, "f": FRONTIER}[kind] for kind in kinds]),
        action=action,
        position=position,
        cell=np.zeros((count, 3), int),
        path_length=np.array(distance, float),
        bearing=zeros,
        offset=position,
        things=zeros[:, None],
        rooms=zeros[:, None],
        target_match=(1 / (1 + np.exp(-np.array(goal)))).astype(np.float32),
        room_match=zeros + 1,
        frontier_cells=np.zeros(count, int),
        thing_gap=zeros,
        visited=np.zeros(count, bool),
    )
    one_hot = torch.nn.functional.one_hot(torch.from_numpy(action), ACTION_COUNT).float()[None]
    stop = torch.full((1,), -MAX_GOAL_LOGIT)
    return Decision(torch.tensor([logits]), torch.tensor([goal]), stop, one_hot), waypoints


def best(decision: Decision) -> int:
    return int(decision.waypoint_logits[0].argmax())


def test_the_destination_is_kept_unless_another_is_likelier_by_so_much() -> None:
    selector = GoalSelector(PERSISTENCE, THRESHOLD, STEPS)
    assert best(selector.select(*made("ff", [1.0, 0.0], [-6, -6], [5, 5]))) == 0
    assert best(selector.select(*made("ff", [0.0, 0.9], [-6, -6], [5, 5]))) == 0
    assert best(selector.select(*made("ff", [0.0, 1.1], [-6, -6], [5, 5]))) == 1
    assert selector.destination is not None and selector.destination[0] == 2


def test_a_destination_that_was_reached_in_vain_is_given_up() -> None:
    selector = GoalSelector(PERSISTENCE, THRESHOLD, STEPS)
    assert best(selector.select(*made("tff", [9.0, 1.0, 0.0], [-1, -6, -6], [0.2, 5, 5]))) == 0
    assert best(selector.select(*made("tff", [9.0, 1.0, 0.0], [-1, -6, -6], [0.2, 5, 5]))) == 1


def test_a_destination_that_is_never_reached_is_given_up() -> None:
    selector = GoalSelector(PERSISTENCE, THRESHOLD, STEPS)
    chosen = [
        best(selector.select(*made("ff", [9.0, 0.0], [-6, -6], [5, 5])))
        for _ in range(GIVE_UP_STEPS + 4)
    ]
    assert set(chosen[: GIVE_UP_STEPS + 1]) == {0} and chosen[-1] == 1


def test_with_nothing_left_to_explore_the_likeliest_target_is_the_goal() -> None:
    selector = GoalSelector(PERSISTENCE, THRESHOLD, STEPS)
    away = selector.select(*made("tt", [9.0, 0.0], [-3.0, -2.0], [5, 5]))
    assert best(away) == 1 and float(away.stop_logit) == -MAX_GOAL_LOGIT
    there = selector.select(*made("tt", [9.0, 0.0], [-3.0, -2.0], [5, 0.2]))
    assert best(there) == 1 and float(there.stop_logit) == MAX_GOAL_LOGIT


def test_without_a_waypoint_there_is_no_destination() -> None:
    selector = GoalSelector(PERSISTENCE, THRESHOLD, STEPS)
    decision, waypoints = made("f", [0.0], [-6.0], [5.0])
    selector.select(decision, waypoints)
    none = decision._replace(waypoint_logits=torch.full((1, 1), -torch.inf))
    assert selector.select(none, waypoints[:0]).action_probabilities()[0, TURN_LEFT] > 0.99
    assert selector.destination is None


def test_a_likely_goal_becomes_the_destination_and_the_threshold_falls() -> None:
    goal = [float(np.log(0.3 / 0.7)), -6.0]
    hasty, patient = (
        GoalSelector(PERSISTENCE, THRESHOLD, 100),
        GoalSelector(PERSISTENCE, THRESHOLD, 10**6),
    )
    chosen = [
        [best(selector.select(*made("tf", [0.0, 5.0], goal, [5, 5]))) for _ in range(55)]
        for selector in (hasty, patient)
    ]
    assert chosen[0] == [1] * 39 + [0] * 16 and chosen[1] == [1] * 55
    assert (
        best(GoalSelector(PERSISTENCE, 0.2, 1000).select(*made("tf", [0.0, 5.0], goal, [5, 5])))
        == 0
    )


def test_neither_the_network_nor_the_map_is_trusted_alone() -> None:
    decision, waypoints = made("tf", [0.0, 5.0], [2.0, -6.0], [0.2, 5])
    match = np.array([0.05, *waypoints.target_match[1:]], np.float32)
    waypoints = replace(waypoints, target_match=match)
    stopped = GoalSelector(PERSISTENCE, THRESHOLD, STEPS).select(decision, waypoints)
    assert abs(float(stopped.stop_logit) - (2.0 + np.log(0.05 / 0.95)) / 2) < 1e-4
    assert best(stopped) == 1
