"""Actions between policy and env: rows of a batch, the check before a step, and the saved file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict, Space

from longhaul.envs.specs import QUATERNION, ActionSpec
from longhaul.files import replacing
from longhaul.policies.policy import Actions, ActsAhead, Batch, Policy

ROUNDING_TOLERANCE = 1e-6
"""How far a component may lie outside its limits, because averages of float32 actions are rounded.
"""

MIN_QUATERNION_NORM = 1e-3
"""The smallest norm of a quaternion in an action; a shorter one has no direction."""


class InvalidActionError(ValueError):
    """An action that the env's action space does not contain."""


def rows(actions: Actions, count: int) -> list[Any]:
    """Split a batch of actions into one action per slot.

    Raises InvalidActionError if the number of rows is not `count`.
    """
    arrays = actions if isinstance(actions, dict) else {"actions": actions}
    for key, values in arrays.items():
        if np.ndim(values) == 0 or len(values) != count:
            raise InvalidActionError(
                f"the policy answered {count} slots with {key} of shape {np.shape(values)}"
            )
    if isinstance(actions, dict):
        return [{key: values[i] for key, values in actions.items()} for i in range(count)]
    return list(actions)


def ahead(policy: Policy, batch: Batch) -> list[list[Any]]:
    """Return for each slot of a batch the actions of its next steps: one, or more if the policy
    acts ahead.

    Raises InvalidActionError for other than one row per slot, and for a slot without an action.
    """
    count = len(batch.slots)
    if not isinstance(policy, ActsAhead):
        return [[action] for action in rows(policy.act(batch), count)]
    answers = policy.act_ahead(batch)
    if len(answers) != count:
        raise InvalidActionError(f"the policy answered {count} slots with {len(answers)} rows")
    return [rows(answer, _steps(answer)) for answer in answers]


def _steps(actions: Actions) -> int:
    """Return how many steps an answer of `act_ahead` is for."""
    first = next(iter(actions.values())) if isinstance(actions, dict) else actions
    if np.ndim(first) == 0 or not len(first):
        raise InvalidActionError(f"the policy answered a slot with actions {actions!r} of no step")
    return len(first)


def as_batch(row: Any) -> Any:
    """Return an action, or observations by name, as a batch of one; `rows` is the inverse."""
    if isinstance(row, Mapping):
        return {name: np.asarray(value)[None] for name, value in row.items()}
    return np.asarray(row)[None]


def check_action(space: Space[Any], action: Any, spec: ActionSpec) -> None:
    """Raise InvalidActionError, naming component, value and limits, for an invalid action.

    An action must lie in the space and be valid by the spec: a gripper's command is -1 or 1, and a
    quaternion has a direction. An env's own check is less strict: it takes the sign of a gripper's
    command.
    """
    _check_member(space, action, "action")
    arrays = action if isinstance(action, dict) else {"": action}
    if sum(np.size(array) for array in arrays.values()) != spec.size:
        return  # a worker part has other actions: skills in words
    for key, array in arrays.items():
        if spec.gripper and array[-1] not in (-1, 1):
            raise InvalidActionError(f"action component {np.size(array) - 1} is {array[-1]}; "
                                     f"a gripper ({spec.gripper}) is told -1 or 1")  # fmt: skip
        if spec.rotation == QUATERNION and np.linalg.norm(array[-4:]) < MIN_QUATERNION_NORM:
            raise InvalidActionError(f"action {key}: the quaternion {array[-4:]} has no direction")


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
    inside = (action >= space.low - ROUNDING_TOLERANCE) & (
        action <= space.high + ROUNDING_TOLERANCE
    )
    outside = ~inside
    if outside.any():
        index = tuple(int(i) for i in np.argwhere(outside)[0])
        where = index[0] if len(index) == 1 else index
        raise InvalidActionError(
            f"{name} component {where} is {action[index]}, "
            f"outside [{space.low[index]}, {space.high[index]}]"
        )


def save_actions(path: Path, actions: Sequence[Any]) -> None:
    """Write the executed actions of an episode; the first axis is time.

    Arrays are written as one array in an .npy file, and dicts of arrays as one array per key
    (.npz).
    """
    with replacing(path) as new, new.open("wb") as file:
        if actions and isinstance(actions[0], dict):
            arrays: dict[str, Any] = {k: np.stack([a[k] for a in actions]) for k in actions[0]}
            np.savez(file, **arrays)
        else:
            np.save(file, np.array(actions))
