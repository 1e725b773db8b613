from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from longhaul.envs.specs import ActionSpec, EnvSpec, ObservationSpec
from longhaul.envs.text import encode, text_space
from longhaul.errors import ConfigError
from longhaul.language.chat import Abilities, Reply
from longhaul.language.errors import LanguageError
from longhaul.policies.planner.navigator import (
    ACTION_WORDS,
    FALLBACK,
    NavigatorPolicy,
    choices_of,
)
from longhaul.policies.policy import Batch, Setting, Start

CAPTION = (
    "A cup is 0.8 m away, straight ahead. A bed is 2.3 m away, 40 degrees to the left. "
    "An oven is 3.0 m away, 10 degrees to the right. "
    "A towel is 3.5 m away, 62 degrees to the right."
)
SETTING = Setting(
    EnvSpec(ObservationSpec(), ActionSpec("discrete", 4), splits=("test",)),
    spaces.Dict(text_space("caption", 512)),
    spaces.Discrete(4),
    slots=2,
)


def policy(**options: Any) -> NavigatorPolicy:
    replies = options.pop("replies", [])
    backends = {
        "scripted": {"name": "scripted", "replies": replies, "scores": options.pop("scores", [])},
        "lexical": {"name": "lexical", "repeats": True},
    }
    return NavigatorPolicy(SETTING, backends, **{"backend": "scripted", **options})


def act(walker: NavigatorPolicy, caption: str = CAPTION, goal: str = "Go to the towel") -> int:
    walker.reset([0], [Start("e", 3, goal)])
    row = {key: value[None] for key, value in encode("caption", caption, 512).items()}
    (action,) = walker.act(Batch((0,), row))
    assert SETTING.action_space.contains(action)
    return int(action)


def test_each_action_names_what_is_there() -> None:
    assert choices_of(CAPTION) == [
        "stop by the cup",
        "turn left toward the bed",
        "move forward toward the cup and the oven",
        "turn right toward the towel",
    ]
    assert choices_of("Nothing that has a name is in view.") == list(ACTION_WORDS)


@pytest.mark.parametrize(("goal", "action"), [("Go to the towel", 3), ("Find the bed", 1)])
def test_words_alone_lead_to_what_is_named(goal: str, action: int) -> None:
    assert act(policy(backend="lexical"), goal=goal) == action


def test_the_best_score_is_taken() -> None:
    assert act(policy(scores=[[0.1, 0.2, 0.9, 0.3]])) == 2


def test_it_is_told_goal_scene_and_history() -> None:
    walker = policy(scores=[[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]], history=2)
    walker.reset([0], [Start("e", 3, "Go to the towel")])
    row = {key: value[None] for key, value in encode("caption", CAPTION, 512).items()}
    for _ in range(3):
        walker.act(Batch((0,), row))
    text = walker._model.requests[-1].messages[-1].text  # type: ignore[attr-defined]
    assert "Goal: Go to the towel" in text and CAPTION in text
    assert "Stops so far: 1. Last actions: turn left, stop." in text


class Writes:
    """Scripted replies of a back end that cannot score."""

    def __init__(self, walker: NavigatorPolicy) -> None:
        self.inner, self.abilities = walker._model, Abilities()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@pytest.mark.parametrize(
    ("replies", "action"),
    [
        (["Turn right."], 3),
        (["MOVE FORWARD"], 2),
        (["hm", "turn left or turn right", "stop"], 0),
        (["", "x" * 2**16, "__import__('os')"], 1),
        (["<think>turn left</think>stop"], 0),
        (["<think>stop", Reply("I turn left and then", "length"), "turn right"], 3),
    ],
)
def test_a_reply_is_an_action_or_is_asked_for_again(
    replies: list[Any], action: int, tmp_path: Path
) -> None:
    walker = policy(replies=replies)
    walker._model = Writes(walker)  # type: ignore[assignment]
    walker.write_into(tmp_path)
    assert act(walker) == action
    (step,) = map(json.loads, (tmp_path / "steps.jsonl").read_text().splitlines())
    assert step["action"] == (None if action == FALLBACK else action)
    assert len((tmp_path / "transcript.jsonl").read_text().splitlines()) == len(replies)


def test_what_cannot_be_is_one_line() -> None:
    for options, message in (
        ({"backend": "gpt"}, "policy.backend=gpt is unknown; valid: scripted, lexical"),
        ({"attempts": 0}, "policy.attempts=0 must be at least 1"),
        ({"history": -1}, "policy.history=-1 must be at least 0"),
    ):
        with pytest.raises(ConfigError, match=message):
            policy(**options)
    with pytest.raises(LanguageError):
        act(policy(scores=[]))


def test_rows_are_their_slots_own() -> None:
    walker = policy(scores=[[0, 0, 0, 1], [0, 1, 0, 0]])
    walker.reset([0, 1], [Start("a", 1, "Go left"), Start("b", 2, "Go right")])
    rows = {k: np.stack([v, v]) for k, v in encode("caption", CAPTION, 512).items()}
    assert walker.act(Batch((1, 0), rows)).tolist() == [3, 1]
    assert [walker._walks[slot].done for slot in (0, 1)] == [[1], [3]]
