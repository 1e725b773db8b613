"""A browser, its driver or a site that dies beside an episode gives the episode a second try."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import gymnasium
import numpy as np
import psutil
import pytest

from longhaul.envs.text import encode
from longhaul.envs.videowebarena.conventions import ACTION_BYTES
from longhaul.envs.videowebarena.env import VideoWebArenaEnv
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.evaluation.loop.workers import Workers
from longhaul.policies.policy import Batch, Requirement, Start
from longhaul.processes import has_ended
from tests.evaluation.running import ListJournal

WEB = "longhaul.envs:longhaul/VideoWebArena-v0"

VICTIMS = {
    "browser": "--remote-debugging-pipe",
    "driver": "run-driver",
    "sites": "longhaul.webagents.sites.serve",
}
"""Parts of the command lines of what stands beside an episode."""


class KillingPolicy:
    """Scrolls, and kills `victim` before its second action in each of the first `deaths` tries."""

    requirement = Requirement()
    trained: bool | None = None

    def __init__(self, workers: Workers, victim: str, deaths: int) -> None:
        self._workers, self._victim, self._deaths = workers, victim, deaths
        self._tries, self._acts = 0, 0

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        self._tries, self._acts = self._tries + 1, 0

    def act(self, batch: Batch) -> Mapping[str, np.ndarray]:
        self._acts += 1
        if self._acts == 2 and self._tries <= self._deaths:
            beside = psutil.Process(self._workers.pids[0]).children(recursive=True)
            found = [p for p in beside if VICTIMS[self._victim] in " ".join(p.cmdline())]
            assert found
            for process in found:
                with suppress(
                    psutil.NoSuchProcess
                ):  # a script that starts the browser ends with it
                    process.kill()
            while not all(has_ended(process.pid) for process in found):
                time.sleep(0.01)
        action = encode("action", "scroll [down]", ACTION_BYTES)
        return {key: np.stack([value]) for key, value in action.items()}

    def provenance(self) -> Mapping[str, str]:
        return {}


def play(victim: str, deaths: int) -> dict[str, Any]:
    """Return the record of an episode of three steps, as JSON without its times."""
    env = VideoWebArenaEnv(max_steps=3)
    make = functools.partial(gymnasium.make, WEB, max_steps=3)
    journal = ListJournal()
    with Workers(make, env.observation_space, 1, 120.0, ["longhaul.envs.videowebarena"]) as workers:
        Rollout(workers, KillingPolicy(workers, victim, deaths), journal).run(
            env.episodes("test", 1, seed=0)
        )
    (record,) = journal.records
    return {key: value for key, value in record.to_json().items() if key != "timings"}


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    found = play("browser", deaths=0)
    assert found["status"] == "timeout" and found["steps"] == 3
    return found


@pytest.mark.parametrize(
    "victim",
    [v if v == "browser" else pytest.param(v, marks=pytest.mark.slow) for v in VICTIMS],
)
def test_one_death_changes_nothing(victim: str, undisturbed: dict[str, Any]) -> None:
    assert play(victim, deaths=1) == undisturbed


def test_a_second_death_is_an_error_that_says_what_died() -> None:
    found = play("sites", deaths=2)
    assert found["status"] == "error"
    assert found["error"].strip().endswith("LostError: the local sites' process died")
