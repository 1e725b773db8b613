"""A toy env and policy: quick, deterministic, and breakable on demand.

A point on a line has to reach three marks in turn. `gymnasium.make("tests.toy:longhaul/Toy-v0")`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import register
from gymnasium.spaces import Box, Dict

from longhaul.envs.episode import Episode, Subtask, SubtaskOutcome
from longhaul.envs.specs import (
    ActionSpec,
    CameraSpec,
    EnvSpec,
    ObservationSpec,
    Requirement,
    StateSpec,
)
from longhaul.errors import ConfigError, LostError
from longhaul.policies.policy import Batch, Setting, Start

SUBTASKS = 3
STEPS_PER_SUBTASK = 12
TOLERANCE = 0.12


class ToyEnv(gymnasium.Env):
    """`faults` maps episode ids to a fault, which strikes in the third step.

    `step_s` is how long a step takes; `scratch` a folder where a fault leaves the
    episode's id when it strikes; one that ends in `_once` strikes only without that mark.
    """

    def __init__(
        self,
        faults: Mapping[str, str] | None = None,
        step_s: float = 0.0,
        scratch: str | None = None,
        color: str = "red",
        clears_history: bool = True,
        staged: bool = True,
        mode: str = "delta",
        parts: Mapping[str, str] | None = None,
    ) -> None:
        if color not in ("red", "green"):
            raise ConfigError(f"env.color={color} is unknown; valid: red, green")
        self._faults, self._step_s, self._scratch = dict(faults or {}), step_s, scratch
        self._expert_acts = (parts or {}).get("expert") == "act"
        self._color, self._staged = color, staged
        self.observation_space = Dict(
            {
                "rgb_wide": Box(0, 255, (24, 48, 3), np.uint8),
                "rgb_near": Box(0, 255, (16, 16, 3), np.uint8),
                "state": Box(-np.inf, np.inf, (2,), np.float32),
            }
        )
        self.action_space = Box(-1.0, 1.0, (2,), np.float32)
        self.conventions = EnvSpec(
            observation=ObservationSpec(
                cameras=(CameraSpec("rgb_wide", 24, 48), CameraSpec("rgb_near", 16, 16)),
                states=(StateSpec("state", 2, ("position", "mark")),),
            ),
            action=ActionSpec(mode=mode, size=2, rate=30.0),
            splits=("test", "other"),
            clears_history=clears_history,
            video=("rgb_wide", "rgb_near"),
        )

    def episodes(self, split: str, n: int | None, seed: int) -> Sequence[Episode]:
        if split not in self.conventions.splits:
            raise ConfigError(f"split={split} is unknown; valid: test, other")
        return [toy_episode(split, i, seed) for i in range(100 if n is None else n)]

    def provenance(self) -> Mapping[str, str]:
        return {"renderer": "toy"}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        super().reset(seed=seed)
        assert options is not None
        self._episode: Episode = options["episode"]
        self._position, self._steps, self._subtask, self._since = 0.0, 0, 0, 0
        self._marks = self.np_random.uniform(-0.5, 0.5, SUBTASKS)
        self._outcomes = [SubtaskOutcome(s.name, s.gt_steps) for s in self._episode.subtasks]
        self._start_subtask()
        if self._fault().endswith("_reset"):
            self._strike(self._fault())
        return self._observe(), self._info()

    def step(
        self, action: np.ndarray
    ) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        if self._expert_acts:
            distance = self._marks[self._subtask] - self._position
            action = np.array([np.clip(distance / 0.2, -1, 1), 0.0], np.float32)
        time.sleep(self._step_s)
        self._steps += 1
        self._since += 1
        if self._struck():
            self._strike(self._fault())
        self._position += 0.2 * float(action[0])
        reached = bool(abs(self._position - self._marks[self._subtask]) < TOLERANCE)
        over = reached or self._since == STEPS_PER_SUBTASK
        if over:
            self._end_subtask(reached)
        done = (reached and self._subtask == SUBTASKS - 1) or self._struck("end")
        if reached and not done:
            self._subtask += 1
            self._start_subtask()
        info = {**self._info(), "executed_action": action}
        if done or over:
            broken = self._fault() == "nan_ending"
            info["ending"] = {"steps": float("nan") if broken else self._steps}
        return self._observe(), float(reached), done, over and not reached, info

    def _start_subtask(self) -> None:
        self._since = 0
        self._set(started=True, start_step=self._steps)

    def _end_subtask(self, success: bool) -> None:
        self._set(success=success, oracle_success=success, end_step=self._steps)

    def _set(self, **changes: Any) -> None:
        old = self._outcomes[self._subtask]
        self._outcomes[self._subtask] = SubtaskOutcome(**{**vars(old), **changes})

    def _observe(self) -> dict[str, np.ndarray]:
        wide = np.zeros((24, 48, 3), np.uint8)
        wide[:, int(np.clip(24 + 24 * self._position, 0, 47))] = 255
        wide[:, int(24 + 24 * self._marks[self._subtask]), 0 if self._color == "red" else 1] = 255
        state = np.array([self._position, self._marks[self._subtask]], np.float32)
        return {"rgb_wide": wide, "rgb_near": wide[:16, 16:32].copy(), "state": state}

    def _info(self) -> dict[str, Any]:
        told = self._episode.subtasks[self._subtask] if self._staged else self._episode
        return {
            "instruction": told.instruction,
            "subtask": self._subtask,
            "outcomes": tuple(self._outcomes),
        }

    def _fault(self) -> str:
        return self._faults.get(self._episode.id, "")

    def _struck(self, fault: str | None = None) -> bool:
        return self._steps == 3 and fault in (None, self._fault())

    def _strike(self, fault: str) -> None:
        if fault and self._scratch is not None:
            mark = Path(self._scratch) / self._episode.id
            if fault.endswith("_once") and mark.exists():
                return
            mark.touch()
        if fault in ("raise", "raise_once"):
            raise RuntimeError("this step was told to fail")
        if fault == "raise_reset":
            raise RuntimeError("this reset was told to fail")
        if fault.startswith("lose"):
            raise LostError("what stood beside the env died")
        if fault.startswith("die"):
            os._exit(7)
        if fault in ("hang", "hang_once", "hang_reset"):
            time.sleep(3600)
        if fault == "hang_in_c":
            sum(range(10**15))  # holds the interpreter's lock: no thread of the process gets a turn
        if fault == "nan":
            self._set(measures={"geodesic_end": float("nan")})


def toy_episode(split: str, index: int, seed: int = 0) -> Episode:
    subtasks = tuple(
        Subtask(f"mark_{i}", f"go to mark {i + 1}", gt_steps=3, goal={"mark": i})
        for i in range(SUBTASKS)
    )
    return Episode(
        id=f"{split}-{index:04d}",
        seed=1000 * seed + index,
        instruction=subtasks[0].instruction,
        subtasks=subtasks,
    )


class ToyPolicy:
    """Walks toward the mark with a noise of its own per episode; remembers what it was told."""

    requirement = Requirement(action=ActionSpec(mode="delta"))
    trained: bool | None = None

    def __init__(self, setting: Setting | None = None, noise: float = 3.0) -> None:
        self._noise = noise
        self._generators: dict[int, np.random.Generator] = {}
        self.starts: list[Start] = []
        self.batches: list[int] = []

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        self.starts += starts
        for slot, start in zip(slots, starts, strict=True):
            if start.new_episode:
                self._generators[slot] = np.random.default_rng(start.seed)

    def act(self, batch: Batch) -> np.ndarray:
        self.batches.append(len(batch.slots))
        state = batch.observations["state"]
        actions = np.zeros((len(batch.slots), 2), np.float32)
        for row, slot in enumerate(batch.slots):
            noise = self._noise * self._generators[slot].uniform(-1, 1)
            actions[row, 0] = np.clip(2 * (state[row, 1] - state[row, 0]) + noise, -1, 1)
        return actions

    def provenance(self) -> Mapping[str, str]:
        return {}


register(id="longhaul/Toy-v0", entry_point="tests.toy:ToyEnv", disable_env_checker=True)
