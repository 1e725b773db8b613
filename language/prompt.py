"""From messages to the text that a local model continues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from longhaul.language.chat import Message

IMAGE = "\ue000"
"""Where an image stands in a prompt; private use, and taken out of every text."""

PLAIN_TURN = "\nUser:"
"""What ends an answer of a model that has no chat template, and would go on with both parts."""


def render(messages: Sequence[Message], tokenizer: Any) -> str:
    """Return the prompt, ready for the assistant's words, an IMAGE for each image.

    Special tokens spelled out in a message are taken out: a web page must not be able to end its
    turn and speak as the system. Turns of one role in a row are joined, which many templates ask
    for; where one knows no system role, its text goes before the first user turn.
    """
    special = [str(token) for token in tokenizer.added_tokens_decoder.values() if token.special]
    turns = _joined([(m.role, _safe(m.text, special) + IMAGE * len(m.images)) for m in messages])
    if not tokenizer.chat_template:
        lines = [f"{role.capitalize()}: {text}" for role, text in turns]
        return "\n".join([*lines, "Assistant:"])
    from jinja2 import TemplateError

    try:
        return _templated(turns, tokenizer)
    except TemplateError:
        as_user = [("user" if role == "system" else role, text) for role, text in turns]
        return _templated(_joined(as_user), tokenizer)


def _templated(turns: Sequence[tuple[str, str]], tokenizer: Any) -> str:
    chat = [{"role": role, "content": text} for role, text in turns]
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    return str(text)


def _joined(turns: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    joined: list[tuple[str, str]] = []
    for role, text in turns:
        if joined and joined[-1][0] == role:
            text = f"{joined.pop()[1]}\n{text}"
        joined.append((role, text))
    return joined


def _safe(text: str, special: Sequence[str]) -> str:
    """Take out what would be read as markup, until nothing is left of it, and half surrogates."""
    text = text.replace(IMAGE, "").encode(errors="replace").decode()
    before = None
    while text != before:
        before = text
        for token in special:
            text = text.replace(token, "")
    return text
