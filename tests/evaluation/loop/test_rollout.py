"""The loop: each episode once, whatever goes wrong, and the same results for any worker count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from longhaul.evaluation.loop.messages import Mode, Reply
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.policies.policy import Batch, Start
from tests.evaluation.running import EPISODES, ListJournal, run_toy, untimed
from tests.toy import STEPS_PER_SUBTASK, SUBTASKS, ToyEnv, ToyPolicy


def play_alone(policy: ToyPolicy, index: int) -> tuple[int, list[bool]]:
    """Play one toy episode without workers: steps taken, and success per subtask."""
    env, episode = ToyEnv(), EPISODES[index]
    observation, info = env.reset(seed=episode.seed, options={"episode": episode})
    policy.reset([0], [Start(episode.id, episode.seed, info["instruction"])])
    steps, over = 0, False
    while not over:
        batch = Batch((0,), {key: value[None] for key, value in observation.items()})
        observation, _, terminated, truncated, info = env.step(policy.act(batch)[0])
        steps, over = steps + 1, terminated or truncated
    return steps, [outcome.success for outcome in info["outcomes"]]


def test_records_say_what_an_env_alone_does() -> None:
    records = run_toy()
    for index, episode in enumerate(EPISODES):
        steps, successes = play_alone(ToyPolicy(), index)
        record = records[episode.id]
        assert record.steps == steps
        assert [outcome.success for outcome in record.outcomes] == successes
        assert record.status == ("success" if all(successes) else "timeout")
        assert record.error is None and record.ending == {"steps": steps}
    assert {record.status for record in records.values()} == {"success", "timeout"}


@pytest.mark.parametrize("count", [1, 3])
def test_results_do_not_depend_on_the_number_of_workers(count: int) -> None:
    assert untimed(run_toy(count=count)) == untimed(run_toy(count=2))


class Together:
    """Stands for workers that always answer all at once; episodes end after three steps."""

    mode = Mode()

    def __init__(self, count: int) -> None:
        self._count, self._steps = count, [0] * count

    def __len__(self) -> int:
        return self._count

    def reset(self, slot: int, *_: object) -> None:
        self._steps[slot] = 0

    def step(self, slot: int, _: object) -> None:
        self._steps[slot] += 1

    def wait(self) -> list[tuple[int, Reply]]:
        status = {3: "success"}
        return [(i, Reply(steps=n, status=status.get(n))) for i, n in enumerate(self._steps)]

    def observations(self, slots: Sequence[int], _: object) -> dict[str, np.ndarray]:
        return {"state": np.zeros((len(slots), 2), np.float32)}


def test_slots_that_are_ready_together_are_one_batch() -> None:
    policy, journal = ToyPolicy(), ListJournal()
    Rollout(Together(4), policy, journal).run(EPISODES[:4])
    assert policy.batches == [4, 4, 4]


def test_more_workers_than_episodes() -> None:
    assert len(run_toy(EPISODES[:1], count=3)) == 1


def test_no_episodes() -> None:
    assert run_toy(()) == {}


def test_history_is_cleared_where_the_env_says_so() -> None:
    policy = ToyPolicy(noise=0.0)
    records = run_toy(EPISODES[:2], policy)
    for episode in EPISODES[:2]:
        assert records[episode.id].status == "success"
        starts = [start for start in policy.starts if start.episode_id == episode.id]
        assert [start.instruction for start in starts] == [s.instruction for s in episode.subtasks]
        assert [start.new_episode for start in starts] == [True, False, False]
        assert {start.seed for start in starts} == {episode.seed}


def test_history_is_kept_elsewhere() -> None:
    policy = ToyPolicy(noise=0.0)
    run_toy(EPISODES[:2], policy, clears_history=False, staged=False)
    assert [start.new_episode for start in policy.starts] == [True, True]


def test_a_policy_is_told_where_the_instruction_changes() -> None:
    policy = ToyPolicy(noise=0.0)
    (episode,) = EPISODES[:1]
    run_toy((episode,), policy, clears_history=False)
    assert [start.instruction for start in policy.starts] == [
        subtask.instruction for subtask in episode.subtasks
    ]
    assert [start.new_episode for start in policy.starts] == [True, False, False]


def test_an_episode_that_ends_itself_without_success_is_a_failure() -> None:
    record = run_toy(EPISODES[:1], faults={EPISODES[0].id: "end"})[EPISODES[0].id]
    assert (record.status, record.steps) == ("failure", 3)


@pytest.mark.parametrize(
    ("fault", "steps", "words"),
    [
        ("raise", 2, "this step was told to fail"),
        ("raise_reset", 0, "this reset was told to fail"),
        ("nan", 3, "Out of range float values are not JSON compliant"),
        ("nan_ending", 14, "Out of range float values are not JSON compliant"),
    ],
)
def test_an_exception_in_the_env_costs_its_episode_only(fault: str, steps: int, words: str) -> None:
    broken = EPISODES[3].id
    records = untimed(run_toy(faults={broken: fault}))
    record = records.pop(broken)
    assert (record.status, record.steps, len(record.outcomes)) == ("error", steps, SUBTASKS)
    assert record.error is not None and "Traceback" in record.error and words in record.error
    whole = untimed(run_toy())
    del whole[broken]
    assert records == whole


class Faulty(ToyPolicy):
    """Does `act_badly` at the fifth step of one episode."""

    def __init__(self, bad: str, value: float) -> None:
        super().__init__()
        self._bad, self._value = bad, value
        self._slots: dict[int, list] = {}

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        super().reset(slots, starts)
        for slot, start in zip(slots, starts, strict=True):
            if start.new_episode:
                self._slots[slot] = [start.episode_id, 0]

    def act(self, batch: Batch) -> np.ndarray:
        actions = super().act(batch)
        for row, slot in enumerate(batch.slots):
            self._slots[slot][1] += 1
            if self._slots[slot] == [self._bad, 2]:
                actions[row, 1] = self._value
        return actions


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.nan, "component 1 is nan, outside [-1.0, 1.0]"),
        (1.5, "component 1 is 1.5, outside [-1.0, 1.0]"),
        (-np.inf, "component 1 is -inf, outside [-1.0, 1.0]"),
    ],
)
def test_an_invalid_action_costs_its_episode_only(value: float, words: str) -> None:
    broken = EPISODES[1].id
    records = untimed(run_toy(policy=Faulty(broken, value)))
    record = records.pop(broken)
    assert (record.status, record.steps) == ("error", 1)
    assert record.error is not None and words in record.error
    whole = untimed(run_toy())
    del whole[broken]
    assert records == whole


def test_a_policy_that_raises_at_a_reset_costs_that_episode_only() -> None:
    broken = EPISODES[2].id

    class Picky(ToyPolicy):
        def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
            if any(start.episode_id == broken for start in starts):
                raise KeyError("no recording")
            super().reset(slots, starts)

    records = run_toy(policy=Picky())
    assert "no recording" in (records[broken].error or "")
    assert [r.id for r in records.values() if r.status == "error"] == [broken]


def test_a_policy_that_answers_the_wrong_number_of_rows() -> None:
    class Short(ToyPolicy):
        def act(self, batch: Batch) -> np.ndarray:
            return super().act(batch)[:-1]

    records = run_toy(EPISODES[:3], Short())
    assert {record.status for record in records.values()} == {"error"}
    assert "the policy answered 1 slots with actions of shape (0, 2)" in "".join(
        record.error or "" for record in records.values()
    )


def test_an_episode_never_outlives_the_steps_the_env_gives_it() -> None:
    class Still(ToyPolicy):
        def act(self, batch: Batch) -> np.ndarray:
            return np.zeros((len(batch.slots), 2), np.float32)

    records = run_toy(policy=Still())
    assert {record.status for record in records.values()} == {"timeout"}
    assert max(record.steps for record in records.values()) <= SUBTASKS * STEPS_PER_SUBTASK


def test_timings_are_parts_of_the_whole() -> None:
    journal = ListJournal()
    for record in run_toy(EPISODES[:3], step_s=0.002, journal=journal).values():
        assert record.timings["env_s"] >= 0.002 * record.steps
        assert record.timings["wall_s"] >= record.timings["env_s"] + record.timings["policy_s"]
