"""The contract of a chat back end. It needs numpy only.

A request is plain data and holds all that the answer may depend on, its seed included. Back ends
differ in what they can guarantee (`Abilities`): a caller that needs a schema kept asks there, and
reads the text with `longhaul.language.structured` in any case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from longhaul.language.errors import ReplyError, UnsupportedError, one_line

Role = Literal["system", "user", "assistant"]
Finish = Literal["stop", "length", "refusal"]
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Message:
    """One turn; images are RGB, (H, W, 3) uint8. Raises ValueError for another array."""

    role: Role
    text: str
    images: tuple[NDArray[np.uint8], ...] = ()

    def __post_init__(self) -> None:
        for image in self.images:
            if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
                raise ValueError(f"an image is {image.dtype}{image.shape}, not uint8 (H, W, 3)")


@dataclass(frozen=True)
class Request:
    """A question, and at most one form that the answer must have.

    `schema` is a JSON schema, `grammar` a Lark grammar in llguidance's dialect, `choices` the
    only texts allowed. `temperature` 0 takes the likeliest token; `seed` draws the others.
    """

    messages: tuple[Message, ...]
    schema: Schema | None = None
    grammar: str | None = None
    choices: tuple[str, ...] = ()
    max_tokens: int = 256
    temperature: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.messages:
            raise ValueError("a request needs a message")
        if (self.schema is not None) + (self.grammar is not None) + bool(self.choices) > 1:
            raise ValueError("a request takes one of schema, grammar and choices")

    @property
    def has_images(self) -> bool:
        return any(message.images for message in self.messages)


@dataclass(frozen=True)
class Reply:
    """An answer. `finish` is `length` where max_tokens cut it; `refusal` is why a model declined.

    `text` is the answer alone, `reasoning` what the model drafted before it (between marks as
    <think>, or in a field of its own), which is never an answer. `seconds` is wall time, waits
    between tries included.
    """

    text: str
    finish: Finish = "stop"
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    refusal: str | None = None
    reasoning: str = ""


@dataclass(frozen=True)
class Abilities:
    """What a back end guarantees, not what it merely asks a model for."""

    schema: bool = False
    grammar: bool = False
    choices: bool = False
    score: bool = False
    images: bool = False


class ChatModel(Protocol):
    @property
    def abilities(self) -> Abilities:
        """Return what this back end guarantees."""

    def reply(self, request: Request) -> Reply:
        """Answer a request; raises LanguageError, of the kinds in `longhaul.language.errors`."""

    def score(self, request: Request, candidates: Sequence[str]) -> list[float]:
        """Return how well each candidate would answer; higher is better, comparable within a call.

        A language model gives the log-likelihood of the candidate as the whole reply, in nats,
        or its mean per token.
        Raises UnsupportedError where a back end cannot.
        """

    def provenance(self) -> dict[str, str]:
        """Return what of this back end belongs to a run's identity: model, weights' hash."""


def joined(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return messages in which the role changes at each turn, as many chat templates require:
    those without content are left out, and neighbors of one role are one message."""
    turns: list[Message] = []
    for message in messages:
        if not message.text and not message.images:
            continue
        if turns and turns[-1].role == message.role:
            before = turns.pop()
            text = f"{before.text}\n{message.text}"
            message = Message(message.role, text, (*before.images, *message.images))
        turns.append(message)
    return tuple(turns or messages[-1:])


def without_system(message: Message) -> Message:
    """Return a message as a user's if it is the system's: some models have no such role."""
    return replace(message, role="user") if message.role == "system" else message


def answer_of(reply: Reply, who: str) -> str:
    """Return a reply's answer, stripped.

    Raises ReplyError that names `who` and says whether the model declined, the reply was cut, or
    it is empty: what is no answer must not be read as one.
    """
    thought = f" after {len(reply.reasoning)} characters of reasoning" if reply.reasoning else ""
    if reply.finish == "refusal":
        raise ReplyError(f"{who} declined: {one_line(reply.refusal or 'no reason is given')}")
    if reply.finish == "length":
        raise ReplyError(
            f"the reply of {who} was cut at its limit of tokens (finish=length){thought}; "
            "reasoning_tokens of the back end raises it"
        )
    if not reply.text.strip():
        raise ReplyError(f"the reply of {who} is empty (finish={reply.finish}){thought}")
    return reply.text.strip()


def require_images(request: Request, abilities: Abilities, name: str) -> None:
    """Raise UnsupportedError if a request shows images to a back end that sees none."""
    if request.has_images and not abilities.images:
        raise UnsupportedError(f"{name} takes no images; send a caption instead")
