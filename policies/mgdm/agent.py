"""The agent: what MGDM knows in one episode, and what it puts before the network at a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.policies.mgdm.decision.chain_of_thought import (
    RENEWAL_STEPS,
    ChainOfThought,
    Schedule,
    Situation,
)
from longhaul.policies.mgdm.decision.subgoals import Subgoal, SubgoalTracker
from longhaul.policies.mgdm.decision.waypoint_features import waypoint_rows
from longhaul.policies.mgdm.mapping.episode_map import EpisodeMap
from longhaul.policies.mgdm.mapping.shortest_paths import ShortestPaths
from longhaul.policies.mgdm.mapping.waypoints import STRUCTURE, Goal, Waypoints, find_waypoints
from longhaul.policies.mgdm.model import Mgdm
from longhaul.policies.mgdm.perception.observations import DEPTH_VIEWS, POSE, RGB_VIEWS
from longhaul.policies.mgdm.perception.perceiver import Perceiver
from longhaul.policies.mgdm.perception.percept import Percept
from longhaul.policies.mgdm.perception.text_embedding import TextEmbedder
from longhaul.profiling import part

Array = NDArray[np.float32]

NAME_SHARPNESS = 20.0
"""Inverse temperature of the softmax over the cosines between a subgoal's embedding and those of
the names that the encoder knows; ours."""

PERCEIVED = (POSE, *RGB_VIEWS, *DEPTH_VIEWS)
"""The observations on which a percept depends, after the pose, which tells two steps apart at
once."""

RECENT_THINGS = 4
"""Names of recently seen things that a chain of thought gets at most; ours."""

RECENT_THING_PROBABILITY = 0.5
"""A thing counts as seen if some patch shows it with more than this probability; ours."""


class StepInput(NamedTuple):
    """What a step puts before the network: the encoder's `columns` (3 * columns, features), the
    candidate `waypoints`, and the embeddings of the `subgoal`'s target and room (2, text_width)."""

    columns: Tensor
    waypoints: Waypoints
    subgoal: Tensor


