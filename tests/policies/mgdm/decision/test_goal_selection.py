"""What a robot is up to, from step to step, in made-up waypoints on a line."""

from __future__ import annotations

import numpy as np
import torch

from longhaul.policies.mgdm.decision.goal_selection import Intent
from longhaul.policies.mgdm.decision.rule import PATIENCE
from longhaul.policies.mgdm.mapping.waypoints import (
    DISTANCE,
    FRONTIER,
    MATCH,
    NUMBERS,
    ROOM,
    TARGET,
    Waypoints,
)
from longhaul.policies.mgdm.model import SURE, Decision
from longhaul.policies.mgdm.perception.observations import ACTIONS, FORWARD, LEFT

PERSISTENCE, SURE_ENOUGH, STEPS = 1.0, 0.5, 1000


def made(kinds: str, going: list[float], goal: list[float], distance: list[float]) -> tuple:
    """Return a decision and waypoints: t is a target, f a border of the unknown, 2 m apart. The map
    shows as much of a goal as the network says."""
    count = len(kinds)
    numbers = np.zeros((count, NUMBERS), np.float32)
    numbers[:, 0] = 1
    numbers[:, TARGET] = [kind == "t" for kind in kinds]
    numbers[:, FRONTIER] = [kind == "f" for kind in kinds]
    numbers[:, DISTANCE] = np.array(distance) / 10
    numbers[:, MATCH] = 1 / (1 + np.exp(-np.array(goal)))
    numbers[:, ROOM] = 1
    points = np.zeros((count, 3), np.float32)
    points[:, 0] = 2 * np.arange(count)
    rows = np.zeros((count, 1), np.float32)
    action = np.array([LEFT, *[FORWARD] * (count - 1)])
    ways = Waypoints(
        numbers, rows, rows, action, points, np.array(distance), np.zeros((count, 3), int)
    )
    one_hot = torch.nn.functional.one_hot(torch.from_numpy(action), ACTIONS).float()[None]
    goals = torch.tensor([goal])
    return Decision(torch.tensor([going]), goals, torch.full((1,), -SURE), one_hot), ways


def best(decision: Decision) -> int:
    return int(decision.going[0].argmax())


def test_it_keeps_to_a_waypoint_unless_another_is_surer_by_so_much() -> None:
    intent = Intent(PERSISTENCE, SURE_ENOUGH, STEPS)
    assert best(intent.settle(*made("ff", [1.0, 0.0], [-6, -6], [5, 5]))) == 0
    assert best(intent.settle(*made("ff", [0.0, 0.9], [-6, -6], [5, 5]))) == 0
    assert best(intent.settle(*made("ff", [0.0, 1.1], [-6, -6], [5, 5]))) == 1
    assert intent.toward is not None and intent.toward[0] == 2


def test_what_was_reached_in_vain_is_given_up() -> None:
    intent = Intent(PERSISTENCE, SURE_ENOUGH, STEPS)
    assert best(intent.settle(*made("tff", [9.0, 1.0, 0.0], [-1, -6, -6], [0.2, 5, 5]))) == 0
    assert best(intent.settle(*made("tff", [9.0, 1.0, 0.0], [-1, -6, -6], [0.2, 5, 5]))) == 1


def test_what_is_never_reached_is_given_up_too() -> None:
    intent = Intent(PERSISTENCE, SURE_ENOUGH, STEPS)
    chosen = [
        best(intent.settle(*made("ff", [9.0, 0.0], [-6, -6], [5, 5]))) for _ in range(PATIENCE + 4)
    ]
    assert set(chosen[: PATIENCE + 1]) == {0} and chosen[-1] == 1


def test_with_nothing_left_to_explore_it_settles_for_the_likeliest_goal() -> None:
    intent = Intent(PERSISTENCE, SURE_ENOUGH, STEPS)
    away = intent.settle(*made("tt", [9.0, 0.0], [-3.0, -2.0], [5, 5]))
    assert best(away) == 1 and float(away.stop) == -SURE
    there = intent.settle(*made("tt", [9.0, 0.0], [-3.0, -2.0], [5, 0.2]))
    assert best(there) == 1 and float(there.stop) == SURE


def test_nowhere_to_go_is_nothing_to_go_to() -> None:
    intent = Intent(PERSISTENCE, SURE_ENOUGH, STEPS)
    decision, ways = made("f", [0.0], [-6.0], [5.0])
    intent.settle(decision, ways)
    none = decision._replace(going=torch.full((1, 1), -torch.inf))
    empty = Waypoints(*(part[:0] for part in ways))
    assert intent.settle(none, empty).probabilities()[0, LEFT] > 0.99
    assert intent.toward is None


def test_a_likely_goal_is_gone_to_whatever_else_there_is_and_less_will_do_in_time() -> None:
    goal = [float(np.log(0.3 / 0.7)), -6.0]
    hasty, patient = Intent(PERSISTENCE, SURE_ENOUGH, 100), Intent(PERSISTENCE, SURE_ENOUGH, 10**6)
    chosen = [
        [best(intent.settle(*made("tf", [0.0, 5.0], goal, [5, 5]))) for _ in range(55)]
        for intent in (hasty, patient)
    ]
    assert chosen[0] == [1] * 39 + [0] * 16 and chosen[1] == [1] * 55
    assert best(Intent(PERSISTENCE, 0.2, 1000).settle(*made("tf", [0.0, 5.0], goal, [5, 5]))) == 0


def test_neither_the_network_nor_the_map_is_trusted_alone() -> None:
    decision, ways = made("tf", [0.0, 5.0], [2.0, -6.0], [0.2, 5])
    ways.numbers[0, MATCH] = 0.05
    stopped = Intent(PERSISTENCE, SURE_ENOUGH, STEPS).settle(decision, ways)
    assert abs(float(stopped.stop) - (2.0 + np.log(0.05 / 0.95)) / 2) < 1e-4
    assert best(stopped) == 1
