"""One episode as MGDM lives it: what was seen, what is looked for, and what is before it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.policies.mgdm.decision.chain_of_thought import (
    PERIOD,
    Situation,
    Thinker,
    ThoughtProvider,
)
from longhaul.policies.mgdm.decision.subgoals import Subgoal, SubgoalTracker
from longhaul.policies.mgdm.mapping.episode_map import Percept, Survey, perceive
from longhaul.policies.mgdm.mapping.shortest_paths import Routes
from longhaul.policies.mgdm.mapping.waypoints import (
    NUMBERS,
    STRUCTURE,
    Goal,
    Waypoints,
    find_waypoints,
)
from longhaul.policies.mgdm.model import Choices, Mgdm
from longhaul.policies.mgdm.perception.text_embedding import Words

Array = NDArray[np.float32]

SHARPNESS = 20.0
"""By how much (nats) a name whose embedding has a cosine of 1 to a word counts more than one with a
cosine of 0."""

SEEN_LATELY, SURE = 4, 0.5
"""Things that a thought is told of, at most, and how sure the encoder must be."""


class Prepared(NamedTuple):
    """What is before the agent at a step: the encoder's `columns` (3 * columns, features),
    `waypoints`, and the embedded target and room (2, text_width)."""

    columns: Tensor
    waypoints: Waypoints
    words: Tensor


class Agent:
    """The part of MGDM that knows one episode. Its network and its words may be shared."""

    def __init__(
        self,
        model: Mgdm,
        provider: ThoughtProvider | None = None,
        period: int = PERIOD,
        words: Words | None = None,
    ) -> None:
        self.model, self.config = model, model.config
        self._words = words or Words()
        self._thinker = None if provider is None else Thinker(provider, period)
        self.survey = Survey(model.encoder, model.config.picture)
        names = model.encoder.names.float().cpu().numpy()
        self._things, self._rooms = names[: model.encoder.things], names[model.encoder.things :]
        self._movable = np.array([n not in STRUCTURE for n in self.config.thing_names], np.float32)
        with torch.no_grad():
            self._thing_words = _units(
                model.encoder.thing_word(model.encoder.names[: model.encoder.things])
            )
            self._room_words = _units(
                model.encoder.room_word(model.encoder.names[model.encoder.things :])
            )
        self.begin((Subgoal("nothing"),))

    def begin(self, goals: Sequence[Subgoal], instruction: str = "") -> None:
        """Begin an episode."""
        self.tracker = SubgoalTracker(tuple(goals))
        self.instruction = instruction or ", then ".join(str(goal) for goal in goals)
        self.survey.clear()
        self._seen: list[str] = []
        self._room = ""
        if self._thinker is not None:
            self._thinker.clear()

    def prepare(
        self, row: Mapping[str, Tensor], last: int, percept: Percept | None = None
    ) -> Prepared:
        """Take in a step: an observation (1, ...), and the action that led to it (-1: none)."""
        seen = percept or perceive(self.model.encoder, row)[0]
        pose = self.survey.look({name: value[0] for name, value in row.items()}, seen, last)
        self._note(seen)
        routes = Routes(self.survey.occupancy, pose)
        self._room = self._room_of(pose)
        goal = self.tracker.current
        waypoints = find_waypoints(self.survey, routes, self._goal(goal), self._movable)
        return Prepared(seen.columns, waypoints, self._words.subgoal(goal))

    def rows(self, prepared: Prepared) -> Array:
        """Return waypoints as rows (config.waypoints, ...): numbers, things, rooms, then zeros."""
        found = prepared.waypoints
        out = np.zeros((self.config.waypoints, NUMBERS + 2 * self.config.words), np.float32)
        things, rooms = found.things @ self._thing_words, found.rooms @ self._room_words
        out[: len(found.numbers)] = np.concatenate([found.numbers, things, rooms], 1)
        return out

    def thought(self) -> Tensor:
        """Return the embedded thought that holds now, (text_width,); zeros without a provider."""
        if self._thinker is None:
            return self._words("")
        return self._words(self._thinker.step(self.tracker.number, self._situation))

    @property
    def said(self) -> str:
        """The thought that holds now in words, empty where there is none."""
        return "" if self._thinker is None else self._thinker.thought

    def _situation(self) -> Situation:
        tracker = self.tracker
        where = tracker.number, len(tracker.subgoals)
        seen = tuple(self._seen)
        return Situation(self.instruction, tracker.current, *where, room=self._room, seen=seen)

    def _goal(self, goal: Subgoal) -> Goal:
        rooms = np.zeros(len(self._rooms), np.float32)
        if goal.room:
            rooms = _meant(self._words(goal.room).numpy(), self._rooms)
        return Goal(_meant(self._words(goal.target).numpy(), self._things), rooms)

    def _note(self, percept: Percept) -> None:
        """Keep the names of what is seen for sure, the latest last."""
        best = percept.things.max(0) * self._movable
        for index in np.argsort(best)[-SEEN_LATELY:]:
            name = self.config.thing_names[index]
            if best[index] > SURE:
                self._seen = [n for n in self._seen if n != name] + [name]
        self._seen = self._seen[-SEEN_LATELY:]

    def _room_of(self, pose: Array) -> str:
        shares = self.survey.semantic.rooms_near(pose[None, :3], 0.75)[0]
        return self.config.room_names[int(shares.argmax())] if shares.any() else ""


def choices(rows: Tensor, words: int) -> Choices:
    """Return waypoints' rows (..., waypoints, width) as the network takes them."""
    return Choices(*rows.split([NUMBERS, words, words], dim=-1))


def _meant(word: Array, names: Array) -> Array:
    """Return the share of each name (n, text_width) in what a word (text_width,) means."""
    score = np.exp(SHARPNESS * (names @ word - 1))
    return np.asarray(score / score.sum(), np.float32)


def _units(rows: Tensor) -> Array:
    return np.asarray(torch.nn.functional.normalize(rows.float(), dim=-1).cpu().numpy())
