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
from longhaul.options import group
from longhaul.policies.checkpoint import read_trained_on
from longhaul.policies.mgdm.agent import Agent, StepInput
from longhaul.policies.mgdm.checkpoint import FILES, SHIPPED, untrained
from longhaul.policies.mgdm.config import SMALL
from longhaul.policies.mgdm.config import architecture as architecture_named
from longhaul.policies.mgdm.decision.chain_of_thought import (
    RENEWAL_STEPS,
    ChainOfThought,
    build_chain_of_thought,
)
from longhaul.policies.mgdm.decision.goal_selection import GoalSelector
from longhaul.policies.mgdm.decision.language_head import matching_language_model
from longhaul.policies.mgdm.decision.rule import TARGET_EVIDENCE, Rule
from longhaul.policies.mgdm.decision.subgoals import SubgoalReader, SubgoalTracker
from longhaul.policies.mgdm.decision.waypoint_features import WaypointTokens
from longhaul.policies.mgdm.mapping.waypoints import STRUCTURE
from longhaul.policies.mgdm.memory.episode_memory import EpisodeMemory
from longhaul.policies.mgdm.memory.long_term import LongTermMemory, combine, load, path_beside
from longhaul.policies.mgdm.model import StepEncoding
from longhaul.policies.mgdm.options import LongTermOptions, ShortTermOptions, short_term_of
from longhaul.policies.mgdm.perception.observations import (
    DEPTH_VIEWS,
    POSE,
    REQUIREMENT,
    RGB_VIEWS,
    STEP,
    STOP,
    TURN_LEFT,
)
from longhaul.policies.mgdm.perception.perceiver import Perceiver
from longhaul.policies.mgdm.perception.relative_pose import pose_features
from longhaul.policies.mgdm.perception.text_embedding import TextEmbedder
from longhaul.policies.mgdm.picture.explain import EpisodeExplanation
from longhaul.policies.mgdm.picture.trace import Trace, TracedStep
from longhaul.policies.policy import Actions, Batch, Explanation, Setting, Start
from longhaul.profiling import part

DECISIONS = ("network", "rule")

RANDOM_STREAM = 17
"""Number of this policy's random stream, which keeps its draws apart from others that begin with an
episode's seed."""

FIRST_TURNS = 5
"""Turns with which an episode begins. The cameras see 210 degrees, and a turn is 30, so that these
show the rest of the surroundings."""


@dataclass
class _Slot:
    """An env slot's episode: its agent and memory, how it decides, and what it did last."""

    agent: Agent
    memory: EpisodeMemory
    random: np.random.Generator = field(init=False)
    last_action: int = -1
    turns_left: int = FIRST_TURNS
    selector: GoalSelector = field(init=False)
    rule: Rule | None = None
    stop_probability: float | None = None
    pose: Tensor | None = None
    explanation: EpisodeExplanation = field(default_factory=EpisodeExplanation)


