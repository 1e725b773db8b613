"""A language model that navigates by captions: the zero-shot baseline of LH-VLN's paper.

At each step the model is told the instruction, what is in view (worker part `captions: oracle`)
and its last actions, and it chooses one of the four actions. Each choice also names the things in
its direction, so that a back end which only compares words can compare them with the goal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from longhaul.envs.specs import ActionSpec, Requirement
from longhaul.envs.text import decode
from longhaul.errors import ConfigError, require_known
from longhaul.language.build import build_chat_model
from longhaul.language.chat import ChatModel, Message, Request
from longhaul.language.errors import SetupError
from longhaul.language.transcript import Recorded, Transcript
from longhaul.policies.policy import Batch, Setting, Start
from longhaul.secrets import hidden

ACTION_WORDS = ("stop", "turn left", "move forward", "turn right")
"""The words for LH-VLN's actions, by their numbers 0 to 3."""

FALLBACK = ACTION_WORDS.index("turn left")
"""The action that is done if no reply names one: a turn does no harm."""

THING_IN_VIEW = re.compile(
    r"An? ([^.]+?) is ([\d.]+) m away, (straight ahead|(\d+) degrees to the (\w+))\."
)

AHEAD_DEG = 15.0
"""The greatest angle (degrees) to a side at which a thing counts as straight ahead: half of a turn
by one action."""

STOP_DISTANCE_M = 1.0
"""The greatest distance (m) at which a stop counts as at a thing: LH-VLN's distance of success."""

MAX_REPLY_TOKENS = 64
"""The most tokens of a reply. Chosen here."""

MAX_THINGS = 3
"""The most things that a choice names."""

SYSTEM_PROMPT = """\
You guide a robot through a house. It does an errand of several parts, in order: go to
the first thing that is named and stop within a meter of it, facing it, then go to the next one and
stop there. A turn is 30 degrees, a move 0.25 m. Choose one action, and say its words only:
stop, turn left, move forward or turn right."""


@dataclass
class _Walk:
    """The state of an episode: its goal, and the numbers of the actions so far."""

    episode: str
    goal: str
    seed: int
    done: list[int] = field(default_factory=list)
    asked: int = 0

    def next_seed(self) -> int:
        self.asked += 1
        return int(np.random.SeedSequence([self.seed, self.asked]).generate_state(1)[0])


