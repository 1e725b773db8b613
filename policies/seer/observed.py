"""What Seer observes: CALVIN's two cameras and state, or LIBERO's, by their own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from longhaul.envs.specs import (
    ActionSpec,
    CameraSpec,
    Conventions,
    ObservationSpec,
    Requirement,
    SpecMismatchError,
    StateSpec,
)
from longhaul.policies.conventions import without
from longhaul.policies.seer.preprocess import proprioception

RESAMPLE_REMEDIES = {
    "height": "policy.resample=pictures, or all, resizes pictures of another size",
    "width": "policy.resample=pictures, or all, resizes pictures of another size",
    "rate": "policy.resample=rate, or all, splits or joins actions for another rate",
}
"""What a user may do where an env is not as the demonstrations were, by what differs."""

DATA_REMEDIES = {
    "mode": "data.options.action says what its actions are, such as data.options.action.mode=delta "
    "for changes in a LeRobot folder",
}
"""What a user may do where a dataset is not what Seer learns from, by what differs."""

DECLARED = ("rotation", "gripper", "position_scale", "rotation_scale", "rate")
"""The conventions of actions that Seer takes as they are, and that a dataset must therefore say."""


@dataclass(frozen=True)
class Observed:
    """The names of what Seer reads: the cameras `static` and `wrist`, the state `arm` whose first
    six components are the pose of the TCP, and the state `gripper`.

    With `widths` the first two components of `gripper` are the fingers' positions (m), else the
    component 14 of `gripper` is its last command. `requirement` are the conventions of the
    published demonstrations, which hold for weights that say none.
    """

    static: str
    wrist: str
    arm: str
    gripper: str
    widths: bool
    requirement: Requirement

    @property
    def cameras(self) -> tuple[str, str]:
        """The cameras, in the order in which the network takes their pictures."""
        return self.static, self.wrist

    @property
    def names(self) -> tuple[str, ...]:
        """All that is read, each name once."""
        return tuple(dict.fromkeys((*self.cameras, self.arm, self.gripper)))

    def proprioception(self, observations: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
        """Return arm (..., 6), and gripper (...), 0 closed or 1 open, or (..., 2) with `widths`."""
        if not self.widths:
            return proprioception(observations[self.arm])
        arm = torch.as_tensor(observations[self.arm], dtype=torch.float32)
        fingers = torch.as_tensor(observations[self.gripper], dtype=torch.float32)
        return arm[..., :6], fingers[..., :2]

    def learnable(self) -> Requirement:
        """Return what a dataset must be to be learned from: pictures are resized, and the weights
        keep its rate, scales, rotation and gripper (policies/conventions.py)."""
        found = without(self.requirement, ["pictures"])
        observation, action = found.observation, found.action
        assert observation is not None and action is not None
        states = [replace(state, rotation="", gripper="") for state in observation.states]
        return Requirement(
            replace(observation, states=tuple(states)),
            ActionSpec(action.mode, action.size, action.frame),
            DATA_REMEDIES,
        )


CALVIN_REQUIREMENT = Requirement(
    observation=ObservationSpec(
        cameras=(
            CameraSpec("rgb_static", 200, 200),
            CameraSpec("rgb_gripper", 84, 84, mount="gripper"),
        ),
        states=(StateSpec("robot_obs", 15, (), "world", "euler_xyz", "open=+1"),),
    ),
    action=ActionSpec(
        mode="delta",
        size=7,
        frame="world",
        rotation="euler_xyz",
        gripper="open=+1",
        position_scale=0.02,
        rotation_scale=0.05,
        rate=30.0,
    ),
    remedies=RESAMPLE_REMEDIES,
)
"""The conventions of CALVIN's demonstrations."""

LIBERO_REQUIREMENT = Requirement(
    observation=ObservationSpec(
        cameras=(
            CameraSpec("agentview_rgb", 128, 128),
            CameraSpec("eye_in_hand_rgb", 128, 128, mount="gripper"),
        ),
        states=(
            StateSpec("ee_states", 6, (), "world", "axis_angle"),
            StateSpec("gripper_states", 2),
        ),
    ),
    action=ActionSpec(
        mode="delta",
        size=7,
        frame="world",
        rotation="axis_angle",
        gripper="open=-1",
        position_scale=0.05,
        rotation_scale=0.5,
        rate=20.0,
    ),
    remedies=RESAMPLE_REMEDIES,
)
"""The conventions of LIBERO's demonstrations, as demos/robomimic.py reads them."""

CALVIN_OBSERVED = Observed(
    "rgb_static", "rgb_gripper", "robot_obs", "robot_obs", False, CALVIN_REQUIREMENT
)
LIBERO_OBSERVED = Observed(
    "agentview_rgb", "eye_in_hand_rgb", "ee_states", "gripper_states", True, LIBERO_REQUIREMENT
)


def observed_in(offered: Conventions | None) -> Observed:
    """Return what Seer reads of a dataset: LIBERO's observations if it has those, else CALVIN's,
    which `require_compatible` then looks for.

    Raises SpecMismatchError if the dataset has the observations, and does not say one of the
    conventions of its actions.
    """
    if offered is None:
        return CALVIN_OBSERVED
    names = offered.observation.by_name().keys()
    for observed in (CALVIN_OBSERVED, LIBERO_OBSERVED):
        if {*observed.cameras, observed.arm, observed.gripper} <= names:
            missing = [name for name in DECLARED if not getattr(offered.action, name)]
            if missing and offered.action.mode == "delta":
                raise SpecMismatchError(
                    f"the dataset does not say its action.{', action.'.join(missing)}; "
                    "data.options.action and data.options.conventions say them"
                )
            return observed
    return CALVIN_OBSERVED


def observed_by(requirement: Requirement) -> Observed:
    """Return what a network reads that demands `requirement` of an env."""
    named = requirement.observation.by_name() if requirement.observation else {}
    return LIBERO_OBSERVED if LIBERO_OBSERVED.static in named else CALVIN_OBSERVED