class MgdmPolicy:
    """Stops where it is at the goal with a probability above `stop_threshold`, and else takes the
    likeliest action. The threshold falls from step to step, to nearly nothing `patience` steps into
    a subtask.

    The weights are the setting's checkpoint, else the shipped one, else an untrained small network.
    Rows are computed one by one, so that none depends on another. Raises ConfigError or
    CheckpointError in one line.

    Args:
        architecture: The size of the network, small; None takes the checkpoint's own.
        short_term: The memory of the latest steps.
        long_term: The memory of earlier houses.
        thought: What writes chains of thought, none, template or one of `backends`.
        thought_period: Steps after which a thought is renewed; 0 writes one for each subtask.
        backends: Chat back ends by name, each with its options as in configs/language.
        language_model: The folder of the language model with which a checkpoint was trained, if it
            was.
        decision: What chooses among the waypoints, network or rule (README.md has both figures;
            rule is also for a first round of DAgger, before there is a network).
        stop_threshold: The probability of being at the goal from which it stops, as a subtask
            begins.
        persistence: How much likelier (nats) another waypoint must be than the one to which the
            robot goes.
        patience: Steps into a subtask after which `stop_threshold` has become nearly nothing.
        sample: True draws motions from the distribution, by the episode's seed.
        threads: Torch's threads, for the whole process; more than one gets in the way of the env
            workers; None leaves their number as it is.
        seed: The seed of untrained weights.
    """

    requirement = REQUIREMENT
    reads = (*RGB_VIEWS, *DEPTH_VIEWS, POSE, STEP)

    def __init__(
        self,
        setting: Setting,
        architecture: str | None = None,
        short_term: ShortTermOptions | Mapping[str, Any] = ShortTermOptions(),
        long_term: LongTermOptions | Mapping[str, Any] = LongTermOptions(),
        thought: str = "template",
        thought_period: int = RENEWAL_STEPS,
        backends: Mapping[str, Mapping[str, Any]] = {},
        language_model: str | None = None,
        decision: Literal["network", "rule"] = "network",
        stop_threshold: float = 0.5,
        persistence: float = 1.0,
        patience: int = 320,
        sample: bool = False,
        threads: int | None = 1,
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
        require_compatible(setting.env, REQUIREMENT, "env")
        _require_pictures(setting, config.picture)
        self._mode, self._capacity = short_term_of(short_term, config)
        self._chain_of_thought = build_chain_of_thought(thought, backends)
        self._period = thought_period
        self._texts, self._reader = TextEmbedder(), SubgoalReader()
        self._names = tuple("" if n in STRUCTURE else n for n in config.thing_names)
        require_known("policy.decision", decision, DECISIONS)
        self._persistence, self._patience = persistence, patience
        self._by_rule = decision == "rule"
        language = matching_language_model(language_model, config.head, encoders)
        model = untrained(config, seed, language)
        if checkpoint is not None:
            FILES.load_into(model, checkpoint, config)
        self.trained: bool | None = checkpoint is not None
        self._trained_on = read_trained_on(checkpoint)
        self.config = config
        self._model = model.to(setting.device).eval()
        self._perceiver = Perceiver(self._model.encoder)
        self._device = torch.device(setting.device)
        self._k, self._long_term = _long_term(long_term, checkpoint, self._texts)
        self._threshold, self._sample = stop_threshold, sample
        self._slots: dict[int, _Slot] = {}
        self._trace: Trace | None = None
        self._dtype = setting.action_space.dtype
        self._provenance = {
            "checkpoint": "none" if checkpoint is None else file_hash(checkpoint),
            "architecture": config.name,
            "short_term": f"{self._mode} {self._capacity}",
            "long_term": str(self._k),
            "decision": decision,
            **_thoughts_provenance(self._chain_of_thought),
        }

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Read the slots' instructions; at an episode's start, clear map and memory, too."""
        for slot, start in zip(slots, starts, strict=True):
            subgoals = self._reader(start.instruction, start.seed)
            if start.new_episode or slot not in self._slots:
                state = self._slots[slot] = self._new_slot(slot)
                state.rule = Rule() if self._by_rule else None
                state.selector = self._new_selector()
                state.random = np.random.default_rng([start.seed, RANDOM_STREAM])
                state.agent.begin(subgoals, start.instruction)
            else:
                self._slots[slot].agent.tracker = SubgoalTracker(subgoals)
            self._slots[slot].last_action = -1

    def _new_slot(self, slot: int) -> _Slot:
        """Return a slot at the start of an episode; its agent is used again."""
        memory = EpisodeMemory(self._capacity, self._mode, self._model.config.width)
        if slot in self._slots:
            return _Slot(self._slots[slot].agent, memory)
        shared = self._texts, self._perceiver
        agent = Agent(self._model, self._chain_of_thought, self._period, *shared)
        return _Slot(agent, memory)

    def _new_selector(self) -> GoalSelector:
        return GoalSelector(self._persistence, self._threshold, self._patience)

    def act(self, batch: Batch) -> np.ndarray:
        """Return actions (n,)."""
        rows = [
            {name: torch.from_numpy(np.array(a[i])) for name, a in batch.observations.items()}
            for i in range(len(batch.slots))
        ]
        pairs = zip(batch.slots, rows, strict=True)
        return np.array([self._act(self._slots[slot], row) for slot, row in pairs], self._dtype)

    def executed(self, slots: Sequence[int], actions: Actions) -> None:
        """Note that these actions are executed in place of the ones returned last."""
        for slot, action in zip(slots, np.asarray(actions), strict=True):
            self._slots[slot].last_action = int(action)

    def explain(self, slot: int) -> Explanation:
        """Return the map around the robot with its path, the subgoal, the thought, how likely it is
        at the goal, and the similarity of each memory row to the present view. A rule has no
        memory."""
        state = self._slots[slot]
        assert state.pose is not None, "explain comes after act"
        if state.rule is not None:
            measure = {"looks like the target": state.rule.evidence}
            destination, similarity = state.rule.destination, {}
        else:
            assert state.stop_probability is not None
            measure = {"p(stop)": state.stop_probability}
            destination, similarity = state.selector.destination, state.memory.similarity()
        agent = state.agent
        text = {"subgoal": str(agent.tracker.current), "thought": agent.thought}
        picture = state.explanation.map(agent.map, state.pose.numpy(), destination, self._names)
        return {"map, north up": picture, **text, **measure, **similarity}

    def provenance(self) -> Mapping[str, str]:
        return dict(self._provenance)

    def trained_on(self) -> Mapping[str, Any]:
        return self._trained_on

    def trace(self) -> Trace:
        """Return a trace to which the policy's steps are added from now on; it is of one slot."""
        if self._by_rule:
            self._trace = Trace("none", self._capacity, "looks like the target")
        else:
            self._trace = Trace(self._mode, self._capacity, "p(stop)")
        return self._trace

    @torch.inference_mode()
    def _act(self, state: _Slot, row: Mapping[str, Tensor]) -> int:
        agent = state.agent
        if state.last_action == STOP:
            agent.tracker.stop()
            state.selector = self._new_selector()
        observation = {name: value[None].to(self._device) for name, value in row.items()}
        step_input = agent.prepare(observation, state.last_action)
        state.pose = row[POSE]
        if state.rule is not None:
            return self._act_by_rule(state, row, state.rule, step_input)
        with part("predict"):
            return self._act_by_network(state, row, observation[STEP][:, 0].float(), step_input)

    def _act_by_rule(
        self, state: _Slot, row: Mapping[str, Tensor], rule: Rule, step_input: StepInput
    ) -> int:
        state.last_action = self._look_around(state, rule.decide(step_input.waypoints))
        if self._trace is not None:
            state.agent.think()  # for the trace alone: the rule does not read thoughts
            self._add(state, row, (rule.evidence, TARGET_EVIDENCE), None, rule.destination)
        return state.last_action

    def _act_by_network(
        self, state: _Slot, row: Mapping[str, Tensor], step: Tensor, step_input: StepInput
    ) -> int:
        agent, device = state.agent, self._device
        target, room = step_input.subgoal.to(device).unbind(0)
        columns = step_input.columns[None].to(device)
        encoding = self._model.encode_step(columns, target[None], room[None])
        pose = pose_features(row[POSE].to(device))
        rows = torch.from_numpy(agent.rows(step_input.waypoints))[None].to(device)
        with part("memory"):
            remembered = state.memory.rows_seen_from(pose)
        decision = self._model.decide(
            encoding.h,
            remembered,
            WaypointTokens.of(rows),
            agent.think().to(device)[None],
            step,
        )
        decision = state.selector.select(decision, step_input.waypoints)
        probabilities = decision.action_probabilities()[0]
        if self._long_term is not None:
            name, view = agent.tracker.current.target, encoding.visual.float().cpu().numpy()
            recalled = torch.from_numpy(self._long_term.recall(name, view, self._k))[0]
            probabilities = combine(probabilities, recalled.to(probabilities))
        state.memory.push(StepEncoding(*(value[0] for value in encoding)), pose)
        state.stop_probability = float(probabilities[STOP])
        action = self._choose(probabilities.double().cpu().numpy(), state)
        state.last_action = self._look_around(state, action)
        if self._trace is not None:
            confidence = encoding.reflex[0].softmax(-1).float().cpu().numpy()
            measure = state.stop_probability, state.selector.stop_threshold
            self._add(state, row, measure, confidence, state.selector.destination)
        return state.last_action

    def _add(
        self,
        state: _Slot,
        row: Mapping[str, Tensor],
        measure: tuple[float, float],
        confidence: np.ndarray | None,
        destination: np.ndarray | None,
    ) -> None:
        """Add a step to the trace; `measure` is the trace's measure and its threshold."""
        assert self._trace is not None
        agent, pose = state.agent, row[POSE].numpy()
        self._trace.add(
            agent.map,
            agent.tracker.subgoals,
            TracedStep(
                pose,
                agent.tracker.number,
                *measure,
                confidence,
                destination,
                agent.thought,
                state.last_action,
            ),
        )

    @staticmethod
    def _look_around(state: _Slot, action: int) -> int:
        """Return the action, or a turn in the episode's first steps."""
        if not state.turns_left or action == STOP:
            return action
        state.turns_left -= 1
        return TURN_LEFT

    def _choose(self, probabilities: np.ndarray, state: _Slot) -> int:
        """Return a stop where that is likely enough, else a motion."""
        if probabilities[STOP] > state.selector.stop_threshold:
            return STOP
        motions = np.delete(probabilities, STOP) / (1 - probabilities[STOP])
        number = state.random.choice(len(motions), p=motions) if self._sample else motions.argmax()
        return int(np.delete(np.arange(len(probabilities)), STOP)[number])


def _thoughts_provenance(chain_of_thought: ChainOfThought | None) -> Mapping[str, str]:
    return {"thoughts": "none"} if chain_of_thought is None else chain_of_thought.provenance()


def _require_pictures(setting: Setting, size: int) -> None:
    spaces: Any = setting.observation_space
    found = spaces[RGB_VIEWS[0]].shape[0]
    if found != size:
        raise ConfigError(f"policy=mgdm sees pictures of {size} pixels, not env.size={found}")


def _long_term(
    given: LongTermOptions | Mapping[str, Any], checkpoint: Path | None, texts: TextEmbedder
) -> tuple[int, LongTermMemory | None]:
    """Return how many views are recalled, and the memory, None where k is 0."""
    options = group("policy.long_term", given, LongTermOptions)
    k, path = options.k, options.path
    if type(k) is not int or k < 0:
        raise ConfigError(f"policy.long_term.k={k} must be a whole number, 0 or more")
    if not k:
        return 0, None
    if path is not None:
        file = Path(path)
    elif checkpoint is not None:
        file = path_beside(checkpoint)
    else:
        raise ConfigError(f"policy.long_term.k={k} needs a checkpoint, or policy.long_term.path")
    return k, load(file, texts.embed, None if checkpoint is None else file_hash(checkpoint))
