"""The benchmark's 1000 sequences as episodes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from longhaul.envs.calvin.chains import possible_starts
from longhaul.envs.calvin.initial_states import initial_state
from longhaul.envs.calvin.sequences import (
    SEQUENCE_COUNT,
    State,
    sequence,
    sequences,
    start_state,
)
from longhaul.envs.calvin.tasks import TASKS
from longhaul.envs.episode import Episode, Subtask
from longhaul.errors import ConfigError, require_known, unknown

SPLITS = ("ABC", "ABCD", "D")
"""Names of CALVIN's training data. The evaluation's sequences are the same for all of them."""

UNMEASURED_STEPS = 100
"""Reference length of a task that the table of the expert's medians does not have."""


def episodes(
    split: str, n: int | None, seed: int, scene: str, chain: Sequence[str] = ()
) -> list[Episode]:
    """Return the first `n` of the 1000 episodes (None: all) in a scene.

    `chain` replaces the five tasks of every episode by others. The start states stay, and so do the
    ids; those that do not allow the chain are left out (longhaul.envs.calvin.chains). An episode's
    `start` has robot_obs (15), scene_obs (24), the scene, the symbolic state, and under the key
    "slots" where the blocks' poses come from. Raises ConfigError for an unknown split or task, a
    chain that no start state allows, and more episodes than there are.
    """
    require_known("split", split, SPLITS)
    if not chain:
        drawn = enumerate(sequences(n))
        return [_episode(i, found.state, found.tasks, seed, scene) for i, found in drawn]
    numbers = starts(chain)
    if n is not None and not 0 <= n <= len(numbers):
        raise ConfigError(
            f"episodes={n}: {len(numbers)} of CALVIN's {SEQUENCE_COUNT} start states allow this "
            "env.chain"
        )
    return [_episode(i, start_state(i), chain, seed, scene) for i in numbers[:n]]


def starts(chain: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers of the episodes whose start state allows a chain.

    Raises ConfigError for an unknown task, and if there is no such episode.
    """
    for name in chain:
        if name not in TASKS:
            raise ConfigError(unknown(f"env.chain: task {name}", TASKS))
    return possible_starts(tuple(chain))


def episode_at(index: int, seed: int, scene: str, chain: Sequence[str] = ()) -> Episode:
    """Return one of the 1000 episodes, the same as in the list of all."""
    state = start_state(index)
    return _episode(index, state, chain or sequence(index).tasks, seed, scene)


def _episode(index: int, symbolic: State, tasks: Sequence[str], seed: int, scene: str) -> Episode:
    state = initial_state(symbolic, scene)
    subtasks = tuple(as_subtask(name, scene) for name in tasks)
    return Episode(
        id=f"calvin-{scene}-{index:04d}",
        seed=int(np.random.SeedSequence([seed, index]).generate_state(1)[0]),
        instruction=", then ".join(subtask.instruction for subtask in subtasks),
        subtasks=subtasks,
        start={
            "scene": scene,
            "robot_obs": list(state.robot_obs),
            "scene_obs": list(state.scene_obs),
            "symbolic": dict(symbolic),
            "slots": state.source,
        },
    )


def as_subtask(name: str, scene: str) -> Subtask:
    """Return a task as a step of an episode, with the reference length that it has in a scene."""
    steps = reference_steps().get(scene, {}).get(name, UNMEASURED_STEPS)
    return Subtask(name, TASKS[name].instruction, steps, goal={"task": name})


@cache
def reference_steps() -> Mapping[str, Mapping[str, int]]:
    """Return the expert's median number of steps per scene and task, from gt_steps.json."""
    table: dict[str, dict[str, int]] = json.loads(
        Path(__file__).with_name("gt_steps.json").read_text()
    )
    return table
