"""Planner, actor and reporters as a policy of the suite (`longhaul.policies.policy.Policy`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.spaces import Dict

from longhaul.errors import ConfigError, require_known
from longhaul.files import file_hash
from longhaul.language.build import build_chat_model
from longhaul.language.chat import ChatModel
from longhaul.language.errors import SetupError
from longhaul.language.transcript import Recorded, Transcript
from longhaul.options import group
from longhaul.policies.planner.actor import build_actor
from longhaul.policies.planner.memory import Memory, MemoryFiles
from longhaul.policies.planner.planner import Conversation, Limits, Planner
from longhaul.policies.planner.reports import Reporter, channels_of
from longhaul.policies.policy import Batch, Explanation, Setting, Start, trained_on
from longhaul.secrets import hidden


class PlannerPolicy:
    """A language model names each step, an actor carries it out, reporters say how it went.

    Raises ConfigError in one line for options that are not valid. A LanguageError during an
    episode is left to the rollout loop, which records it.

    Args:
        backends: Chat back ends by name, each with its options as in configs/language.
        backend: Which of `backends` plans; lexical compares words and needs no language model.
        plan_mode: How a back end plans, score (lexical, local), generate or json (endpoint, local).
        actor: What carries a step out, oracle (any skill in words) or the name of a learned actor.
        actors: The options of the learned actors by name, as in their YAML files.
        feedback: What the planner is told about a step, none (the scene once), explicit (scene and
            verdict in words) or implicit (pictures).
        caption: How the scene is described, off, once, oracle or learned; None is as `feedback`
            says.
        verdict: How a step's success is reported, off, oracle or learned; None is as `feedback`
            says.
        image: Whether the model gets pictures, off or on; None is as `feedback` says.
        picture: The image observation that is used, such as rgb_map or rgb_front.
        reporter: Which of `backends` is asked for learned captions and verdicts; it must take
            images.
        adapter: A file of weights with which a local back end takes images
            (scripts/planner_adapt.py).
        memory: Files with knowledge from before the run.
        limits: The limits of an episode.
    """

    def __init__(
        self,
        setting: Setting,
        backends: Mapping[str, Mapping[str, Any]] = {"lexical": {"name": "lexical"}},
        backend: str = "lexical",
        plan_mode: str = "score",
        actor: str = "oracle",
        actors: Mapping[str, Mapping[str, Any]] = {},
        feedback: str = "explicit",
        caption: str | None = None,
        verdict: str | None = None,
        image: str | None = None,
        picture: str = "rgb_map",
        reporter: str = "endpoint",
        adapter: str | None = None,
        memory: MemoryFiles | Mapping[str, Any] = MemoryFiles(),
        limits: Limits | Mapping[str, Any] = Limits(),
    ) -> None:
        channels = channels_of(feedback, caption=caption, verdict=verdict, image=image)
        self._memory = Memory(group("policy.memory", memory, MemoryFiles))
        self._actor = build_actor(actor, actors, setting)
        self.requirement, self.trained = self._actor.requirement, self._actor.trained
        limits = group("policy.limits", limits, Limits)
        try:
            model = _model(backend, backends, adapter)
            seeing = _seeing(reporter, backends) if "learned" in channels.values() else None
            self._planner = Planner(model, plan_mode, limits, self._memory)
        except SetupError as error:
            raise ConfigError(f"policy.backend={backend}: {error}") from None
        if channels["image"] == "on" and not model.abilities.images:
            raise ConfigError(
                f"policy.feedback={feedback}: back end {backend} sees no images; valid: local with "
                "policy.adapter=FILE, endpoint with policy.backends.endpoint.images=true"
            )
        self._reporter = Reporter(channels, picture, seeing)
        _require_observed(self._reporter.needs, setting)
        self._talks: dict[int, Conversation] = {}
        self._starts: dict[int, Start] = {}
        self._steps: Path | None = None
        self._provenance = {**model.provenance(), **self._memory.hashes}
        if adapter is not None:
            self.trained = self.trained is not False
            self._provenance["adapter"] = file_hash(Path(adapter))

    @staticmethod
    def worker_parts(options: Mapping[str, Any]) -> dict[str, str]:
        """Return the worker parts that these options need, in addition to the YAML's `parts`."""
        given = {name: options[name] for name in ("caption", "verdict", "image")}
        channels = channels_of(options["feedback"], **given)
        oracles = {
            "skills": options["actor"] == "oracle",
            "captions": channels["caption"] in ("once", "oracle"),
            "success": channels["verdict"] == "oracle",
        }
        return {part: "oracle" for part, wanted in oracles.items() if wanted}

    def write_into(self, folder: Path) -> None:
        """Write what was said to `transcript.jsonl` and what was decided to `steps.jsonl`."""
        transcript = Transcript(folder / "transcript.jsonl")
        self._planner.model = Recorded(self._planner.model, transcript)
        if self._reporter.model is not None:
            self._reporter.model = Recorded(self._reporter.model, transcript)
        self._steps = folder / "steps.jsonl"

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Begin a conversation at a new episode; at a new subtask only the goal changes."""
        for slot, start in zip(slots, starts, strict=True):
            self._starts[slot] = start
            if start.new_episode or slot not in self._talks:
                self._talks[slot] = Conversation(start.episode_id, start.instruction, start.seed)
            self._talks[slot].goal = start.instruction

    def act(self, batch: Batch) -> dict[str, np.ndarray]:
        """Return actions of the env's space, one row for each slot."""
        skills = []
        for index, slot in enumerate(batch.slots):
            row = {key: values[index] for key, values in batch.observations.items()}
            skills.append(self._decide(self._talks[slot], row))
        starts = [self._starts[slot] for slot in batch.slots]
        rows = self._actor.act(batch, starts, skills)
        return {key: np.stack([row[key] for row in rows]) for key in rows[0]}

    def correct(self, slot: int, text: str) -> None:
        """Give a person's sentence to the planner, before it names the next step."""
        self._talks[slot].heard.append(text)

    def explain(self, slot: int) -> Explanation:
        """Return the goal, the present step, the refusals, and why no more steps are planned."""
        talk = self._talks[slot]
        return {
            "goal": talk.goal,
            "step": "none" if talk.tried is None else str(talk.tried),
            "refused so far": "; ".join(talk.refusals),
            "over": talk.over,
        }

    def provenance(self) -> Mapping[str, str]:
        actor = {f"actor_{key}": value for key, value in self._actor.provenance().items()}
        return self._provenance | actor

    def trained_on(self) -> Mapping[str, Any]:
        """Return what the actor was trained on."""
        return trained_on(self._actor)

    def _decide(self, talk: Conversation, row: Mapping[str, np.ndarray]) -> Any:
        for model in (self._planner.model, self._reporter.model):
            if isinstance(model, Recorded):
                model.context = {"episode": talk.episode, "step": talk.steps}
        report = self._reporter.report(row, talk)
        step, told = talk.steps, len(talk.refusals)
        skill = self._planner.next(talk, report)
        if self._steps is not None:
            entry = {
                "episode": talk.episode,
                "step": step,
                "succeeded": report.succeeded,
                "skill": None if skill is None else str(skill),
                "refusals": talk.refusals[told:],
                "over": talk.over,
                "tokens": talk.tokens,
            }
            with self._steps.open("a", encoding="utf-8") as file:
                file.write(json.dumps(hidden(entry)) + "\n")
        return skill


def _model(name: str, backends: Mapping[str, Mapping[str, Any]], adapter: str | None) -> ChatModel:
    require_known("policy.backend", name, backends)
    model = build_chat_model(backends[name])
    if adapter is not None:
        from longhaul.policies.planner.adapter import attach

        attach(model, Path(adapter))
    return model


def _seeing(name: str, backends: Mapping[str, Mapping[str, Any]]) -> ChatModel:
    require_known("policy.reporter", name, backends)
    model = build_chat_model(backends[name])
    if not model.abilities.images:
        raise ConfigError(f"policy.reporter={name} sees no images; a learned channel needs one")
    return model


def _require_observed(needs: Sequence[str], setting: Setting) -> None:
    space = setting.observation_space
    offered = space.spaces.keys() if isinstance(space, Dict) else ()
    for name in needs:
        if name not in offered:
            raise ConfigError(
                f"the planner's channels need observation {name}; the env offers "
                f"{', '.join(sorted(offered))}"
            )
