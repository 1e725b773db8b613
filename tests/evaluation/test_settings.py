"""Settings are checked when a configuration is read; a refusal names key and value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from longhaul.configs.filling import compose
from longhaul.errors import ConfigError
from longhaul.evaluation.settings import (
    Engine,
    EvaluationSettings,
    LoggerSettings,
    RecordingSettings,
    Videos,
)


def composed(name: str, *words: str) -> dict[str, Any]:
    names = {"rollout": ["name=run"], "record": ["episodes=3", "out=demos"]}
    found: Any = OmegaConf.to_container(compose(name, [*names[name], *words]))
    return found


def test_a_rollouts_settings_are_those_of_its_yaml() -> None:
    settings = EvaluationSettings.of(composed("rollout", "device=cpu"))
    assert settings == EvaluationSettings(
        seed=0,
        device="cpu",
        workers=2,
        split=None,
        episodes=None,
        checkpoint=None,
        retry_errors=False,
        mixed=False,
        engine=Engine(hang_s=120, max_errors=20, lazy=True, replicas="auto"),
        videos=Videos(first=3, failures=5, every=None),
        name="run",
        run_dir=None,
        logger=LoggerSettings("none"),
        save_actions=False,
        explain=0,
        intervals="wilson",
        profile=False,
    )


def test_a_recordings_settings_film_the_first_episodes_and_no_failures() -> None:
    settings = RecordingSettings.of(composed("record", "videos=4", "device=cpu"))
    assert settings.videos == Videos(first=4, failures=0, every=None)
    assert settings.out == Path("demos") and settings.keep == "prefix" and settings.sheet == 8


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("seed=-1", "seed=-1 must be a whole number, at least 0"),
        ("workers=0", "workers=0 must be a whole number, at least 1"),
        ("videos.every=0", "videos.every=0 must be a whole number, at least 1"),
        ("explain=x", "explain=x must be a whole number, at least 0"),
        ("engine.max_errors=0.5", "engine.max_errors=0.5 must be a whole number, at least 1"),
        ("save_actions=maybe", "save_actions=maybe must be true or false"),
        ("retry_errors=1", "retry_errors=1 must be true or false"),
        ("engine.replicas=all", "engine.replicas=all is unknown; valid: auto, on, off"),
        ("engine.lazy=maybe", "engine.lazy=maybe must be true or false"),
        ("profile=2", "profile=2 must be true or false"),
        ("+engine.foo=1", "engine.foo is unknown; valid: hang_s, max_errors"),
        ("+videos.last=1", "videos.last is unknown; valid: first, failures, every"),
        ("logger.kind=wandbb", "logger.kind=wandbb is unknown; did you mean wandb? valid: none"),
        ("intervals=bayes", "intervals=bayes is unknown; valid: wilson, exact"),
        ("checkpoint=nowhere", "checkpoint=nowhere is not a file"),
    ],
)
def test_what_cannot_be_is_one_line_with_key_value_and_limit(word: str, line: str) -> None:
    with pytest.raises(ConfigError) as refused:
        EvaluationSettings.of(composed("rollout", word))
    assert str(refused.value).startswith(line)


@pytest.mark.parametrize("word", ["episodes=0", "videos=-1", "sheet=x", "retry_errors=yes please"])
def test_so_it_is_for_recordings(word: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{word} must be "):
        RecordingSettings.of(composed("record", word))
