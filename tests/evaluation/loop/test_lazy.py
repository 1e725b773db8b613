"""What nobody reads is not drawn, and several steps are one message; the records are the same."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from longhaul.envs.specs import Requirement
from longhaul.evaluation.loop import worker
from longhaul.evaluation.loop.actions import InvalidActionError, ahead
from longhaul.evaluation.loop.buffers import SharedObservations
from longhaul.evaluation.loop.messages import Mode, Outputs, Reset, Steps
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.evaluation.loop.worker import Session
from longhaul.evaluation.loop.workers import Workers
from longhaul.policies.policy import Actions, Batch, Start
from tests.evaluation.running import EPISODES, ListJournal, run_toy, toy_workers, untimed
from tests.toy import ToyEnv

SPACE = ToyEnv().observation_space


class AheadPolicy:
    """Walks toward the mark that it saw last, and looks again after `steps` steps."""

    requirement = Requirement()
    reads: Sequence[str] = ("state",)
    trained = None

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self.asked = 0
        self._plans: dict[int, list[np.ndarray]] = {}

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        for slot in slots:
            self._plans[slot] = []

    def act(self, batch: Batch) -> np.ndarray:
        self.asked += len(batch.slots)
        for row, slot in enumerate(batch.slots):
            if not self._plans[slot]:
                position, mark = batch.observations["state"][row]
                shares = 0.37 * np.arange(self._steps, 0, -1) / self._steps
                self._plans[slot] = [
                    np.array([np.clip(share * (mark - position) / 0.2, -1, 1), 0], np.float32)
                    for share in shares
                ]
        return np.stack([self._plans[slot].pop(0) for slot in batch.slots])

    def act_ahead(self, batch: Batch) -> Sequence[Actions]:
        firsts = self.act(batch)
        plans = [self._plans[slot] for slot in batch.slots]
        answers = [np.stack([first, *plan]) for first, plan in zip(firsts, plans, strict=True)]
        self._plans |= {slot: [] for slot in batch.slots}
        return answers

    def provenance(self) -> Mapping[str, str]:
        return {}


@pytest.mark.parametrize("steps", [2, 5])
@pytest.mark.parametrize("clears_history", [True, False])
def test_records_of_steps_taken_ahead_are_those_of_steps_one_by_one(
    steps: int, clears_history: bool
) -> None:
    """A plan ends where the instruction changes, since the policy is reset there."""
    found, asked = [], []
    for watched in (False, True):
        policy, journal = AheadPolicy(steps), ListJournal(Outputs(watched=watched))
        with toy_workers(clears_history=clears_history, staged=clears_history) as workers:
            Rollout(workers, policy, journal, clears_history).run(EPISODES)
        found.append(untimed({record.id: record for record in journal.records}))
        asked.append(policy.asked)
    assert found[0] == found[1] and len(found[0]) == len(EPISODES)
    assert asked[1] > 1.3 * asked[0]


class Counting(ToyEnv):
    """Draws on demand, and counts what it drew."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.drawn: list[tuple[str, ...]] = []
        self._only: Any = None

    def draw_only(self, wanted: Any) -> None:
        self._only = wanted

    def reset(self, **options: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        observation, info = super().reset(**options)
        return self._part(observation, info, False), info

    def step(self, action: Any) -> Any:
        observation, reward, terminated, truncated, info = super().step(action)
        seen = self._part(observation, info, terminated or truncated)
        return seen, reward, terminated, truncated, info

    def _part(self, observation: Any, info: Any, over: bool) -> dict[str, np.ndarray]:
        names = sorted(observation) if self._only is None else sorted(self._only(info, over))
        self.drawn.append(tuple(names))
        return {name: observation[name] for name in names}


@pytest.fixture
def counted() -> Iterator[tuple[Session, Counting, SharedObservations]]:
    env, observations = Counting(), SharedObservations(SPACE, 1)
    session = Session(lambda: env, observations, 0)
    yield session, env, observations
    session.close()
    observations.close()


STILL = np.zeros(2, np.float32)


def test_only_what_is_read_is_drawn(
    counted: tuple[Session, Counting, SharedObservations],
) -> None:
    session, env, observations = counted
    session.answer(Reset(EPISODES[0], Outputs(), ("state",)))
    assert session.answer(Steps([STILL] * 3)).steps == 3
    assert env.drawn == [("state",), (), (), ("state",)]
    alone = ToyEnv()
    alone.reset(seed=EPISODES[0].seed, options={"episode": EPISODES[0]})
    for _ in range(3):
        expected = alone.step(STILL)[0]
    np.testing.assert_array_equal(observations.read([0], ["state"])["state"][0], expected["state"])


def test_nothing_is_drawn_of_a_last_state(
    counted: tuple[Session, Counting, SharedObservations],
) -> None:
    session, env, _ = counted
    session.answer(Reset(EPISODES[0], Outputs()))
    assert session.answer(Steps([STILL] * 20)).status == "timeout"
    assert env.drawn == [("rgb_near", "rgb_wide", "state"), *[()] * 12]


def test_a_film_has_the_pictures_that_it_shows(
    counted: tuple[Session, Counting, SharedObservations],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Of three steps it shows the third, and the last state of all."""
    session, _, _ = counted
    shown: list[bool] = []

    class Film(worker.VideoWriter):
        def add(self, observation: Any, info: Any, last: bool) -> None:
            shown.append(set(self._cameras) <= set(observation))
            super().add(observation, info, last)

    monkeypatch.setattr(worker, "VideoWriter", Film)
    film = tmp_path / "film.mp4"
    session.answer(Reset(EPISODES[0], Outputs(video=film, video_every=3), ()))
    session.answer(Steps([STILL] * 20))
    assert shown == [index % 3 == 0 for index in range(12)] + [True]
    assert film.stat().st_size > 1000


def test_a_wrapper_that_reads_pictures_gets_them_all() -> None:
    class Darker(gymnasium.ObservationWrapper):  # type: ignore[type-arg]
        def observation(self, observation: Any) -> Any:
            return {**observation, "rgb_wide": observation["rgb_wide"] // 2}

    env, observations = Counting(), SharedObservations(SPACE, 1)
    session = Session(lambda: Darker(env), observations, 0)
    session.answer(Reset(EPISODES[0], Outputs(), ("state",)))
    session.answer(Steps([STILL] * 3))
    assert env.drawn == [("rgb_near", "rgb_wide", "state")] * 4
    session.close()


class Undeclared(AheadPolicy):
    def act(self, batch: Batch) -> np.ndarray:
        assert batch.observations["rgb_wide"].shape
        return super().act(batch)


def test_what_is_not_declared_cannot_be_read() -> None:
    record = run_toy(EPISODES[:1], Undeclared(1))[EPISODES[0].id]
    assert record.status == "error" and record.error is not None
    assert "reads observation rgb_wide, and declares to read ['state'] alone" in record.error


def test_an_answer_without_a_step_is_refused() -> None:
    class Lame(AheadPolicy):
        def act_ahead(self, batch: Batch) -> Sequence[Actions]:
            return [np.zeros((0, 2), np.float32)]

    policy = Lame(1)
    policy.reset([0], [Start("a", 0, "go")])
    batch = Batch((0,), {"state": np.zeros((1, 2), np.float32)})
    with pytest.raises(InvalidActionError, match="of no step"):
        ahead(policy, batch)
    with pytest.raises(InvalidActionError, match="2 slots with 1 rows"):
        ahead(policy, replace(batch, slots=(0, 1)))


def test_without_lazy_the_policy_is_asked_at_every_step() -> None:
    asked = []
    for lazy in (True, False):
        policy, journal = AheadPolicy(4), ListJournal()
        make_env = functools.partial(gymnasium.make, "tests.toy:longhaul/Toy-v0")
        with Workers(make_env, SPACE, 1, 60.0, ["tests.toy"], Mode(lazy)) as workers:
            Rollout(workers, policy, journal, True).run(EPISODES[:1])
        asked.append((policy.asked, journal.records[0].steps))
    assert asked[1][0] == asked[1][1] == asked[0][1] > asked[0][0]