class Agent:
    """Perceives, maps and reasons in one episode at a time. Network, text embeddings and perceiver
    may be shared between agents."""

    def __init__(
        self,
        model: Mgdm,
        chain_of_thought: ChainOfThought | None = None,
        renewal_steps: int = RENEWAL_STEPS,
        texts: TextEmbedder | None = None,
        perceiver: Perceiver | None = None,
    ) -> None:
        self.model, self.config = model, model.config
        self._texts = texts or TextEmbedder()
        self._perceiver = perceiver or Perceiver(model.encoder)
        self._schedule = None
        if chain_of_thought is not None:
            self._schedule = Schedule(chain_of_thought, renewal_steps)
        encoder = model.encoder
        self.map = EpisodeMap(encoder, model.config.picture)
        names = encoder.names.float().cpu().numpy()
        self._things, self._rooms = names[: encoder.things], names[encoder.things :]
        self._selectable = np.array(
            [name not in STRUCTURE for name in self.config.thing_names], np.float32
        )
        with torch.no_grad():
            self._thing_words = _unit_rows(encoder.thing_word(encoder.names[: encoder.things]))
            self._room_words = _unit_rows(encoder.room_word(encoder.names[encoder.things :]))
        self.begin((Subgoal("nothing"),))

    def begin(self, subgoals: Sequence[Subgoal], instruction: str = "") -> None:
        """Begin an episode."""
        self.tracker = SubgoalTracker(tuple(subgoals))
        self.instruction = instruction or ", then ".join(str(subgoal) for subgoal in subgoals)
        self.map.clear()
        self._goals: dict[Subgoal, tuple[Goal, Tensor]] = {}
        self._seen: tuple[Mapping[str, Tensor], Percept] | None = None
        self._recent: list[str] = []
        self._room = ""
        if self._schedule is not None:
            self._schedule.clear()

    def prepare(
        self, observation: Mapping[str, Tensor], action: int, percept: Percept | None = None
    ) -> StepInput:
        """Update the map and return what the network decides on.

        `observation` has a batch dimension of 1, `action` led to it (-1 for none), and `percept` is
        what the encoder recognizes in it, if that is known already.
        """
        unbatched = {name: value[0] for name, value in observation.items()}
        if percept is None:
            with part("encode"):
                percept = self._perceived(observation)
        with part("map"):
            pose = self.map.update(unbatched, percept, action)
            self._note_things(percept)
            paths = ShortestPaths(self.map.occupancy, pose)
        self._room = self._room_at(pose)
        subgoal = self.tracker.current
        if subgoal not in self._goals:
            self._goals[subgoal] = self._goal(subgoal), self._texts.subgoal(subgoal)
        goal, words = self._goals[subgoal]
        with part("waypoints"):
            waypoints = find_waypoints(self.map, paths, goal, self._selectable)
        return StepInput(percept.columns, waypoints, words)

    def _perceived(self, observation: Mapping[str, Tensor]) -> Percept:
        """Return what is recognized in an observation. After a stop or a collision the pictures are
        those of the step before, and so is the percept."""
        if self._seen is not None:
            before, percept = self._seen
            if all(torch.equal(observation[name], before[name]) for name in PERCEIVED):
                return percept
        kept = {name: observation[name].clone() for name in PERCEIVED}
        self._seen = kept, self._perceiver(observation)
        return self._seen[1]

    def rows(self, waypoints: Waypoints) -> Array:
        """Return the network's input of waypoints, (config.waypoints, features); see
        waypoint_rows."""
        words = self._thing_words, self._room_words
        return waypoint_rows(waypoints, *words, self.config.waypoints)

    def think(self) -> Tensor:
        """Take a step of the chain of thought; returns the embedding (text_width,) of the thought
        that is in force, zeros where there is none."""
        if self._schedule is None:
            return self._texts("")
        return self._texts(self._schedule.step(self.tracker.number, self._situation))

    @property
    def thought(self) -> str:
        """The thought that is in force, in words; empty where there is none."""
        return "" if self._schedule is None else self._schedule.thought

    def _situation(self) -> Situation:
        tracker = self.tracker
        number, count = tracker.number, len(tracker.subgoals)
        recent = tuple(self._recent)
        return Situation(
            self.instruction, tracker.current, number, count, room=self._room, seen=recent
        )

    def _goal(self, subgoal: Subgoal) -> Goal:
        rooms = np.zeros(len(self._rooms), np.float32)
        if subgoal.room:
            rooms = _name_shares(self._texts(subgoal.room).numpy(), self._rooms)
        return Goal(_name_shares(self._texts(subgoal.target).numpy(), self._things), rooms)

    def _note_things(self, percept: Percept) -> None:
        """Remember the names of the things that are seen, the latest last."""
        best = percept.things.max(0) * self._selectable
        for index in np.argsort(best)[-RECENT_THINGS:]:
            name = self.config.thing_names[index]
            if best[index] > RECENT_THING_PROBABILITY:
                self._recent = [n for n in self._recent if n != name] + [name]
        self._recent = self._recent[-RECENT_THINGS:]

    def _room_at(self, pose: Array) -> str:
        """Return the kind of room that the map has at a pose (4,); empty where it has none."""
        shares = self.map.semantic.rooms_near(pose[None, :3], 0.75)[0]
        return self.config.room_names[int(shares.argmax())] if shares.any() else ""


def _name_shares(word: Array, names: Array) -> Array:
    """Return how much each of the names (n, text_width) means a word (text_width,); the shares add
    up to 1."""
    score = np.exp(NAME_SHARPNESS * (names @ word - 1))
    return np.asarray(score / score.sum(), np.float32)


def _unit_rows(rows: Tensor) -> Array:
    return np.asarray(torch.nn.functional.normalize(rows.float(), dim=-1).cpu().numpy())
