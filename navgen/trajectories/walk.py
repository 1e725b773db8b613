"""The expert's way through a task: on the walkable surface alone, nothing is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from longhaul.envs.lhvln.expert import STOP_RADIUS_M
from longhaul.envs.lhvln.follower import Follower
from longhaul.envs.lhvln.simulator import Array, Navigation, Pose, moved
from longhaul.navgen.tasks.task import Reject
from longhaul.navgen.trajectories.leg import Action, Leg
from longhaul.navgen.trajectories.leg import Pose as Row

LIMIT = 500
"""Actions of an episode, stops included: LH-VLN's."""

SHORTEST = 6
"""Fewest actions of a leg: LH-VLN makes no step-by-step task of a shorter one."""


def walk(
    navigation: Navigation, start: Pose, goals: Sequence[Array], limit: int = LIMIT
) -> tuple[Leg, ...]:
    """Return the legs from a start to the nearest of each of `goals` (K, 3), in order.

    They are what the env's expert does under the official rule. Raises Reject where no way leads
    on, where one takes fewer than SHORTEST actions, and where all take more than `limit`.
    """
    legs: list[Leg] = []
    pose, left = start, limit
    for number, points in enumerate(goals, 1):
        leg, pose = _leg(navigation, pose, points, left, f"leg {number}")
        if len(leg.actions) < SHORTEST:
            raise Reject("short_leg", f"leg {number} takes {len(leg.actions)} actions")
        left -= len(leg.actions)
        legs.append(leg)
    return tuple(legs)


def _leg(
    navigation: Navigation, pose: Pose, goals: Array, limit: int, name: str
) -> tuple[Leg, Pose]:
    geodesic = navigation.distance(pose.position, goals)
    follower = Follower(navigation, goals, STOP_RADIUS_M)
    actions: list[Action] = []
    rows = [_row(pose)]
    while not actions or actions[-1] != "stop":
        step = follower.next(pose)
        if step is None:
            raise Reject("unreachable", f"{name}: no way leads on from {pose.position}")
        if len(actions) == limit:
            raise Reject("too_long", f"{name} does not end within the limit of actions")
        if step != "stop":
            pose, _ = moved(navigation, pose, step)
        actions.append(step)
        rows.append(_row(pose))
    return Leg(tuple(actions), tuple(rows), geodesic), pose


def _row(pose: Pose) -> Row:
    return (*pose.position, pose.yaw)
