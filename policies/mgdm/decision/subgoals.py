"""Subgoals: the things that an instruction asks to go to, in order, and their rooms.

NavGen's sentences are read by a closed grammar. In all of them a name follows each "the", so a name
is any sequence of words without "the" and without a comma, and every other word belongs to a
pattern. Sentences that a person or another generator wrote are for a language model, whose reply is
untrusted: it may name nothing that the instruction does not name.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from longhaul.language.chat import ChatModel, Message, Request
from longhaul.language.errors import LanguageError, SetupError
from longhaul.language.structured import Refusal, read_reply

MAX_INSTRUCTION_CHARS = 1000
"""Length of an instruction at most, in characters; a longer one is not read. Ours: LHPR-VLN's have
18 words on average (arXiv 2412.09082)."""

MAX_SUBGOALS = 8
"""Subgoals that a language model may name at most; ours. LHPR-VLN's tasks have two to four."""

NAME = r"the ((?:(?!\bthe\b)[^,])+?)"
PLACE = rf"{NAME} (?:in|from) {NAME}"
BRING = (
    rf"(?:take|bring) {PLACE} to {PLACE}",
    rf"please carry {PLACE} over to {PLACE}",
    rf"find {PLACE} and put (?:it|them) by {PLACE}",
    rf"we need {PLACE} by {PLACE}, so take (?:it|them) there",
)
LINK = r"(?:, then|, and after that| and afterwards|, and when that is done)"
NEXT = (
    rf"(?:get|fetch|pick up|go to|have a look at|wait by) {PLACE}",
    rf"(?:take|bring) {PLACE} to {PLACE}",
)
TASK = re.compile(rf"(?:{'|'.join(BRING)})(?:{LINK} (?:{'|'.join(NEXT)}))?", re.IGNORECASE)
LEG = re.compile(rf"go to {PLACE}", re.IGNORECASE)
STEPS = re.compile(rf"(?:.+(?:,| and) )?finally go to {NAME}", re.IGNORECASE)
"""A leg told step by step: only its end is a subgoal, not what is passed on the way."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "subtasks": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_SUBGOALS,
            "items": {
                "type": "object",
                "properties": {
                    "target": {"type": "string", "minLength": 1, "maxLength": 80},
                    "room": {"type": "string", "maxLength": 80},
                },
                "required": ["target", "room"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["subtasks"],
    "additionalProperties": False,
}

SYSTEM = """You are told an errand in a house. List the places to go to, in the order in which they
are reached, as JSON: {"subtasks": [{"target": THING, "room": ROOM}, ...]}
THING and ROOM are words of the errand; ROOM is "" where none is said. A thing that is taken
somewhere makes two: where it lies, and the thing that it is brought to.
Example: "Fetch the towel from the bathroom, lay it on the washer and come back to the sofa in the
den" gives {"subtasks": [{"target": "towel", "room": "bathroom"}, {"target": "washer", "room": ""},
{"target": "sofa", "room": "den"}]}"""

MAX_REPLY_TOKENS = 300
"""Tokens of a language model's reply at most; ours."""


@dataclass(frozen=True)
class Subgoal:
    """A thing to go to, and the room in which the instruction says it is; "" for no room."""

    target: str
    room: str = ""

    def __str__(self) -> str:
        return f"{self.target} in the {self.room}" if self.room else self.target


def read_instruction(text: str) -> tuple[Subgoal, ...]:
    """Return what a sentence of NavGen asks for, in order; empty for any other sentence."""
    plain = " ".join(text[: MAX_INSTRUCTION_CHARS + 1].split()).rstrip(".!")
    if len(plain) > MAX_INSTRUCTION_CHARS:
        return ()
    found = TASK.fullmatch(plain) or LEG.fullmatch(plain)
    if found:
        names = [name for name in found.groups() if name is not None]
        return tuple(Subgoal(*pair) for pair in zip(names[::2], names[1::2], strict=True))
    found = STEPS.fullmatch(plain)
    return (Subgoal(found[1]),) if found else ()


class SubgoalReader:
    """Reads instructions by the grammar, or else by a language model if there is one.

    An instruction that neither can read becomes one subgoal with all its words. `counts` says how
    many instructions were read by `grammar` and by `model`, how many were left `whole`, and why
    replies of the model were refused.
    """

    def __init__(self, model: ChatModel | None = None) -> None:
        self.model = model
        self.counts: Counter[str] = Counter()

    def __call__(self, instruction: str, seed: int = 0) -> tuple[Subgoal, ...]:
        """Return at least one subgoal. Raises SetupError where the model cannot be used at all."""
        subgoals, by = read_instruction(instruction), "grammar"
        if not subgoals and self.model is not None:
            subgoals, by = self._ask(self.model, instruction, seed), "model"
        if not subgoals:
            subgoals, by = (Subgoal(instruction.strip()),), "whole"
        self.counts[by] += 1
        return subgoals

    def _ask(self, model: ChatModel, instruction: str, seed: int) -> tuple[Subgoal, ...]:
        messages = (Message("system", SYSTEM), Message("user", instruction[:MAX_INSTRUCTION_CHARS]))
        request = Request(messages, schema=SCHEMA, max_tokens=MAX_REPLY_TOKENS, seed=seed)
        try:
            data = read_reply(model.reply(request), SCHEMA)
        except SetupError:
            raise
        except LanguageError as error:
            self.counts[type(error).__name__] += 1
            return ()
        if isinstance(data, Refusal):
            self.counts[data.reason] += 1
            return ()
        subgoals = tuple(Subgoal(e["target"].strip(), e["room"].strip()) for e in data["subtasks"])
        if not all(g.target and _said(g.target, instruction) for g in subgoals):
            self.counts["invented"] += 1
            return ()
        return tuple(g if _said(g.room, instruction) else Subgoal(g.target) for g in subgoals)


def _said(words: str, instruction: str) -> bool:
    """Say whether an instruction has these words; the last one may go on there (towel, towels)."""
    text, asked = " ".join(instruction.lower().split()), " ".join(words.lower().split())
    return re.search(rf"(?<!\w){re.escape(asked)}", text) is not None


class SubgoalTracker:
    """Tracks the current subgoal of an episode by the policy's own stops.

    In LH-VLN a stop ends a subtask whether or not its target was reached, and the policy is not
    told which. After more stops than there are subgoals the last subgoal stays current.
    """

    def __init__(self, subgoals: tuple[Subgoal, ...]) -> None:
        if not subgoals:
            raise ValueError("an instruction has at least one subgoal")
        self.subgoals, self.stops = subgoals, 0

    @property
    def number(self) -> int:
        """The current subgoal's number, counted from 0."""
        return min(self.stops, len(self.subgoals) - 1)

    @property
    def current(self) -> Subgoal:
        return self.subgoals[self.number]

    @property
    def finished(self) -> bool:
        """Whether the policy has stopped once for each subgoal."""
        return self.stops >= len(self.subgoals)

    def stop(self) -> None:
        """Note that the policy stopped."""
        self.stops += 1
