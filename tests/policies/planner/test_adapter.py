"""The implicit path end to end at a tiny size: trained, saved, attached, asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from longhaul.errors import ConfigError
from longhaul.policies.planner.adapter import Adapter, AdapterConfig, load_adapter, save_adapter
from longhaul.policies.planner.adapter_training import (
    ADAPTER_FILE,
    MODEL_FOLDER,
    Demonstration,
    Schedule,
    lessons,
    train,
)
from longhaul.policies.planner.policy import PlannerPolicy
from tests.policies.planner.made import GOAL, PICTURE, RED, begin, planner, setting, step

SMALL = RED.replace("red", "blue")
DARK, BRIGHT = np.zeros_like(PICTURE), np.full_like(PICTURE, 255)
SHOWN = [
    Demonstration(GOAL, (DARK, BRIGHT), (RED, SMALL)),
    Demonstration(GOAL, (BRIGHT, DARK), (SMALL, RED)),
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model that has learned that what it sees says what to do."""
    out = tmp_path_factory.mktemp("adapter")
    train(SHOWN, out, None, Schedule(steps=60, batch=4, lr=3e-3), width=32, layers=1)
    return out


def seeing(folder: Path, **options: str) -> PlannerPolicy:
    backends = {"local": {"name": "local", "path": str(folder / MODEL_FOLDER)}}
    told = {"adapter": str(folder / ADAPTER_FILE), **options}
    return PlannerPolicy(setting(), backends, "local", "generate", feedback="implicit", **told)


def test_lessons_are_the_conversation_of_an_implicit_episode() -> None:
    first, second = lessons(SHOWN[0])
    assert (first.answer, second.answer) == (RED, SMALL)
    policy = planner([RED, SMALL], feedback="implicit")
    begin(policy)
    step(policy)
    step(policy)
    model: object = policy._planner.model
    for request, lesson in zip(model.requests, (first, second), strict=True):  # type: ignore[attr-defined]
        assert [m.text for m in request.messages] == [m.text for m in lesson.messages]
        assert [len(m.images) for m in request.messages] == [len(m.images) for m in lesson.messages]


def test_what_is_seen_decides(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = []
    for picture in (DARK, BRIGHT):
        monkeypatch.setattr("tests.policies.planner.made.PICTURE", picture)
        policy = seeing(trained)
        begin(policy)
        chosen.append(step(policy)["pick"])
    assert chosen == ["the red block", "the blue block"]


def test_a_frozen_model_stays_as_it_is(trained: Path, tmp_path: Path) -> None:
    before = (trained / MODEL_FOLDER / "model.safetensors").read_bytes()
    train(SHOWN, tmp_path, trained / MODEL_FOLDER, Schedule(steps=2, batch=2))
    assert (trained / MODEL_FOLDER / "model.safetensors").read_bytes() == before
    assert not (tmp_path / MODEL_FOLDER).exists()
    begin(policy := seeing(trained, adapter=str(tmp_path / ADAPTER_FILE)))
    step(policy)


def test_an_adapter_of_another_model_is_refused(trained: Path, tmp_path: Path) -> None:
    adapter, _ = load_adapter(trained / ADAPTER_FILE)
    save_adapter(tmp_path / "other.safetensors", adapter, "0" * 64)
    with pytest.raises(ConfigError, match="was trained for a language model with weights 0000"):
        seeing(trained, adapter=str(tmp_path / "other.safetensors"))
    (tmp_path / "broken").write_bytes(b"no weights")
    with pytest.raises(ConfigError, match="cannot be read"):
        seeing(trained, adapter=str(tmp_path / "broken"))
    with pytest.raises(ConfigError, match=r"for policy\.backend=local"):
        planner(adapter=str(trained / ADAPTER_FILE))


def test_tokens_fill_the_grid() -> None:
    config = AdapterConfig(24, (16, 16), (2, 3), (8, 16))
    tokens = Adapter(config)(PICTURE)
    assert tokens.shape == (6, 24)
    assert not torch.equal(tokens, Adapter(replace(config))(PICTURE))


def test_demonstrations_without_skills_are_refused(tmp_path: Path) -> None:
    shown = [Demonstration("push", (PICTURE,), ("push the pile",))]
    with pytest.raises(ConfigError, match="no demonstration has a step"):
        train(shown, tmp_path, None, Schedule(steps=1))
