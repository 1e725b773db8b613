"""Computes the expert's trajectory through a task from the navmesh alone, without drawing."""

from __future__ import annotations

from collections.abc import Sequence

from longhaul.envs.lhvln.expert import STOP_RADIUS_M
from longhaul.envs.lhvln.follower import Follower
from longhaul.envs.lhvln.simulator import Array, Navigation, Pose, moved
from longhaul.navgen.tasks.task import Reject
from longhaul.navgen.trajectories.leg import Action, Leg
from longhaul.navgen.trajectories.leg import Pose as Row

MAX_ACTIONS = 500
"""The most actions of an episode, with its stops, as in LH-VLN."""

MIN_LEG_ACTIONS = 6
"""The fewest actions of a leg: LH-VLN makes no step-by-step tasks of shorter legs."""


def walk(
    navigation: Navigation, start: Pose, goals: Sequence[Array], limit: int = MAX_ACTIONS
) -> tuple[Leg, ...]:
    """Return the legs from a start through `goals`: points (K, 3) per leg, any of which counts.

    The env's expert acts the same way under the official rule. Raises Reject if a goal cannot be
    reached, if a leg takes fewer than MIN_LEG_ACTIONS actions, or if all legs together take more
    than `limit`.
    """
    legs: list[Leg] = []
    pose, left = start, limit
    for number, points in enumerate(goals, 1):
        leg, pose = _leg(navigation, pose, points, left, f"leg {number}")
        if len(leg.actions) < MIN_LEG_ACTIONS:
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
