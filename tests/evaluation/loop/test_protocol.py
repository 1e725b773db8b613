"""Whoever plays an episode resets the policy and judges the end as the rollout does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest

from longhaul.commands.mgdm_picture import run_episode
from longhaul.configs import demonstrations
from longhaul.envs.episode import SubtaskOutcome
from longhaul.evaluation.loop.play import Moment, play
from longhaul.evaluation.loop.protocol import Told, start_of, status_of
from longhaul.evaluation.loop.task import open_task
from longhaul.policies.mgdm.perception.observations import RGB_VIEWS
from longhaul.policies.policy import Start
from tests.evaluation.running import EPISODES, TOY, run_toy
from tests.toy import ToyEnv, ToyPolicy, toy_episode

DONE, MISSED = SubtaskOutcome("a", 3, success=True), SubtaskOutcome("b", 3)
WAYS: Sequence[Mapping[str, Any]] = (
    {"clears_history": True, "staged": True},
    {"clears_history": True, "staged": False},
    {"clears_history": False, "staged": True},
    {"clears_history": False, "staged": False},
)
"""Envs whose instruction does or does not change, and that do or do not clear history."""


@pytest.mark.parametrize(
    ("before", "now", "clears", "new_episode"),
    [
        (None, Told("go", 0), False, True),
        (Told("go", 0), Told("go", 0), True, None),
        (Told("go", 0), Told("go", 1), False, None),
        (Told("go", 0), Told("go", 1), True, False),
        (Told("go", 0), Told("come", 0), False, False),
    ],
)
def test_when_a_policy_is_reset(
    before: Told | None, now: Told, clears: bool, new_episode: bool | None
) -> None:
    episode = EPISODES[3]
    start = start_of(episode, before, now, clears)
    expected = None
    if new_episode is not None:
        expected = Start(episode.id, episode.seed, now.instruction, new_episode)
    assert start == expected


@pytest.mark.parametrize(
    ("terminated", "truncated", "outcomes", "status"),
    [
        (False, False, (DONE, MISSED), None),
        (True, False, (DONE, DONE), "success"),
        (True, False, (DONE, MISSED), "failure"),
        (True, True, (DONE, DONE), "success"),
        (False, True, (DONE, MISSED), "timeout"),
        (False, True, (DONE, DONE), "timeout"),
    ],
)
def test_how_an_episode_ends(
    terminated: bool, truncated: bool, outcomes: tuple[SubtaskOutcome, ...], status: str | None
) -> None:
    assert status_of(terminated, truncated, outcomes) == status


def played(env: gymnasium.Env, episode: Any, policy: ToyPolicy) -> list[Moment]:
    return list(play(env, episode, policy, env.unwrapped.conventions))  # type: ignore[attr-defined]


@pytest.mark.parametrize("options", WAYS)
@pytest.mark.parametrize("fault", ["", "end"])
def test_an_episode_in_this_process_is_that_of_a_rollout(
    options: Mapping[str, Any], fault: str
) -> None:
    faults = {EPISODES[0].id: fault}
    theirs, ours = ToyPolicy(), ToyPolicy()
    records = run_toy(
        EPISODES[:4], theirs, 1, clears_history=options["clears_history"], faults=faults,
        staged=options["staged"],
    )  # fmt: skip
    env = ToyEnv(faults=faults, **options)
    statuses = set()
    for episode in EPISODES[:4]:
        *before, last = played(env, episode, ours)
        record = records[episode.id]
        assert {moment.status for moment in before} == {None}
        assert (len(before), last.status) == (record.steps, record.status)
        assert last.info["outcomes"] == record.outcomes
        statuses.add(record.status)
    assert ours.starts == theirs.starts
    assert len(statuses) > 1  # or nothing was shown of how episodes end


class Sighted(ToyEnv):
    """The toy env with the pictures and the goals that a picture of an episode shows."""

    def targets(self) -> list[np.ndarray]:
        return [np.full((1, 3), mark) for mark in self._marks]

    def _observe(self) -> dict[str, np.ndarray]:
        seen = super()._observe()
        return {**seen, **dict.fromkeys(RGB_VIEWS, seen["rgb_near"])}


@pytest.mark.parametrize("options", WAYS)
def test_a_picture_shows_an_episode_as_the_rollout_has_it(options: Mapping[str, Any]) -> None:
    """It never reset the policy after the start, whatever the env said."""

    class Traced(ToyPolicy):
        def trace(self) -> list[Any]:
            return []

    theirs, ours, episode = ToyPolicy(noise=0.0), Traced(noise=0.0), EPISODES[0]
    record = run_toy(
        [episode], theirs, clears_history=options["clears_history"], staged=options["staged"]
    )[episode.id]
    _, scene = run_episode(Sighted(**options), episode, ours)  # type: ignore[arg-type]
    assert ours.starts == theirs.starts
    assert len(ours.starts) == (3 if options["clears_history"] or options["staged"] else 1)
    assert scene.outcomes == record.outcomes and len(scene.views) == record.steps
    assert len(scene.targets) == len(episode.subtasks)


def test_only_a_success_is_a_demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    """An episode that ended by its own rules without success was taken for one, too."""
    episodes = [toy_episode("test", index) for index in range(2)]
    faults = {episodes[0].id: "end"}

    def opened(options: Mapping[str, Any], parts: Mapping[str, str], *asked: Any) -> Any:
        task = open_task({"id": TOY, "faults": faults}, parts, "test", 2, 0)
        return replace(task, episodes=episodes)

    monkeypatch.setattr(demonstrations, "open_task", opened)
    (shown,) = demonstrations.watch_oracle("seen", [], "rgb_wide", 2, 0)
    assert shown.goal == episodes[1].instruction
    assert set(shown.steps) == {subtask.instruction for subtask in episodes[1].subtasks}
