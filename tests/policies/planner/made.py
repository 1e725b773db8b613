"""A planner on observations made by hand: no simulator, no language model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from longhaul.envs.specs import ActionSpec, EnvSpec, ObservationSpec
from longhaul.envs.text import decode, encode, text_space
from longhaul.language.chat import Message, Reply
from longhaul.policies.planner.policy import PlannerPolicy
from longhaul.policies.policy import Batch, Setting, Start

GOAL = "put the blocks in the bowls with matching colors"
CAPTION = (
    "There are 3 blocks and 2 bowls. The red bowl is in the top left area. The blue bowl is in the "
    "bottom right area. The red block is in the center area. The bigger blue block is in the top "
    "right area. The smaller blue block is on the bigger blue block."
)
RED = "pick up the red block and place it in the red bowl"
SMALL = "pick up the smaller blue block and place it in the blue bowl"
PICTURE = np.arange(8 * 4 * 3, dtype=np.uint8).reshape(8, 4, 3)


def setting(slots: int = 1) -> Setting:
    observed = spaces.Dict(
        {
            **text_space("caption", 4096),
            "success": spaces.Box(0, 1, (1,), np.uint8),
            "rgb_map": spaces.Box(0, 255, PICTURE.shape, np.uint8),
        }
    )
    env = EnvSpec(ObservationSpec(), ActionSpec("pick_place"), ("test",))
    return Setting(env, observed, spaces.Dict(text_space("skill", 512)), slots)


def planner(replies: Sequence[str | Reply] = (), slots: int = 1, **options: Any) -> PlannerPolicy:
    """Return a planner that is told its replies beforehand."""
    backend = options.pop("scripted", {"name": "scripted", "replies": list(replies)})
    given = {"backend": "scripted", "plan_mode": "generate", **options}
    return PlannerPolicy(setting(slots), {"scripted": backend}, **given)


def begin(policy: PlannerPolicy, goal: str = GOAL, seed: int = 1) -> None:
    policy.reset([0], [Start("episode", seed, goal)])


def step(policy: PlannerPolicy, caption: str = CAPTION, success: bool = False) -> dict[str, str]:
    """Return the skill that the policy chose; {} for none."""
    row = {
        **encode("caption", caption, 4096),
        "success": np.array([success], np.uint8),
        "rgb_map": PICTURE,
    }
    action = policy.act(Batch((0,), {key: value[None] for key, value in row.items()}))
    text = decode("skill", {key: value[0] for key, value in action.items()})
    return json.loads(text) if text else {}


def asked(policy: PlannerPolicy) -> list[tuple[Message, ...]]:
    """Return the messages of every question."""
    model: Any = policy._planner.model
    return [request.messages for request in getattr(model, "model", model).requests]
