"""A live session does what a rollout does, and what those who watch ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box

from longhaul.demos.open import open_source
from longhaul.envs.specs import ActionSpec
from longhaul.errors import ConfigError
from longhaul.evaluation.viewer.live.commands import require_valid
from longhaul.evaluation.viewer.live.keys import Keyboard
from longhaul.evaluation.viewer.live.saving import Saving
from longhaul.evaluation.viewer.live.session import upright
from longhaul.policies.policy import Batch, Explanation, Start
from tests.evaluation.viewer.live.made import (
    ArmEnv,
    ArmPolicy,
    at,
    over,
    session,
    task,
    until,
)

ARM = ActionSpec("delta", size=7, frame="world")
BOX = Box(-1.0, 1.0, (7,), np.float32)


def test_run_on_and_on_is_a_rollout() -> None:
    """The same env and policy by hand, without a session."""
    env, policy = ArmEnv(), ArmPolicy()
    episode = env.episodes("test", 1, 0)[0]
    seen, info = env.reset(seed=episode.seed, options={"episode": episode})
    ends, steps = (False, False), 0
    policy.reset([0], [Start(episode.id, episode.seed, info["instruction"])])
    while not any(ends):
        action = policy.act(Batch((0,), {k: v[None] for k, v in seen.items()}))[0]
        seen, _, *ends, info = env.step(action)
        steps += 1
    with session(mine := ArmPolicy()) as live:
        live.send({"do": "run"})
        state = until(live, over)
    assert state["steps"] == steps and state["status"] == "success"
    assert [done for _, done, _ in state["subtasks"]] == [o.success for o in info["outcomes"]]
    told = [start.instruction for start in mine.starts]
    assert told == ["go to mark 1", "go to mark 2", "go to mark 3"]
    assert [start.new_episode for start in mine.starts] == [True, False, False]


def test_it_stands_still_until_it_is_told() -> None:
    with session() as live:
        assert live.wait_for(-1, 0)["steps"] == 0
        live.send({"do": "run", "steps": 3})
        assert until(live, at(3))["status"] is None
        live.send({"do": "run", "steps": 1})
        until(live, at(4))
        live.send({"do": "reset", "episode": "test-0003"})
        state = until(live, lambda state: state["episode"] == "test-0003")
        assert state["steps"] == 0 and not state["running"]


def test_after_the_end_nothing_is_done_and_that_is_said() -> None:
    with session() as live:
        live.send({"do": "run"})
        steps = until(live, over)["steps"]
        live.send({"do": "keys", "keys": ["w"]})
        assert until(live, lambda state: state["told"])["told"].startswith("the episode is over")
        live.send({"do": "reset", "episode": "test-0001"})
        state = until(live, lambda state: state["episode"] == "test-0001")
        assert state["told"] == "" and state["steps"] == 0 < steps


def test_a_pause_halts_a_run() -> None:
    with session(step_s=0.01) as live:
        live.send({"do": "run"})
        until(live, lambda state: state["steps"] > 0)
        live.send({"do": "pause"})
        state = until(live, lambda state: not state["running"])
        assert state["status"] is None
        live.send({"do": "run", "steps": 1})
        until(live, at(state["steps"] + 1))


def test_a_typed_instruction_holds_until_it_is_taken_back() -> None:
    with session(policy := ArmPolicy()) as live:
        live.send({"do": "instruct", "text": "  fetch the cup "})
        state = until(live, lambda state: state["typed"])
        assert state["instruction"] == policy.last().instruction == "fetch the cup"
        assert not policy.last().new_episode
        live.send({"do": "instruct", "text": ""})
        state = until(live, lambda state: not state["typed"])
        assert state["instruction"] == policy.last().instruction == "go to mark 1"


def test_keys_take_over_and_the_policy_knows_what_was_done() -> None:
    with session(policy := ArmPolicy()) as live:
        live.send({"do": "run"})
        live.send({"do": "reset", "episode": "test-0001"})
        before = until(live, lambda state: state["episode"] == "test-0001")["states"]["state"][""]
        live.send({"do": "keys", "keys": ["s", "Shift"]})
        state = until(live, at(1))
        assert state["action"][""][0] == -0.25 and policy.done[-1] == -0.25
        assert state["states"]["state"][""][0] == pytest.approx(before[0] - 0.05, abs=1e-3)
        live.send({"do": "keys", "keys": ["Shift"]})  # which says nothing
        live.send({"do": "keys", "keys": [" "]})
        assert until(live, at(2))["action"][""][-1] == -1


@pytest.mark.parametrize("fault", ["raise", "raise_reset"])
def test_an_error_ends_the_episode_and_the_next_one_begins(fault: str) -> None:
    with session(faults={"test-0000": fault}) as live:
        live.send({"do": "run"})
        state = until(live, over)
        assert state["status"] == "error" and "told to fail" in state["error"]
        live.send({"do": "reset", "episode": "test-0001"})
        live.send({"do": "run"})
        state = until(live, lambda s: s["episode"] == "test-0001" and over(s))
        assert state["status"] != "error" and not state["error"]


def test_an_instruction_that_comes_too_late_ends_nothing() -> None:
    with session(faults={"test-0000": "raise_reset"}) as live:
        live.send({"do": "instruct", "text": ""})
        assert until(live, lambda s: s["told"])["told"] == "the episode is over: reset to one"
        live.send({"do": "reset", "episode": "test-0001"})
        assert until(live, lambda s: s["episode"] == "test-0001")["status"] is None


def test_a_policy_that_raises_at_an_instruction_ends_the_episode_only() -> None:
    class Deaf(ArmPolicy):
        def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
            if any(start.instruction == "sing" for start in starts):
                raise RuntimeError("it cannot sing")
            super().reset(slots, starts)

    with session(Deaf()) as live:
        live.send({"do": "instruct", "text": "sing"})
        state = until(live, over)
        assert state["status"] == "error" and "it cannot sing" in state["error"]
        live.send({"do": "reset", "episode": "test-0001"})
        live.send({"do": "run", "steps": 1})
        assert until(live, at(1))["status"] is None


def saved(live: Any) -> str:
    live.send({"do": "save"})
    return str(until(live, lambda state: state["saved"])["saved"])


def test_what_was_done_is_a_demonstration(tmp_path: Path) -> None:
    with session(demos=tmp_path / "demos") as live:
        live.send({"do": "keys", "keys": ["w"]})
        live.send({"do": "run", "steps": 2})
        until(live, at(3))
        assert saved(live).startswith("saved 3 steps as test-0000+")
        live.send({"do": "reset", "episode": "test-0000"})
        live.send({"do": "run", "steps": 1})
        until(live, at(1))  # dropped: nobody saves it
        live.send({"do": "reset", "episode": "test-0000"})
        live.send({"do": "run"})
        state = until(live, over)
        saved(live)
    source = open_source(tmp_path / "demos")
    first, second = (source.trajectory(number) for number in range(len(source)))
    assert len(list(source.frames(0, "rgb_wide"))) == 3
    assert len(first) == 3 and len(second) == state["steps"]
    assert first.actions[0].tolist() == [1, 0, 0, 0, 0, 0, 1]
    np.testing.assert_allclose(
        np.diff(first.states["state"][:, 0]), 0.2 * first.actions[:-1, 0], atol=1e-5
    )
    assert second.segments[0].instruction == "go to mark 1"


def test_a_typed_instruction_is_what_a_demonstration_shows(tmp_path: Path) -> None:
    with session(demos=tmp_path / "demos", staged=False) as live:
        live.send({"do": "instruct", "text": "a first thing"})
        live.send({"do": "run", "steps": 1})
        until(live, at(1))
        live.send({"do": "instruct", "text": "another thing"})
        live.send({"do": "keys", "keys": ["a"]})
        until(live, at(2))
        saved(live)
        assert saved(live)
    demo = open_source(tmp_path / "demos").trajectory(0)
    found = [(segment.start, segment.stop, segment.instruction) for segment in demo.segments]
    assert found == [(0, 1, "a first thing"), (1, 2, "another thing")]


def test_a_demonstration_that_cannot_be_saved_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> str:
        raise ZeroDivisionError("no rate")

    monkeypatch.setattr(Saving, "save", fail)
    with session(demos=tmp_path / "demos") as live:
        live.send({"do": "run", "steps": 1})
        until(live, at(1))
        assert saved(live) == "not saved: ZeroDivisionError: no rate"
        live.send({"do": "run", "steps": 1})
        until(live, at(2))


def test_nothing_is_saved_where_no_folder_was_named() -> None:
    with session() as live, pytest.raises(ConfigError, match="start with --demos FOLDER"):
        live.send({"do": "save"})


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ({}, "do=None is unknown"),
        ({"do": "dance"}, "do='dance' is unknown"),
        ({"do": "run", "steps": 0}, "steps=0 must be"),
        ({"do": "run", "steps": True}, "steps=True must be"),
        ({"do": "run", "pace": float("nan")}, "pace=nan must be"),
        ({"do": "run", "pace": 1000.5}, "pace=1000.5 must be steps a second, 0 to 1000"),
        ({"do": "run", "pace": -1}, "pace=-1 must be"),
        ({"do": "instruct", "text": "x" * 501}, "text must be a sentence of at most 500"),
        ({"do": "reset", "episode": "none"}, "episode='none' is not in this split"),
        ({"do": "reset", "episode": "../x"}, "is not in this split"),
        ({"do": "instruct", "text": 5}, "text must be a sentence"),
        ({"do": "correct", "text": "no"}, "hears no corrections"),
        ({"do": "keys", "keys": "w"}, "keys must be a list"),
    ],
)
def test_what_cannot_be_done_is_one_line(command: dict[str, Any], said: str) -> None:
    ours = task()
    with pytest.raises(ConfigError) as error:
        require_valid(command, {"test-0000"}, Keyboard(ARM, BOX), None, ArmPolicy())
    assert said in str(error.value) and "\n" not in str(error.value)
    assert ours.episodes


def test_the_env_is_closed_at_the_end_and_after_an_error() -> None:
    closed: list[Any] = []
    given = task(faults={"test-0000": "raise"})
    made = given.make_env

    def make_env() -> Any:
        env: Any = made()
        env.close = lambda: closed.append(env)
        return env

    with session(given=replace(given, make_env=make_env)) as live:
        live.send({"do": "run"})
        until(live, over)
        assert len(closed) == 1
        live.send({"do": "reset", "episode": "test-0001"})
        until(live, lambda state: state["episode"] == "test-0001")
        assert len(closed) == 1
    assert len({id(env) for env in closed}) == len(closed) == 2


class Thoughtful(ArmPolicy):
    """Explains itself, and hears corrections."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[int, str]] = []

    def explain(self, slot: int) -> Explanation:
        return {"sure": 0.5}

    def correct(self, slot: int, text: str) -> None:
        self.heard.append((slot, text))


