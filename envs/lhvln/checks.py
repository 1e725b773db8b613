"""Checks of what a navigation episode holds, before a run begins."""

from __future__ import annotations

from math import isfinite
from typing import Any

from longhaul.envs.episode import MAX_STEPS, Episode
from longhaul.envs.lhvln.simulator import CAMERA_HEIGHTS_M
from longhaul.identifiers import shown

MAX_COORDINATE_M = 1e5
"""The farthest that a start may lie from a scene's origin, in meters: 100 km. Chosen here."""


def require_navigable(episode: Episode) -> Episode:
    """Return the episode.

    Raises ValueError in one line, which names field and value, unless it has at least one subtask,
    each subtask's goal has a `category` (text) and a `room` (whole number), and its start has a
    `scene`, a known `robot`, a `position` of three finite numbers or None, and a finite `yaw`.
    """
    start = episode.start
    if not episode.subtasks:
        raise ValueError("subtasks is empty")
    for number, subtask in enumerate(episode.subtasks):
        category, room = subtask.goal.get("category"), subtask.goal.get("room")
        where = f"subtasks[{number}].goal"
        _require(isinstance(category, str) and category, f"{where}.category", category, "a text")
        _require(type(room) is int, f"{where}.room", room, "the number of a room")
        steps = subtask.gt_steps
        known = type(steps) is int and 0 <= steps <= MAX_STEPS
        _require(known, f"subtasks[{number}].gt_steps", steps, "a number of steps")
    scene, robot, position, yaw = (start.get(k) for k in ("scene", "robot", "position", "yaw"))
    _require(isinstance(scene, str) and scene, "start.scene", scene, "a text")
    robots = " or ".join(CAMERA_HEIGHTS_M)
    _require(isinstance(robot, str) and robot in CAMERA_HEIGHTS_M, "start.robot", robot, robots)
    _require("position" in start, "start.position", None, "x, y, z in meters or null")
    _require(_is_position(position), "start.position", position, "x, y, z in meters or null")
    _require(_is_number(yaw), "start.yaw", yaw, "a number of radians")
    return episode


def _require(holds: object, name: str, value: Any, kind: str) -> None:
    if not holds:
        raise ValueError(f"{name} is {'missing' if value is None else shown(value)}, not {kind}")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value)


def _is_position(value: Any) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, list | tuple)
        and len(value) == 3
        and all(_is_number(x) and abs(x) <= MAX_COORDINATE_M for x in value)
    )
