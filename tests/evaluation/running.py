"""Rollouts of the toy env for tests, without a run folder."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gymnasium
import yaml

from longhaul.envs.episode import Episode, EpisodeRecord
from longhaul.evaluation.loop.messages import Outputs
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.evaluation.loop.workers import Workers
from longhaul.policies.policy import Policy
from tests.toy import ToyEnv, ToyPolicy, toy_episode

TOY = "tests.toy:longhaul/Toy-v0"
TOY_CONFIG = {"id": TOY, "faults": {}, "step_s": 0.0, "scratch": None, "color": "red"}
EPISODES = tuple(toy_episode("test", i) for i in range(8))


def toy_folder(folder: Path) -> Path:
    """Write configs/env/toy.yaml into a folder, and return an empty folder beside configs."""
    (folder / "configs/env").mkdir(parents=True)
    (folder / "configs/env/toy.yaml").write_text(yaml.safe_dump(TOY_CONFIG))
    (folder / "here").mkdir()
    return folder / "here"


@dataclass
class ListJournal:
    """Keeps records in a list."""

    outputs: Outputs = field(default_factory=Outputs)
    begun: list[str] = field(default_factory=list)
    records: list[EpisodeRecord] = field(default_factory=list)

    def begin(self, episode: Episode) -> Outputs:
        self.begun.append(episode.id)
        return self.outputs

    def acted(self, rows: int, seconds: float, calls: int = 1) -> None:
        assert rows >= calls > 0 and seconds >= 0

    def finish(self, record: EpisodeRecord) -> None:
        self.records.append(record)


def toy_workers(count: int = 2, hang_s: float = 60.0, **options: Any) -> Workers:
    make_env = functools.partial(gymnasium.make, TOY, **options)
    return Workers(make_env, ToyEnv().observation_space, count, hang_s, preload=["tests.toy"])


def run_toy(
    episodes: Sequence[Episode] = EPISODES,
    policy: Policy | None = None,
    count: int = 2,
    hang_s: float = 60.0,
    clears_history: bool = True,
    journal: ListJournal | None = None,
    **options: Any,
) -> dict[str, EpisodeRecord]:
    """Return the records by id, after checking that each episode has exactly one."""
    journal = journal or ListJournal()
    with toy_workers(count, hang_s, **options) as workers:
        Rollout(workers, policy or ToyPolicy(), journal, clears_history).run(episodes)
    ids = [record.id for record in journal.records]
    assert sorted(ids) == sorted(episode.id for episode in episodes)
    return {record.id: record for record in journal.records}


def untimed(records: dict[str, EpisodeRecord]) -> dict[str, EpisodeRecord]:
    """Return the records without what may differ between two runs: their timings."""
    return {key: replace(records[key], timings={}) for key in sorted(records)}
