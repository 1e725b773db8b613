"""Reporters: what the planner is told of the table after each step, through named channels.

A channel is off, an oracle's (a worker part, which stands in the record) or learned:

caption  `once`: the oracle's caption at the start, then none; `oracle`: the oracle's caption at
         every step; `learned`: a vision model's description of the picture.
verdict  Whether the last step succeeded. `oracle`, or `learned`: a vision model compares the
         pictures before and after.
image    `on`: the picture itself, for a planner whose model takes images.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.text import decode
from longhaul.errors import require_known
from longhaul.language.chat import ChatModel, Message, Request, answer_of
from longhaul.policies.planner.conversation import Conversation, Picture

FEEDBACK: Mapping[str, Mapping[str, str]] = {
    "none": {"caption": "once", "verdict": "off", "image": "off"},
    "explicit": {"caption": "oracle", "verdict": "oracle", "image": "off"},
    "implicit": {"caption": "off", "verdict": "off", "image": "on"},
}
"""The modes of all channels for each value of `feedback`. `none` is as in the published code: the
scene once, then nothing."""

CHANNELS: Mapping[str, tuple[str, ...]] = {
    "caption": ("off", "once", "oracle", "learned"),
    "verdict": ("off", "oracle", "learned"),
    "image": ("off", "on"),
}

ASK_CAPTION = (
    "Say which objects are on the table and where each is, one short sentence each, as in: The red "
    "block is in the top left area. The bigger blue block is in the green bowl."
)
ASK_VERDICT = (
    "The first picture is from before, the second from after this step: {step}. Was the step "
    "carried out? Answer yes or no."
)

VERDICT_WORD = re.compile(r"\W*(?:answer\W+)?(yes|no)\b", re.IGNORECASE)
"""Matches the beginning of an answer to ASK_VERDICT; any other answer is none."""

Row = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Report:
    """What the channels report at one step; None for a channel that is off or has no report."""

    caption: str | None = None
    succeeded: bool | None = None
    image: Picture | None = None


def channels_of(feedback: str, **given: str | None) -> dict[str, str]:
    """Return the mode of every channel: the given one, else that of `feedback`.

    Raises ConfigError naming the valid values.
    """
    require_known("policy.feedback", feedback, FEEDBACK)
    channels = {**FEEDBACK[feedback], **{k: v for k, v in given.items() if v is not None}}
    for name, mode in channels.items():
        require_known(f"policy.{name}", mode, CHANNELS[name])
    return channels


class Reporter:
    """`model` describes and compares pictures for learned channels; `picture` names the observation
    that it and the planner see."""

    def __init__(
        self, channels: Mapping[str, str], picture: str, model: ChatModel | None = None
    ) -> None:
        self._channels, self._picture, self.model = dict(channels), picture, model

    @property
    def needs(self) -> list[str]:
        """The observations that the channels read."""
        looks = "learned" in self._channels.values() or self._channels["image"] == "on"
        names = {
            "caption": self._channels["caption"] in ("once", "oracle"),
            "success": self._channels["verdict"] == "oracle",
            self._picture: looks,
        }
        return [name for name, wanted in names.items() if wanted]

    def report(self, row: Row, talk: Conversation) -> Report:
        """Report on an observation in the course of a conversation. Raises ReplyError if a model
        that was asked gave no answer."""
        caption = self._channels["caption"]
        told: str | None = None
        if caption == "oracle" or (caption == "once" and not talk.messages):
            told = decode("caption", row)
        elif caption == "learned":
            told = self._ask(talk, ASK_CAPTION, self._see(row))
        image = self._see(row) if self._channels["image"] == "on" else None
        return Report(told, self._verdict(row, talk), image)

    def _verdict(self, row: Row, talk: Conversation) -> bool | None:
        mode = self._channels["verdict"]
        before, talk.before = talk.before, self._see(row) if mode == "learned" else None
        if talk.tried is None or mode == "off":
            return None
        if mode == "oracle":
            return bool(row["success"][0])
        assert before is not None
        answer = self._ask(talk, ASK_VERDICT.format(step=talk.tried), before, self._see(row))
        said = VERDICT_WORD.match(answer)
        return said[1].lower() == "yes" if said else None

    def _see(self, row: Row) -> Picture:
        return np.asarray(row[self._picture], np.uint8)

    def _ask(self, talk: Conversation, question: str, *images: Picture) -> str:
        assert self.model is not None
        request = Request((Message("user", question, images),), seed=talk.next_seed())
        reply = self.model.reply(request)
        talk.tokens += reply.tokens_in + reply.tokens_out
        return answer_of(reply, "the model that sees the table")
