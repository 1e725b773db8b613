"""Renders messages as the text that a local model continues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from longhaul.language.chat import Message, joined, without_system

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
    turns = joined(
        [Message(m.role, _safe(m.text, special) + IMAGE_MARK * len(m.images)) for m in messages]
    )
    if not tokenizer.chat_template:
        lines = [f"{turn.role.capitalize()}: {turn.text}" for turn in turns]
        return "\n".join([*lines, "Assistant:"])
    from jinja2 import TemplateError

    try:
        return _templated(turns, tokenizer)
    except TemplateError:
        return _templated(joined([without_system(turn) for turn in turns]), tokenizer)


def _templated(turns: Sequence[Message], tokenizer: Any) -> str:
    chat = [{"role": turn.role, "content": turn.text} for turn in turns]
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    return str(text)


def _safe(text: str, special: Sequence[str]) -> str:
    """Remove markup repeatedly until none is left, and halves of surrogate pairs."""
    text = text.replace(IMAGE_MARK, "").encode(errors="replace").decode()
    before = None
    while text != before:
        before = text
        for token in special:
            text = text.replace(token, "")
    return text
