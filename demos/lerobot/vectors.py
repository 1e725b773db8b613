"""The states and actions of a dataset, as a configuration composes them of parts of features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.lerobot.parts import Features, Part, number, read_part, read_parts
from longhaul.demos.source import DatasetError
from longhaul.envs.specs import ActionSpec, StateSpec
from longhaul.errors import unknown

ABSOLUTE, DELTA = "absolute", "delta"

MODES = (ABSOLUTE, DELTA)
"""What a column of actions may hold: targets, or changes (ActionSpec.mode)."""

SCALES = ("position_scale", "rotation_scale")
"""The options that say what a component of 1 stands for, in m and rad."""

COLUMN_KEYS = ("parts", "mode", *SCALES)
"""The keys of an action that stands in columns."""

POSE_KEYS = ("delta_of", "gripper", "mode", *SCALES)
"""The keys of an action that is computed from a pose."""

CONVENTION_KEYS = ("frame", "rotation", "gripper")
"""The keys of the conventions, as in StateSpec and ActionSpec."""

POSE_SIZE = 6
"""The numbers of a pose: xyz in m and euler xyz in rad."""


@dataclass(frozen=True)
class Vectors:
    """What the states and the action are made of, and their conventions.

    `pose` says that the first part of the action is a pose whose change is the action.
    """

    states: Mapping[str, tuple[Part, ...]]
    parts: tuple[Part, ...]
    pose: bool
    state_specs: tuple[StateSpec, ...]
    action_spec: ActionSpec

    def keys(self) -> set[str]:
        """Return the features that the vectors are made of."""
        return {part.key for parts in (*self.states.values(), self.parts) for part in parts}

    def states_of(self, columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
        """Return the states (frames, size) by name; `columns` are features (frames, ...)."""
        return {
            name: np.concatenate([part.of(columns[part.key]) for part in parts], axis=1)
            for name, parts in self.states.items()
        }

    def actions_of(self, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Return the actions (frames, size)."""
        values = [part.of(columns[part.key]) for part in self.parts]
        if self.pose:
            values[0] = self._steps(values[0])
        return np.concatenate(values, axis=1)

    def _steps(self, poses: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the change of each pose to that of the next frame, in units of the scales."""
        exact = poses.astype(np.float64)
        step = np.diff(exact, axis=0, append=exact[-1:])
        step[:, 3:] = (step[:, 3:] + np.pi) % (2 * np.pi) - np.pi
        step[:, :3] /= self.action_spec.position_scale
        step[:, 3:] /= self.action_spec.rotation_scale
        return np.clip(step, -1, 1).astype(np.float32)


def read_vectors(
    states: object, action: object, conventions: object, features: Features, rate: float, where: str
) -> Vectors:
    """Return the vectors that a configuration describes (ForeignSource says how).

    `rate` is in Hz; `where` names the dataset in errors. Raises DatasetError, in one line that
    names the option and the valid values, for what the configuration or the features do not have.
    """
    if not isinstance(states, Mapping):
        raise DatasetError(f"{where}: states={states} must map each name to a list of parts")
    shared: dict[str, Any] = _conventions(conventions, where)
    composed = {
        str(name): read_parts(parts, features, f"{where}: states.{name}")
        for name, parts in states.items()
    }
    action = _known(action, f"{where}: action", (*COLUMN_KEYS, *POSE_KEYS))
    pose = "delta_of" in action
    parts = (_pose_parts if pose else _column_parts)(action, features, f"{where}: action")
    scales: dict[str, Any] = {name: _scale(action, name, where) for name in SCALES}
    return Vectors(
        composed,
        parts,
        pose,
        tuple(StateSpec(name, _size(parts), (), **shared) for name, parts in composed.items()),
        ActionSpec(_mode(action, pose, where), _size(parts), **shared, **scales, rate=rate),
    )


def _conventions(given: object, where: str) -> dict[str, str]:
    shared = _known(given or {}, f"{where}: conventions", CONVENTION_KEYS)
    for name, value in shared.items():
        if not isinstance(value, str):
            raise DatasetError(f"{where}: conventions.{name}={value} must be a word")
    return shared


def _column_parts(action: Mapping[str, Any], features: Features, where: str) -> tuple[Part, ...]:
    _known(action, where, COLUMN_KEYS)
    if "parts" not in action:
        raise DatasetError(
            f"{where} has neither parts, a list of parts, nor delta_of, a pose, such as "
            "{parts: [{key: action}]}"
        )
    return read_parts(action["parts"], features, f"{where}.parts")


def _pose_parts(action: Mapping[str, Any], features: Features, where: str) -> tuple[Part, ...]:
    """Return the pose and the gripper's command."""
    _known(action, where, POSE_KEYS)
    if "gripper" not in action:
        raise DatasetError(f"{where}.delta_of needs gripper, the part that commands it")
    given = action["delta_of"]
    given = {"key": given} if isinstance(given, str) else given
    pose = read_part(given, features, f"{where}.delta_of")
    if pose.size != POSE_SIZE:
        raise DatasetError(
            f"{where}.delta_of takes {pose.size} numbers of {pose.key}; a pose has {POSE_SIZE}, "
            f"xyz in m and euler xyz in rad, such as {{key: {pose.key}, slice: [0, {POSE_SIZE}]}}"
        )
    return pose, read_part(action["gripper"], features, f"{where}.gripper")


def _mode(action: Mapping[str, Any], pose: bool, where: str) -> str:
    mode = action.get("mode", DELTA if pose else ABSOLUTE)
    if mode not in MODES:
        raise DatasetError(unknown(f"{where}: action.mode={mode}", MODES))
    if pose and mode != DELTA:
        raise DatasetError(
            f"{where}: action.mode={mode}, but delta_of makes actions of mode {DELTA}"
        )
    return str(mode)


def _scale(action: Mapping[str, Any], name: str, where: str) -> float:
    value = number(action.get(name, 1.0), f"{where}: action.{name}")
    if value <= 0:
        raise DatasetError(f"{where}: action.{name}={value} must be above 0")
    return value


def _known(given: object, where: str, valid: tuple[str, ...]) -> dict[str, Any]:
    """Return a group of options. Raises DatasetError for another thing, and for an unknown key."""
    if not isinstance(given, Mapping):
        raise DatasetError(f"{where}={given} must be a group of {', '.join(dict.fromkeys(valid))}")
    for name in given:
        if name not in valid:
            raise DatasetError(unknown(f"{where}.{name}", dict.fromkeys(valid)))
    return dict(given)


def _size(parts: tuple[Part, ...]) -> int:
    return sum(part.size for part in parts)
