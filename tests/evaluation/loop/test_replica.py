"""Workers with copies of the policy play by themselves; the records are those of one policy."""

from __future__ import annotations

import functools
from collections.abc import Callable

import gymnasium
import numpy as np
import pytest

from longhaul.envs.episode import Episode, EpisodeRecord
from longhaul.evaluation.loop.messages import Mode, Outputs
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.evaluation.loop.workers import Workers
from longhaul.policies.policy import Batch, Policy
from tests.evaluation.running import EPISODES, TOY, ListJournal, untimed
from tests.toy import ToyEnv, ToyPolicy

MakePolicy = Callable[[], Policy]


class Failing(ToyPolicy):
    """Fails where it stands at the fourth step of an episode."""

    def act(self, batch: Batch) -> np.ndarray:
        self._acts = getattr(self, "_acts", 0) + 1
        if self._acts == 4:
            raise RuntimeError("no idea what to do")
        return super().act(batch)


class Never(ToyPolicy):
    """Stands in the main process for a policy whose copies do the work."""

    def act(self, batch: Batch) -> np.ndarray:
        raise AssertionError("the main process was asked")


def play(
    make_policy: MakePolicy | None,
    policy: Policy,
    journal: ListJournal,
    clears_history: bool = True,
    count: int = 2,
    **options: object,
) -> dict[str, EpisodeRecord]:
    options |= {"clears_history": clears_history, "staged": clears_history}
    make_env = functools.partial(gymnasium.make, TOY, **options)
    space = ToyEnv().observation_space
    with Workers(
        make_env, space, count, 2.0, ["tests.toy"], Mode(make_policy=make_policy)
    ) as workers:
        Rollout(workers, policy, journal, clears_history).run(EPISODES)
    return {record.id: record for record in journal.records}


@pytest.mark.parametrize("clears_history", [True, False])
def test_copies_act_as_the_policy_does(clears_history: bool) -> None:
    theirs, ours = ListJournal(), ListJournal()
    records = play(ToyPolicy, Never(), theirs, clears_history)
    assert untimed(records) == untimed(play(None, ToyPolicy(), ours, clears_history))
    assert all(record.timings["policy_s"] > 0 for record in records.values())


class FirstIsWatched(ListJournal):
    def begin(self, episode: Episode) -> Outputs:
        super().begin(episode)
        return Outputs(watched=episode is EPISODES[0])


def test_the_main_process_acts_in_episodes_that_are_watched() -> None:
    policy = ToyPolicy()
    records = play(ToyPolicy, policy, FirstIsWatched())
    assert len(policy.batches) == records[EPISODES[0].id].steps
    assert untimed(records) == untimed(play(None, ToyPolicy(), ListJournal()))


def test_an_error_of_a_copy_is_one_of_its_episode() -> None:
    records = play(Failing, Never(), ListJournal(), count=1)
    failed = [record for record in records.values() if record.status == "error"]
    assert [record.id for record in failed] == [EPISODES[0].id]
    assert "no idea what to do" in (failed[0].error or "") and failed[0].steps == 3


def test_a_worker_that_hangs_while_it_plays_is_replaced() -> None:
    journal = ListJournal()
    faults = {EPISODES[1].id: "hang"}
    records = play(ToyPolicy, Never(), journal, faults=faults, step_s=0.0)
    assert "gave no answer" in (records[EPISODES[1].id].error or "")
    assert sum(record.status == "error" for record in records.values()) == 1
