"""Which split a task has, and that options are those of its env."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from longhaul.errors import ConfigError
from longhaul.evaluation.loop.task import open_task
from tests.evaluation.running import TOY
from tests.toy import ToyEnv


@pytest.mark.parametrize(
    ("asked", "training", "split"),
    [
        (None, {}, "test"),
        (None, {"training": False}, "test"),
        (None, {"training": True}, "other"),
        ("test", {"training": True}, "test"),
        ("other", {}, "other"),
    ],
)
def test_evaluation_has_the_first_split_and_recording_the_one_to_train_on(
    asked: str | None, training: Any, split: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ToyEnv.__init__

    def trains(env: ToyEnv, **options: Any) -> None:
        made(env, **options)
        env.conventions = replace(env.conventions, training="other")

    monkeypatch.setattr(ToyEnv, "__init__", trains)
    task = open_task({"id": TOY}, {}, asked, 3, 0, **training)
    assert task.split == split
    assert [episode.id for episode in task.episodes] == [f"{split}-{i:04}" for i in range(3)]


def test_an_env_that_trains_on_no_split_of_its_own_is_recorded_on_the_first() -> None:
    assert open_task({"id": TOY}, {}, None, 1, 0, training=True).split == "test"


def test_an_unknown_option_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match=r"env.colour is unknown; did you mean color"):
        open_task({"id": TOY, "colour": "red"}, {}, None, 1, 0)
