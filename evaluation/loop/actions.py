"""Actions between policy and env: rows of a batch, the check before a step, the saved file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Space

from longhaul.envs.specs import QUATERNION, ActionSpec
from longhaul.files import replacing
from longhaul.policies.policy import Actions

ROUNDING = 1e-6
"""How far outside its limits a component may be: averages of float32 actions round."""

SHORTEST = 1e-3
"""The least length of a quaternion in an action: a shorter one has no direction."""


class InvalidActionError(ValueError):
    """An action that the env's action space does not contain."""


def rows(actions: Actions, count: int) -> list[Any]:
    """Split a batch of actions into one per slot.

    Raises InvalidActionError if the policy answered another number of rows than it was asked.
    """
    parts = actions if isinstance(actions, dict) else {"actions": actions}
    for key, values in parts.items():
        if np.ndim(values) == 0 or len(values) != count:
            raise InvalidActionError(
                f"the policy answered {count} slots with {key} of shape {np.shape(values)}"
            )
    if isinstance(actions, dict):
        return [{key: values[i] for key, values in actions.items()} for i in range(count)]
    return list(actions)


def as_batch(row: Any) -> Any:
    """Return an action, or the observations by name, as a batch of one: what `rows` undoes."""
    if isinstance(row, Mapping):
        return {name: np.asarray(value)[None] for name, value in row.items()}
    return np.asarray(row)[None]


def check_action(space: Space[Any], action: Any, spec: ActionSpec) -> None:
    """Raise InvalidActionError, naming component, value and limits, for an invalid action.

    An action must lie in the space and mean what the spec says: a gripper is told -1 or 1, and a
    quaternion has a direction. An env by itself is more lenient: there a gripper goes by the sign.
    """
    _check_member(space, action, "action")
    parts = action if isinstance(action, dict) else {"": action}
    if sum(np.size(part) for part in parts.values()) != spec.size:
        return  # a worker part has other actions: skills in words
    for key, part in parts.items():
        if spec.gripper and part[-1] not in (-1, 1):
            raise InvalidActionError(f"action component {np.size(part) - 1} is {part[-1]}; "
                                     f"a gripper ({spec.gripper}) is told -1 or 1")  # fmt: skip
        if spec.rotation == QUATERNION and np.linalg.norm(part[-4:]) < SHORTEST:
            raise InvalidActionError(f"action {key}: the quaternion {part[-4:]} has no direction")


def _check_member(space: Space[Any], action: Any, name: str) -> None:
    if isinstance(space, Dict):
        if not isinstance(action, dict) or action.keys() != space.spaces.keys():
            raise InvalidActionError(f"{name} must have the keys {sorted(space.spaces)}")
        for key, member in space.spaces.items():
            _check_member(member, action[key], f"{name} {key}")
    elif isinstance(space, Box):
        _check_box(space, np.asarray(action), name)
    elif not space.contains(action):
        raise InvalidActionError(f"{name} {action!r} is not in {space}")


def _check_box(space: Box, action: np.ndarray, name: str) -> None:
    if action.shape != space.shape:
        raise InvalidActionError(f"{name} has shape {action.shape}, the env wants {space.shape}")
    # A comparison with NaN is false, so NaN counts as outside.
    inside = (action >= space.low - ROUNDING) & (action <= space.high + ROUNDING)
    outside = ~inside
    if outside.any():
        index = tuple(int(i) for i in np.argwhere(outside)[0])
        where = index[0] if len(index) == 1 else index
        raise InvalidActionError(
            f"{name} component {where} is {action[index]}, "
            f"outside [{space.low[index]}, {space.high[index]}]"
        )


def save_actions(path: Path, actions: Sequence[Any]) -> None:
    """Write the executed actions of an episode, first axis time.

    Arrays become one array in an .npy file; dicts of arrays one array per key (.npz format).
    """
    with replacing(path) as new, new.open("wb") as file:
        if actions and isinstance(actions[0], dict):
            arrays: dict[str, Any] = {k: np.stack([a[k] for a in actions]) for k in actions[0]}
            np.savez(file, **arrays)
        else:
            np.save(file, np.array(actions))
