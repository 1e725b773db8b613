"""What the main process and its workers tell each other.

The main process sends `Reset`, `Steps` or `Play` and gets one `Reply` for each. Observations go
through shared memory; so a message stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gymnasium

from longhaul.envs.episode import Episode, Status, SubtaskOutcome
from longhaul.evaluation.loop.protocol import Told
from longhaul.evaluation.loop.replica import PolicyMaker
from longhaul.evaluation.recordings.recorder import Recorder

EnvMaker = Callable[[], gymnasium.Env[Any, Any]]


@dataclass(frozen=True)
class Mode:
    """How workers work; no record depends on it.

    Without `lazy` every observation is drawn, read or not. `make_policy` makes the copy of the
    policy that a `Play` needs. With `profile` the CPU time of each part of a step is measured
    (longhaul.profiling).
    """

    lazy: bool = True
    make_policy: PolicyMaker | None = None
    profile: bool = False


LAZY = Mode()


@dataclass(frozen=True)
class Outputs:
    """What a worker writes beside an episode; None for what is not wanted.

    `recorder` makes the Recorder that gets to see the whole episode. An episode is `watched` if the
    main process reads all observations of its every step.
    """

    video: Path | None = None
    actions: Path | None = None
    video_every: int | None = None
    recorder: Callable[[], Recorder] | None = None
    watched: bool = False


@dataclass(frozen=True)
class Reset:
    """`reads` names the observations that the policy reads; None stands for all."""

    episode: Episode
    outputs: Outputs
    reads: Collection[str] | None = None


@dataclass(frozen=True)
class Steps:
    """Actions to be carried out in turn, until the episode ends or the policy must be reset."""

    actions: Sequence[Any]


@dataclass(frozen=True)
class Play:
    """At least so many steps are to be taken as the worker's own copy of the policy says."""

    steps: int


@dataclass(frozen=True)
class Reply:
    """The answer to a request: the state after the last step that was taken.

    `status` is None while the episode goes on; `outcomes` and `ending` are sent with its end.
    `lost` says that the worker, or a process beside it, died or hung: the env is not to blame.
    `full` says that the disk is full, which is the error of no episode. `policy_calls` and
    `policy_s` are those of a `Play`. `profile` has CPU seconds by part, with an episode's end.
    """

    instruction: str = ""
    subtask: int = 0
    steps: int = 0
    status: Status | None = None
    outcomes: tuple[SubtaskOutcome, ...] = ()
    ending: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    env_s: float = 0.0
    policy_calls: int = 0
    policy_s: float = 0.0
    profile: Mapping[str, float] = field(default_factory=dict)
    lost: bool = False
    full: OSError | None = None

    @property
    def told(self) -> Told:
        return Told(self.instruction, self.subtask)