class NavigatorPolicy:
    """Has a language model choose each action.

    Of a back end that can score, the choice with the best score is taken; another one writes its
    choice. Raises ConfigError in one line for options that are not valid. A LanguageError during
    an episode is left to the rollout loop, which records it.

    Args:
        backends: Chat back ends by name, each with its options as in configs/language.
        backend: Which of `backends` chooses; lexical compares words and needs no language model.
        history: How many of the last actions the model is told.
        attempts: Replies for one step; if none of them names an action, the robot turns left.
    """

    requirement = Requirement(action=ActionSpec(mode="discrete"))
    trained = None

    def __init__(
        self,
        setting: Setting,
        backends: Mapping[str, Mapping[str, Any]] = {
            "lexical": {"name": "lexical", "repeats": True}
        },
        backend: str = "lexical",
        history: int = 8,
        attempts: int = 3,
    ) -> None:
        require_known("policy.backend", backend, backends)
        for option, value, least in (("history", history, 0), ("attempts", attempts, 1)):
            if value < least:
                raise ConfigError(f"policy.{option}={value} must be at least {least}")
        try:
            self._model: ChatModel = build_chat_model(backends[backend])
        except SetupError as error:
            raise ConfigError(f"policy.backend={backend}: {error}") from None
        self._history, self._attempts = history, attempts
        self._dtype = setting.action_space.dtype
        self._walks: dict[int, _Walk] = {}
        self._steps: Path | None = None

    def write_into(self, folder: Path) -> None:
        """Write what was said to `transcript.jsonl` and what was decided to `steps.jsonl`."""
        self._model = Recorded(self._model, Transcript(folder / "transcript.jsonl"))
        self._steps = folder / "steps.jsonl"

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        for slot, start in zip(slots, starts, strict=True):
            if start.new_episode or slot not in self._walks:
                self._walks[slot] = _Walk(start.episode_id, start.instruction, start.seed)
            self._walks[slot].goal = start.instruction

    def act(self, batch: Batch) -> np.ndarray:
        """Return actions (n,)."""
        actions = []
        for index, slot in enumerate(batch.slots):
            row = {key: values[index] for key, values in batch.observations.items()}
            actions.append(self._decide(self._walks[slot], decode("caption", row)))
        return np.array(actions, self._dtype)

    def provenance(self) -> Mapping[str, str]:
        return self._model.provenance()

    def _decide(self, walk: _Walk, caption: str) -> int:
        if isinstance(self._model, Recorded):
            self._model.context = {"episode": walk.episode, "step": len(walk.done)}
        choices = choices_of(caption)
        messages = [Message("system", SYSTEM_PROMPT), self._question(walk, caption, choices)]
        action: int | None
        if self._model.abilities.score:
            request = Request(tuple(messages), seed=walk.next_seed())
            action = int(np.argmax(self._model.score(request, choices)))
        else:
            action = self._ask(walk, messages)
        if self._steps is not None:
            entry = {"episode": walk.episode, "step": len(walk.done), "action": action}
            with self._steps.open("a", encoding="utf-8") as file:
                file.write(json.dumps(hidden(entry)) + "\n")
        walk.done.append(FALLBACK if action is None else action)
        return walk.done[-1]

    def _ask(self, walk: _Walk, messages: list[Message]) -> int | None:
        """Return the action that a reply names; None if no attempt names one."""
        constrained = ACTION_WORDS if self._model.abilities.choices else ()
        for _ in range(self._attempts):
            request = Request(
                tuple(messages),
                choices=constrained,
                max_tokens=MAX_REPLY_TOKENS,
                seed=walk.next_seed(),
            )
            reply = self._model.reply(request)
            action = read_action(reply.text) if reply.finish == "stop" else None
            if action is not None:
                return action
            messages += [
                Message("assistant", reply.text[:200]),
                Message("user", f"Refused: say one of {', '.join(ACTION_WORDS)}."),
            ]
        return None

    def _question(self, walk: _Walk, caption: str, choices: Sequence[str]) -> Message:
        last = [ACTION_WORDS[action] for action in walk.done[len(walk.done) - self._history :]]
        lines = [
            f"Scene: {caption}",
            f"Stops so far: {walk.done.count(0)}. Last actions: {', '.join(last) or 'none'}.",
            f"Actions: {'; '.join(choices)}.",
            f"Goal: {walk.goal}",
            "What is the next action?",
        ]
        return Message("user", "\n".join(lines))


def choices_of(caption: str) -> list[str]:
    """Return the four actions, each with the things that a caption names in its direction: near
    for stop, to the left, ahead, to the right."""
    near: list[str] = []
    left: list[str] = []
    ahead: list[str] = []
    right: list[str] = []
    for name, meters, where, angle, side in THING_IN_VIEW.findall(caption):
        if float(meters) <= STOP_DISTANCE_M:
            near.append(name)
        if where == "straight ahead" or float(angle) <= AHEAD_DEG:
            ahead.append(name)
        else:
            (left if side == "left" else right).append(name)
    found = []
    for action, link, names in zip(
        ACTION_WORDS, ("by", "toward", "toward", "toward"), (near, left, ahead, right), strict=True
    ):
        things = list(dict.fromkeys(f"the {name}" for name in names))[:MAX_THINGS]
        found.append(f"{action} {link} {' and '.join(things)}" if things else action)
    return found


def read_action(text: str) -> int | None:
    """Return the number of the only action that a text names; None where it names none or
    several."""
    words = " ".join(re.findall(r"[a-z]+", text.lower()[:1000]))
    named = [number for number, action in enumerate(ACTION_WORDS) if action in words]
    return named[0] if len(named) == 1 else None
