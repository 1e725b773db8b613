"""The contract: requests that contradict themselves, back ends by name, scripted replies."""

from __future__ import annotations

import re
import sys
from typing import Any

import numpy as np
import pytest
from omegaconf import OmegaConf

from longhaul.configs.filling import CONFIG_FOLDER, fill
from longhaul.language.build import CHAT_BACKENDS, build_chat_model
from longhaul.language.chat import Message, Reply, Request
from longhaul.language.endpoint import Endpoint
from longhaul.language.errors import LanguageError, SetupError
from longhaul.language.lexical import Lexical
from longhaul.language.scripted import Scripted

CONFIGS = CONFIG_FOLDER / "language"
ASK = Request((Message("user", "next?"),))


def test_a_request_has_one_form_at_most() -> None:
    with pytest.raises(ValueError, match="one of schema, grammar and choices"):
        Request(ASK.messages, schema={}, choices=("a",))
    with pytest.raises(ValueError, match="needs a message"):
        Request(())


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (1, 4, 4, 3)])
def test_images_are_rgb(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=re.escape(f"uint8{shape}")):
        Message("user", "", (np.zeros(shape, np.uint8),))
    with pytest.raises(ValueError, match="float64"):
        Message("user", "", (np.zeros((4, 4, 3)),))


def test_scripted_replies_come_in_order_and_end() -> None:
    model = Scripted(["one", Reply("two", "length")], scores=[[0.0, -1.0]])
    assert model.reply(ASK) == Reply("one")
    assert model.reply(ASK).finish == "length"
    with pytest.raises(LanguageError, match="no reply is left for request 3"):
        model.reply(ASK)
    with pytest.raises(LanguageError, match="no scores are left for 3"):
        model.score(ASK, ["a", "b", "c"])
    assert model.score(ASK, ["a", "b"]) == [0.0, -1.0]
    assert model.requests == [ASK] * 5


def load(name: str, **options: Any) -> dict[str, Any]:
    config = OmegaConf.to_container(fill(OmegaConf.load(CONFIGS / f"{name}.yaml")))
    assert isinstance(config, dict)
    return {**config, **options}


def test_every_back_end_has_a_config() -> None:
    assert {path.stem for path in CONFIGS.glob("*.yaml")} == CHAT_BACKENDS.keys()
    assert isinstance(build_chat_model(load("lexical")), Lexical)
    assert isinstance(build_chat_model(load("scripted", replies=["a"])), Scripted)
    built = build_chat_model(load("endpoint", model="m", key_variable=None))
    assert isinstance(built, Endpoint) and built.budget.token_limit is None
    with pytest.raises(SetupError, match=r"nowhere is neither a \.gguf file nor a folder"):
        build_chat_model(load("local", path="nowhere"))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"name": "gpt"}, "back end gpt is unknown; valid: endpoint, local, lexical, scripted"),
        ({}, "back end None is unknown"),
        ({"name": ["lexical"]}, "is unknown"),
        ({"name": "lexical", "temprature": 1}, "lexical.temprature is unknown; valid: repeats"),
        ({"name": "local"}, "local.path must be given"),
    ],
    ids=str,
)
def test_a_wrong_configuration_is_one_line(config: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError, match=message):
        build_chat_model(config)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(SetupError, match=r"httpx2 is not installed: .*pip install -e '.\[llm\]'"):
        Endpoint("http://127.0.0.1:1", "m", key_variable=None)
