"""Chains of thought: what to do next in words, at each subtask's start and every so many steps.

In MGDM (arXiv 2412.09082) GPT-4 gets the view, the memory's pictures and the instruction, and what
it says is put into the policy's prompt; period and prompt are not published. Here a template says
it from what is known, without a model or a network, and a chat back end may say it instead.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from longhaul.errors import ConfigError
from longhaul.language.build import build_chat_model
from longhaul.language.chat import ChatModel, Message, Request
from longhaul.language.errors import LanguageError, SetupError, one_line
from longhaul.policies.mgdm.decision.subgoals import Subgoal

PERIOD = 20
"""Steps after which a thought is renewed: as many as a short-term memory holds; ours."""

MAX_CHARS = 400
"""Of a thought; what is longer is cut."""

MAX_TOKENS = 120
KEPT = 4096
"""Thoughts of a model that are remembered, the latest."""

SYSTEM = """You guide a robot through a house. You are told its errand, what it has to find now,
where it seems to be and what it saw lately. Think step by step, then say in at most two short
sentences where to go next and what to look out for. Say nothing else."""


@dataclass(frozen=True)
class Situation:
    """All that a thought may depend on, and no more than a policy may know.

    `number` is the subgoal's place, counted from 0, of `count`. `room` is where the agent believes
    it is, or "" ; `seen` names what it saw lately, the latest last. `pictures` are RGB (H, W, 3)
    uint8, shown to a back end that sees.
    """

    instruction: str
    subgoal: Subgoal
    number: int
    count: int
    room: str = ""
    seen: tuple[str, ...] = ()
    pictures: tuple[NDArray[np.uint8], ...] = field(default=(), compare=False)

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for situations that are alike in everything, pictures by their hash."""
        looks = tuple(
            (picture.shape, hashlib.sha256(picture.tobytes()).hexdigest())
            for picture in self.pictures
        )
        return self, looks


class ThoughtProvider(Protocol):
    def __call__(self, situation: Situation) -> str:
        """Return a thought: one line, not empty."""

    def provenance(self) -> Mapping[str, str]:
        """Return what of this provider belongs to a run's identity."""


class TemplateThoughts:
    """Says the subgoal, the room and what was seen, and what follows from them."""

    def __call__(self, situation: Situation) -> str:
        goal, room = situation.subgoal, situation.room
        parts = [f"Subtask {situation.number + 1} of {situation.count}: go to the {goal}."]
        if room:
            parts.append(f"I am in the {room}.")
        if situation.seen:
            parts.append(f"Lately I saw the {', the '.join(dict.fromkeys(situation.seen))}.")
        parts.append(_advice(goal, room, situation.seen))
        return one_line(" ".join(parts), MAX_CHARS)

    def provenance(self) -> Mapping[str, str]:
        return {"thoughts": "template"}


def _advice(goal: Subgoal, room: str, seen: tuple[str, ...]) -> str:
    there = not goal.room or not room or _same(goal.room, room)
    if there and any(_same(goal.target, thing) for thing in seen):
        return f"I approach the {goal.target} and stop next to it."
    if there:
        return f"I look around for the {goal.target}."
    return f"I leave the {room} and look for the {goal.room}."


def _same(first: str, second: str) -> bool:
    return first.strip().lower() == second.strip().lower()


class ModelThoughts:
    """Asks a chat back end, and the template where it gives no answer.

    What was once said of a situation is said again without asking; `counts` tells how often the
    model answered (`model`), was not asked (`cached`), and why the template stood in: the kind of
    the LanguageError, `declined`, `empty`. A model that cannot be used at all raises SetupError.
    """

    def __init__(self, model: ChatModel, kept: int = KEPT) -> None:
        self.model, self.counts = model, Counter[str]()
        self._template, self._kept = TemplateThoughts(), kept
        self._known: dict[tuple[object, ...], str] = {}

    def __call__(self, situation: Situation) -> str:
        key = situation.key
        if key in self._known:
            self.counts["cached"] += 1
            return self._known[key]
        thought = self._ask(situation)
        if not thought:
            return self._template(situation)
        self.counts["model"] += 1
        self._known[key] = thought
        if len(self._known) > self._kept:
            del self._known[next(iter(self._known))]
        return thought

    def provenance(self) -> Mapping[str, str]:
        model = {f"thoughts_{key}": value for key, value in self.model.provenance().items()}
        return {"thoughts": "model", **model}

    def _ask(self, situation: Situation) -> str:
        """Return what the model says; empty, and counted, where it says nothing usable."""
        pictures = situation.pictures if self.model.abilities.images else ()
        question = Message("user", describe(situation), pictures)
        request = Request((Message("system", SYSTEM), question), max_tokens=MAX_TOKENS)
        try:
            reply = self.model.reply(request)
        except SetupError:
            raise
        except LanguageError as error:
            self.counts[type(error).__name__] += 1
            return ""
        thought = one_line(reply.text, MAX_CHARS) if reply.finish != "refusal" else ""
        if not thought:
            self.counts["declined" if reply.finish == "refusal" else "empty"] += 1
        return thought


def describe(situation: Situation) -> str:
    """Return a situation in lines, for a model's prompt."""
    place = f"{situation.number + 1} of {situation.count}"
    lines = [f"Errand: {situation.instruction}", f"To find now ({place}): {situation.subgoal}"]
    if situation.room:
        lines.append(f"Room: {situation.room}")
    if situation.seen:
        lines.append(f"Seen lately: {', '.join(situation.seen)}")
    return "\n".join(lines)


class Thinker:
    """An env slot's current `thought`: renewed at each subtask's start and every `period` steps.

    With a period of 0 there is one thought for each subtask. Raises ConfigError for one below 0.
    """

    def __init__(self, provider: ThoughtProvider, period: int = PERIOD) -> None:
        if period < 0:
            raise ConfigError(f"policy.thought_period={period}: it takes 0 steps or more")
        self.provider, self.period = provider, period
        self.clear()

    def clear(self) -> None:
        """Begin an episode."""
        self.thought, self._subtask, self._age = "", -1, 0

    def step(self, subtask: int, look: Callable[[], Situation]) -> str:
        """Return the thought that holds at this step; `look` is asked only when one is due."""
        self._age += 1
        due = self.period and self._age >= self.period
        if subtask != self._subtask or due:
            self.thought, self._subtask, self._age = self.provider(look()), subtask, 0
        return self.thought


def build_provider(
    name: str, backends: Mapping[str, Mapping[str, Any]] | None = None
) -> ThoughtProvider | None:
    """Return what `policy.thought` names: none, template, or a chat back end and its options.

    Raises ConfigError in one line for what cannot be.
    """
    if name == "none":
        return None
    if name == "template":
        return TemplateThoughts()
    known = backends or {}
    if name not in known:
        valid = ", ".join(("none", "template", *known))
        raise ConfigError(f"policy.thought={name} is unknown; valid: {valid}")
    try:
        return ModelThoughts(build_chat_model(known[name]))
    except SetupError as error:
        raise ConfigError(f"policy.thought={name}: {error}") from None
