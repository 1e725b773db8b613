"""The commands that `scripts/chaos.sh` disturbs, each small: some ten CPU-seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROLLOUT = (
    *("rollout", "run_dir=run", "workers=2", "device=cpu", "videos.failures=0"),
    "engine.hang_s=30",
)


@dataclass(frozen=True)
class Job:
    """A command of `longhaul` and the path, in its folder, of what it leaves.

    `{name}` in a word stands for what the job of that name left undisturbed. A job that `serves`
    ends by a signal only; tests/chaos/serving.py asks it something.
    """

    name: str
    words: tuple[str, ...]
    result: str = "run"
    serves: bool = False

    def command(self, places: Mapping[str, Path]) -> list[str]:
        """Return the words, with the places of other jobs' results."""
        return [word.format(**places) for word in self.words]

    def needs(self, names: list[str]) -> list[str]:
        """Return the jobs whose results the words name."""
        return [name for name in names if f"{{{name}}}" in " ".join(self.words)]


TRAIN = (
    *("train", "policy=seer", "recipe=small_cpu", "data.path={record}", "data.holdout=0"),
    *("optimization.steps=9", "optimization.warmup=2", "optimization.batch=2"),
    *("optimization.log_every=1", "optimization.save_every=2", "run_dir=run", "device=cpu"),
    "threads=1",
)

JOBS = (
    Job(
        "record",
        (
            *("record", "env=calvin", "policy=noisy_expert", "episodes=3", "env.play_length=1"),
            *("videos=1", "sheet=2", "out=run", "workers=1", "engine.hang_s=30"),
        ),
    ),
    Job(
        "calvin",
        (
            *ROLLOUT,
            "env=calvin",
            "policy=expert",
            "episodes=6",
            "env.chain=[open_drawer]",
        ),
    ),
    Job("lohoravens", (*ROLLOUT, "env=lohoravens", "policy=expert", "episodes=4")),
    Job("generate", ("generate", "houses=2", "tasks=6", "workers=2", "sheet=0", "out=run")),
    Job("lhvln", (*ROLLOUT, "env=lhvln", "env.dataset={generate}", "policy=expert", "episodes=2")),
    Job("web", (*ROLLOUT, "env=videowebarena", "policy=expert", "episodes=6")),
    Job("seer", (*ROLLOUT, "env=calvin", "policy=seer", "episodes=3", "env.subtask_steps=20")),
    Job(
        "mgdm",
        (
            *(*ROLLOUT, "env=lhvln", "env.dataset={generate}", "policy=mgdm", "episodes=2"),
            "env.max_steps=20",
        ),
    ),
    Job("planner", (*ROLLOUT, "env=lohoravens", "policy=planner", "episodes=4")),
    Job("train", TRAIN),
    Job("convert", ("convert", "{record}", "run")),
    Job("live", ("view", "env=calvin", "policy=hold", "episodes=2"), "answers", serves=True),
    Job("viewer", ("view", "{calvin}"), "answers", serves=True),
)
