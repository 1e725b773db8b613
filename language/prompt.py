"""Renders messages as the text that a local model continues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from longhaul.language.chat import Message

IMAGE_MARK = "\ue000"
"""The character that stands for an image in a prompt. It is of Unicode's private use area, and it
is removed from every text."""

PLAIN_TURN = "\nUser:"
"""The text that ends an answer of a model without a chat template, which would otherwise write the
user's next turn, too."""


def render(messages: Sequence[Message], tokenizer: Any) -> str:
    """Return the prompt up to the assistant's answer, with an IMAGE_MARK for each image.

    Special tokens that are spelled out in a message are removed: a web page must not be able to end
    its turn and speak as the system. Consecutive turns of one role are joined, because many
    templates require it. If a template has no system role, its text precedes the first user turn.
    """
    special = [str(token) for token in tokenizer.added_tokens_decoder.values() if token.special]
    turns = _joined(
        [(m.role, _safe(m.text, special) + IMAGE_MARK * len(m.images)) for m in messages]
    )
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
    """Remove markup repeatedly until none is left, and halves of surrogate pairs."""
    text = text.replace(IMAGE_MARK, "").encode(errors="replace").decode()
    before = None
    while text != before:
        before = text
        for token in special:
            text = text.replace(token, "")
    return text
