"""The policy of the suite: MGDM behind `longhaul.policies.policy.Policy`, in LH-VLN's houses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from longhaul.envs.specs import require_compatible
from longhaul.errors import ConfigError, require_known
from longhaul.files import file_hash
from longhaul.policies.mgdm.agent import Agent, choices
from longhaul.policies.mgdm.config import SMALL
from longhaul.policies.mgdm.config import architecture as architecture_named
from longhaul.policies.mgdm.decision.chain_of_thought import PERIOD, build_provider
from longhaul.policies.mgdm.decision.goal_selection import Intent
from longhaul.policies.mgdm.decision.language_head import matching
from longhaul.policies.mgdm.decision.rule import KNOWN, Rule
from longhaul.policies.mgdm.decision.subgoals import SubgoalReader, SubgoalTracker
from longhaul.policies.mgdm.mapping.waypoints import STRUCTURE
from longhaul.policies.mgdm.memory.episode_memory import Past
from longhaul.policies.mgdm.memory.long_term import LongTermMemory, combine, load, path_beside
from longhaul.policies.mgdm.model import FILES, SHIPPED, Glance, untrained
from longhaul.policies.mgdm.options import group, short_term_of
from longhaul.policies.mgdm.perception.observations import (
    COLORS,
    HOUSE,
    LEFT,
    POSE,
    STEP,
    STOP,
    places,
)
from longhaul.policies.mgdm.perception.text_embedding import Words
from longhaul.policies.mgdm.picture.explain import ExplainedEpisode
from longhaul.policies.mgdm.picture.trace import Moment, Trace
from longhaul.policies.policy import Actions, Batch, Explanation, Setting, Start

DECISIONS = ("network", "rule")

STREAM = 17
"""Keeps these draws apart from others that begin with an episode's seed."""


LOOK_AROUND = 5
"""Turns with which an episode begins: the cameras see 210 degrees, so that these show the rest."""


@dataclass
class _Slot:
    """An env slot's episode: what it knows, what is remembered, and what was done last."""

    agent: Agent
    past: Past
    random: np.random.Generator = field(init=False)
    last: int = -1
    around: int = LOOK_AROUND
    intent: Intent = field(init=False)
    rule: Rule | None = None
    stop: Tensor | None = None
    pose: Tensor | None = None
    explained: ExplainedEpisode = field(default_factory=ExplainedEpisode)