def test_a_policy_explains_while_it_is_asked_to() -> None:
    with session(Thoughtful()) as live:
        assert live.state["explainable"] and not live.state["explains"]
        for step, (on, mind) in enumerate(((True, {"sure": 0.5}), (False, {}))):
            live.send({"do": "explain", "on": on})
            live.send({"do": "run", "steps": 1})
            state = until(live, at(step + 1))
            assert state["explains"] == on and state["mind"] == mind
    with session() as live:
        live.send({"do": "explain", "on": True})
        live.send({"do": "run", "steps": 1})
        state = until(live, at(1))
        assert not state["explainable"] and not state["explains"]


def test_a_correction_reaches_the_policy_and_no_other_state() -> None:
    with session(policy := Thoughtful()) as live:
        assert live.state["hears"]
        live.send({"do": "correct", "text": " more to the left "})
        live.send({"do": "run", "steps": 1})
        state = until(live, at(1))
        assert policy.heard == [(0, "more to the left")]
        assert state["instruction"] == "go to mark 1" and not state["typed"]


def test_there_is_something_to_save_from_the_first_step_on(tmp_path: Path) -> None:
    with session(demos=tmp_path / "demos") as live:
        assert not live.state["saving"]
        live.send({"do": "run", "steps": 1})
        assert until(live, at(1))["saving"]
        assert saved(live).startswith("saved 1 steps as test-0000+")
        assert not live.state["saving"]


def test_a_picture_that_lies_on_its_side_is_stood_up() -> None:
    picture = np.arange(24).reshape(2, 4, 3)
    assert (upright(picture, "upright") == picture).all()
    stood = upright(picture, "transposed")
    assert stood.shape == (4, 2, 3) and (stood[3, 1] == picture[1, 3]).all()


def test_every_step_is_shown_as_it_was() -> None:
    """The picture of a version is not overwritten by an env that uses its buffers again."""
    with session() as live:
        first = live.frames["rgb_wide"]
        copy = first.copy()
        live.send({"do": "run", "steps": 3})
        until(live, at(3))
        np.testing.assert_array_equal(first, copy)
        assert (live.frames["rgb_wide"] != first).any()
