"""A learned policy as the actor: each skill is an instruction, and a step may pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from longhaul.envs.lohoravens.conventions import action_space, conventions, tips_of
from longhaul.envs.specs import Requirement
from longhaul.policies.planner.actor import PolicyActor
from longhaul.policies.planner.scene import Scene
from longhaul.policies.planner.skills import Skill, parse
from longhaul.policies.policy import Batch, Setting, Start
from tests.policies.planner.made import RED


class Learned:
    """Acts in the middle of the table and remembers what it was told."""

    requirement = Requirement()
    trained: bool | None = True

    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        self.told += [(slot, s.instruction) for slot, s in zip(slots, starts, strict=True)]

    def act(self, batch: Batch) -> dict[str, np.ndarray]:
        middle = np.array([0.5, 0, 0, 0, 0, 0, 1], np.float32)
        rows = np.tile(middle, (len(batch.slots), 1))
        assert len(batch.observations["seen"]) == len(batch.slots)
        return {"pose0": rows, "pose1": rows}

    def provenance(self) -> Mapping[str, str]:
        return {}


def test_skills_are_instructions_and_a_passing_step_is_a_valid_action() -> None:
    env: Any = conventions((), ("test",), "test")
    setting = Setting(env, action_space(), action_space(), 3)
    learned = Learned()
    actor = PolicyActor(learned, setting)
    skill = parse(RED, Scene())
    assert isinstance(skill, Skill)
    starts = [Start(str(slot), slot, "goal") for slot in range(3)]
    batch = Batch((4, 5, 6), {"seen": np.zeros((3, 2))})
    rows = actor.act(batch, starts, [None, skill, None])
    assert learned.told == [(5, RED)]
    for row in rows:
        tips_of(row)
    assert [float(row["pose0"][0]) for row in rows] == [0.25, 0.5, 0.25]
    assert actor.act(batch, starts, [None] * 3)[0]["pose1"][6] == 1