class MgdmPolicy:
    """Stops where it is surer than `stop_threshold` to be at the goal, else does what is likeliest;
    what is sure enough becomes less from step to step, to nearly nothing `patience` steps into a
    subtask.

    `architecture` None is the checkpoint's own: then the weights are the setting's checkpoint, else
    the shipped one, else an untrained small network. `short_term` holds `mode` and `capacity`
    (None: as trained), `long_term` holds `k` (0: none) of the memory beside the checkpoint, or in
    the file `path`. `thought` is none, template, or one of `backends`, renewed every
    `thought_period` steps. `language_model` is the folder of the one with which a checkpoint was
    trained, if it was. `decision` rule has decision/rule.py decide in the network's place.
    `persistence` is how much surer (nats) another waypoint must be than the
    one that it goes to. `sample` draws motions instead, by the episode's seed. `threads` sets
    torch's for the process. Rows are computed one by one, so that none depends on another. Raises
    ConfigError or CheckpointError in one line.
    """

    requirement = HOUSE

    def __init__(
        self,
        setting: Setting,
        architecture: str | None = None,
        short_term: Mapping[str, Any] | None = None,
        long_term: Mapping[str, Any] | None = None,
        thought: str = "none",
        thought_period: int = PERIOD,
        backends: Mapping[str, Mapping[str, Any]] | None = None,
        language_model: str | None = None,
        decision: Literal["network", "rule"] = "network",
        stop_threshold: float = 0.5,
        persistence: float = 1.0,
        patience: int = 320,
        sample: bool = False,
        threads: int | None = None,
        seed: int = 0,
    ) -> None:
        if not 0 < stop_threshold < 1:
            raise ConfigError(f"policy.stop_threshold={stop_threshold} must be between 0 and 1")
        if type(patience) is not int or patience < 1:
            raise ConfigError(f"policy.patience={patience} must be a whole number, at least 1")
        if threads is not None:
            torch.set_num_threads(threads)
        wanted = None if architecture is None else architecture_named(architecture)
        checkpoint, config, encoders = FILES.choose(setting.checkpoint, SHIPPED, wanted, SMALL)
        require_compatible(setting.env, HOUSE, "env")
        _require_pictures(setting, config.picture)
        self._mode, self._capacity = short_term_of(short_term, config)
        self._provider = build_provider(thought, backends)
        self._period = thought_period
        self._words, self._reader = Words(), SubgoalReader()
        self._names = tuple("" if n in STRUCTURE else n for n in config.thing_names)
        require_known("policy.decision", decision, DECISIONS)
        self._persistence, self._patience = persistence, patience
        self._ruled = decision == "rule"
        model = untrained(config, seed, matching(language_model, config.head, encoders))
        if checkpoint is not None:
            FILES.load_into(model, checkpoint, config)
        self.trained: bool | None = checkpoint is not None
        self.config = config
        self._model = model.to(setting.device).eval()
        self._device = torch.device(setting.device)
        self._k, self._long_term = _long_term(long_term, checkpoint, self._words)
        self._threshold, self._sample = stop_threshold, sample
        self._slots: dict[int, _Slot] = {}
        self.watch: Trace | None = None
        self._dtype = setting.action_space.dtype
        self._provenance = {
            "checkpoint": "none" if checkpoint is None else file_hash(checkpoint),
            "architecture": config.name,
            "short_term": f"{self._mode} {self._capacity}",
            "long_term": str(self._k),
            "decision": decision,
            **({"thoughts": "none"} if self._provider is None else self._provider.provenance()),
        }

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Take up the slots' instructions; what is remembered goes at an episode's start only."""
        for slot, start in zip(slots, starts, strict=True):
            goals = self._reader(start.instruction, start.seed)
            if start.new_episode or slot not in self._slots:
                state = self._slots[slot] = self._opened(slot)
                state.rule = Rule() if self._ruled else None
                state.intent = Intent(self._persistence, self._threshold, self._patience)
                state.random = np.random.default_rng([start.seed, STREAM])
                state.agent.begin(goals, start.instruction)
            else:
                self._slots[slot].agent.tracker = SubgoalTracker(goals)
            self._slots[slot].last = -1

    def _opened(self, slot: int) -> _Slot:
        """Return a slot at the start of an episode; its maps are used again."""
        past = Past(self._capacity, self._mode, self._model.config.width)
        if slot in self._slots:
            return _Slot(self._slots[slot].agent, past)
        return _Slot(Agent(self._model, self._provider, self._period, self._words), past)

    def act(self, batch: Batch) -> np.ndarray:
        """Return actions (n,)."""
        rows = [
            {name: torch.from_numpy(np.array(a[i])) for name, a in batch.observations.items()}
            for i in range(len(batch.slots))
        ]
        pairs = zip(batch.slots, rows, strict=True)
        return np.array([self._act(self._slots[slot], row) for slot, row in pairs], self._dtype)

    def executed(self, slots: Sequence[int], actions: Actions) -> None:
        """Take note that these actions are done in place of the ones answered last."""
        for slot, action in zip(slots, np.asarray(actions), strict=True):
            self._slots[slot].last = int(action)

    def explain(self, slot: int) -> Explanation:
        """Return the map around the robot with its way, the subgoal, the thought, how sure it is,
        and how like each memory is to what it sees; memories are the network's, a rule has none."""
        state = self._slots[slot]
        assert state.pose is not None, "explain comes after act"
        if state.rule is not None:
            sure, goal = {"looks like the target": state.rule.evidence}, state.rule.toward
            likeness = {}
        else:
            assert state.stop is not None
            sure, goal = {"p(stop)": float(state.stop)}, state.intent.toward
            likeness = state.past.likeness()
        agent = state.agent
        said = {"subgoal": str(agent.tracker.current), "thought": agent.said}
        seen = state.explained.map(agent.survey, state.pose.numpy(), goal, self._names)
        return {"map, north up": seen, **said, **sure, **likeness}

    def provenance(self) -> Mapping[str, str]:
        return dict(self._provenance)

    def trace(self) -> Trace:
        """Return a trace that from now on is told what the policy has in mind: of one slot."""
        if self._ruled:
            self.watch = Trace("none", self._capacity, "looks like the target")
        else:
            self.watch = Trace(self._mode, self._capacity, "p(stop)")
        return self.watch

    @torch.inference_mode()
    def _act(self, state: _Slot, row: Mapping[str, Tensor]) -> int:
        agent = state.agent
        if state.last == STOP:
            agent.tracker.stop()
            state.intent = Intent(self._persistence, self._threshold, self._patience)
        device = self._device
        now = {name: value[None].to(device) for name, value in row.items()}
        prepared = agent.prepare(now, state.last)
        state.pose = row[POSE]
        if state.rule is not None:
            state.last = self._around(state, state.rule.decide(prepared.waypoints))
            if self.watch is not None:
                agent.thought()  # for the watch alone: the rule does not read it
                self._tell(state, row, (state.rule.evidence, KNOWN), None, state.rule.toward)
            return state.last
        target, room = prepared.words.to(device).unbind(0)
        glance = self._model.look(prepared.columns[None].to(device), target[None], room[None])
        place = places(row[POSE].to(device))
        decision = self._model.decide(
            glance.h,
            state.past.recall(place),
            choices(torch.from_numpy(agent.rows(prepared))[None].to(device), agent.config.words),
            agent.thought().to(device)[None],
            now[STEP][:, 0].float(),
        )
        decision = state.intent.settle(decision, prepared.waypoints)
        p = decision.probabilities()[0]
        if self._long_term is not None:
            wanted, view = agent.tracker.current.target, glance.visual.float().cpu().numpy()
            recalled = torch.from_numpy(self._long_term.recall(wanted, view, self._k))[0]
            p = combine(p, recalled.to(p))
        state.past.push(Glance(*(value[0] for value in glance)), place)
        state.stop = p[STOP]
        chosen = self._choose(p.double().cpu().numpy(), state)
        state.last = self._around(state, chosen)
        if self.watch is not None:
            confidence = glance.reflex[0].softmax(-1).float().cpu().numpy()
            sure = float(p[STOP]), state.intent.enough
            self._tell(state, row, sure, confidence, state.intent.toward)
        return state.last

    def _tell(
        self,
        state: _Slot,
        row: Mapping[str, Tensor],
        sure: tuple[float, float],
        confidence: np.ndarray | None,
        goal: np.ndarray | None,
    ) -> None:
        """Tell the trace what there was in mind at a step; `sure` is how much, and enough."""
        assert self.watch is not None
        agent = state.agent
        mind = (row[POSE].numpy(), agent.tracker.number, *sure, confidence, goal, agent.said)
        self.watch(agent.survey, agent.tracker.subgoals, Moment(*mind, state.last))

    @staticmethod
    def _around(state: _Slot, action: int) -> int:
        """Return the action, or a turn while the robot looks around."""
        if not state.around or action == STOP:
            return action
        state.around -= 1
        return LEFT

    def _choose(self, p: np.ndarray, state: _Slot) -> int:
        if p[STOP] > state.intent.enough:
            return STOP
        motions = np.delete(p, STOP) / (1 - p[STOP])
        number = state.random.choice(len(motions), p=motions) if self._sample else motions.argmax()
        return int(np.delete(np.arange(len(p)), STOP)[number])


def _require_pictures(setting: Setting, size: int) -> None:
    spaces: Any = setting.observation_space
    found = spaces[COLORS[0]].shape[0]
    if found != size:
        raise ConfigError(f"policy=mgdm sees pictures of {size} pixels, not env.size={found}")


def _long_term(
    given: Mapping[str, Any] | None, checkpoint: Path | None, words: Words
) -> tuple[int, LongTermMemory | None]:
    """Return k and the memory; none for a k of 0."""
    options = group("long_term", given, {"k": 0, "path": None})
    k, path = options["k"], options["path"]
    if type(k) is not int or k < 0:
        raise ConfigError(f"policy.long_term.k={k} must be a whole number, 0 or more")
    if not k:
        return 0, None
    if path is None and checkpoint is None:
        raise ConfigError(f"policy.long_term.k={k} needs a checkpoint, or policy.long_term.path")
    file = path_beside(checkpoint) if path is None and checkpoint is not None else Path(path)
    return k, load(file, words.embed, None if checkpoint is None else file_hash(checkpoint))
