"""Chain-of-thought feedback: what to do next in words, renewed from time to time.

In MGDM (arXiv 2412.09082) GPT-4 gets the view, the memory's pictures and the instruction at each
subtask's start and periodically, and its chain of thought is put into the policy's prompt; period
and prompt are not published. Here a template writes it from what the agent knows, without a model
and a network, or a chat back end writes it. One text is called a thought.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from longhaul.errors import ConfigError, unknown
from longhaul.language.build import build_chat_model
from longhaul.language.chat import ChatModel, Message, Request
from longhaul.language.errors import LanguageError, SetupError, one_line
from longhaul.policies.mgdm.decision.subgoals import Subgoal

RENEWAL_STEPS = 20
"""Steps after which a thought is renewed: as many as a short-term memory holds; ours."""

MAX_THOUGHT_CHARS = 400
"""Length of a thought at most, in characters; the rest is cut off; ours."""

MAX_THOUGHT_TOKENS = 120
"""Tokens that a model may write for a thought; ours."""

CACHED_THOUGHTS = 4096
"""A model's latest thoughts that are kept in the cache; ours."""

SYSTEM = """You guide a robot through a house. You are told its errand, what it has to find now,
where it seems to be and what it saw lately. Think step by step, then say in at most two short
sentences where to go next and what to look out for. Say nothing else."""


@dataclass(frozen=True)
class Situation:
    """All that a thought may depend on, which is no more than a policy may know.

    The subgoal is number `number`, counted from 0, of `count`. `room` is the kind of room that the
    map has where the robot is, or empty. `seen` are the names of things that were seen lately, the
    latest last. `pictures` are RGB (H, W, 3) uint8, for a back end that takes images.
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
        """The cache's key: equal for situations that are equal in everything, pictures included."""
        pictures = tuple(
            (picture.shape, hashlib.sha256(picture.tobytes()).hexdigest())
            for picture in self.pictures
        )
        return self, pictures


class ChainOfThought(Protocol):
    """Writes the thought for a situation."""

    def __call__(self, situation: Situation) -> str:
        """Return a thought: one line, not empty."""

    def provenance(self) -> Mapping[str, str]:
        """Return what belongs to a run's identity."""


class TemplateThoughts:
    """Writes thoughts by a template: the subgoal, the room, what was seen, and what to do."""

    def __call__(self, situation: Situation) -> str:
        goal, room = situation.subgoal, situation.room
        sentences = [f"Subtask {situation.number + 1} of {situation.count}: go to the {goal}."]
        if room:
            sentences.append(f"I am in the {room}.")
        if situation.seen:
            sentences.append(f"Lately I saw the {', the '.join(dict.fromkeys(situation.seen))}.")
        sentences.append(_advice(goal, room, situation.seen))
        return one_line(" ".join(sentences), MAX_THOUGHT_CHARS)

    def provenance(self) -> Mapping[str, str]:
        return {"thoughts": "template"}


def _advice(goal: Subgoal, room: str, seen: tuple[str, ...]) -> str:
    there = not goal.room or not room or _same_name(goal.room, room)
    if there and any(_same_name(goal.target, thing) for thing in seen):
        return f"I approach the {goal.target} and stop next to it."
    if there:
        return f"I look around for the {goal.target}."
    return f"I leave the {room} and look for the {goal.room}."


def _same_name(first: str, second: str) -> bool:
    return first.strip().lower() == second.strip().lower()


class ModelThoughts:
    """Lets a chat back end write thoughts, and the template where the back end gives no answer.

    A situation that was asked about before is answered from the cache. `counts` says how often the
    model answered (`model`), how often the cache did (`cached`), and why the template was used
    instead: the kind of the LanguageError, `declined` or `empty`. A model that cannot be used at
    all raises SetupError.
    """

    def __init__(self, model: ChatModel, cache_size: int = CACHED_THOUGHTS) -> None:
        self.model, self.counts = model, Counter[str]()
        self._template, self._cache_size = TemplateThoughts(), cache_size
        self._cache: dict[tuple[object, ...], str] = {}

    def __call__(self, situation: Situation) -> str:
        key = situation.key
        if key in self._cache:
            self.counts["cached"] += 1
            return self._cache[key]
        thought = self._ask(situation)
        if not thought:
            return self._template(situation)
        self.counts["model"] += 1
        self._cache[key] = thought
        if len(self._cache) > self._cache_size:
            del self._cache[next(iter(self._cache))]
        return thought

    def provenance(self) -> Mapping[str, str]:
        model = {f"thoughts_{key}": value for key, value in self.model.provenance().items()}
        return {"thoughts": "model", **model}

    def _ask(self, situation: Situation) -> str:
        """Return what the model writes; empty, and counted, where that is not usable."""
        pictures = situation.pictures if self.model.abilities.images else ()
        question = Message("user", describe(situation), pictures)
        request = Request((Message("system", SYSTEM), question), max_tokens=MAX_THOUGHT_TOKENS)
        try:
            reply = self.model.reply(request)
        except SetupError:
            raise
        except LanguageError as error:
            self.counts[type(error).__name__] += 1
            return ""
        thought = one_line(reply.text, MAX_THOUGHT_CHARS) if reply.finish != "refusal" else ""
        if not thought:
            self.counts["declined" if reply.finish == "refusal" else "empty"] += 1
        return thought


def describe(situation: Situation) -> str:
    """Return a situation as lines of text, for a model's prompt."""
    place = f"{situation.number + 1} of {situation.count}"
    lines = [f"Errand: {situation.instruction}", f"To find now ({place}): {situation.subgoal}"]
    if situation.room:
        lines.append(f"Room: {situation.room}")
    if situation.seen:
        lines.append(f"Seen lately: {', '.join(situation.seen)}")
    return "\n".join(lines)


class Schedule:
    """Keeps the `thought` that is in force in an episode, and renews it.

    It is renewed at each subtask's start and after `period` steps; with a period of 0 there is one
    thought for each subtask. Raises ConfigError for a period below 0.
    """

    def __init__(self, chain_of_thought: ChainOfThought, period: int = RENEWAL_STEPS) -> None:
        if period < 0:
            raise ConfigError(f"policy.thought_period={period}: it takes 0 steps or more")
        self.chain_of_thought, self.period = chain_of_thought, period
        self.clear()

    def clear(self) -> None:
        """Begin an episode."""
        self.thought, self._subtask, self._age = "", -1, 0

    def step(self, subtask: int, situation: Callable[[], Situation]) -> str:
        """Return the thought that is in force at this step; `situation` is called only where a new
        one is due."""
        self._age += 1
        due = self.period and self._age >= self.period
        if subtask != self._subtask or due:
            self.thought = self.chain_of_thought(situation())
            self._subtask, self._age = subtask, 0
        return self.thought


def build_chain_of_thought(
    name: str, backends: Mapping[str, Mapping[str, Any]] | None = None
) -> ChainOfThought | None:
    """Return what `policy.thought` names: none, template, or one of the chat back ends, which are
    options by name.

    Raises ConfigError in one line for another name, and for a back end that cannot be used.
    """
    if name == "none":
        return None
    if name == "template":
        return TemplateThoughts()
    known = backends or {}
    if name not in known:
        raise ConfigError(unknown(f"policy.thought={name}", ("none", "template", *known)))
    try:
        return ModelThoughts(build_chat_model(known[name]))
    except SetupError as error:
        raise ConfigError(f"policy.thought={name}: {error}") from None
