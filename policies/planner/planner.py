"""The planner: one conversation for each episode, from reports to the next skill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longhaul.errors import ConfigError
from longhaul.language.chat import ChatModel, Request
from longhaul.language.errors import one_line, optional
from longhaul.language.structured import Refusal as Unread
from longhaul.language.structured import read_reply
from longhaul.policies.planner import prompt
from longhaul.policies.planner.candidates import candidates
from longhaul.policies.planner.conversation import Conversation
from longhaul.policies.planner.memory import Memory
from longhaul.policies.planner.reports import Report
from longhaul.policies.planner.scene import read_scene
from longhaul.policies.planner.skills import (
    SKILL_SCHEMA,
    Done,
    Reason,
    Refusal,
    Skill,
    believed,
    ground,
    parse,
    sentence,
)

PLAN_MODES = ("score", "generate", "json")
DONE_WORD = "done"
"""The choice that ends the planning."""

MAX_REPLY_TOKENS = 128
"""The most tokens of a reply. Chosen here."""


@dataclass(frozen=True)
class Limits:
    """What an episode may take.

    Attributes:
        attempts: Replies for one step; if all of them are refused, the step passes without an
            action.
        steps: Steps of an episode; None leaves the limit to the env.
        tokens: Tokens of prompts and replies in an episode; None is no limit.
    """

    attempts: int = 3
    steps: int | None = None
    tokens: int | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            missing = value is None and name != "attempts"
            if not missing and (type(value) is not int or value < 1):
                raise ConfigError(f"policy.limits.{name}={value} must be a whole number above 0")


class Planner:
    """Asks `model` for steps. Mode `score` takes the best of the candidates, as SayCan does (Ahn et
    al., 2022), `generate` reads a sentence, `json` reads an object of SKILL_SCHEMA.

    Raises ConfigError for a mode that the model cannot serve.
    """

    def __init__(self, model: ChatModel, mode: str, limits: Limits, memory: Memory) -> None:
        able = [m for m in PLAN_MODES if m != "score" or model.abilities.score]
        if model.abilities.choices and not model.abilities.schema:  # it chooses and cannot write
            able = ["score"]
        if mode not in able:
            name = model.provenance()["backend"]
            raise ConfigError(f"policy.plan_mode={mode}: back end {name} is for {', '.join(able)}")
        if mode == "json":
            optional("jsonschema", "llm")
        self.model, self._mode, self._limits, self._memory = model, mode, limits, memory

    def next(self, talk: Conversation, report: Report) -> Skill | None:
        """Return the next skill; None if the planning is over, or if all attempts at this step were
        refused. Raises LanguageError."""
        self._hear(talk, report)
        self._require_budget(talk)
        skill = None if talk.over else self._ask_until_valid(talk)
        talk.tried = skill
        talk.steps += 1
        return skill

    def _hear(self, talk: Conversation, report: Report) -> None:
        """Update the state from a report; without a caption the last step is assumed to be done."""
        if report.caption is not None:
            talk.scene = read_scene(report.caption)
        elif talk.tried is not None and report.succeeded is not False:
            talk.scene = believed(talk.tried, talk.scene)
        talk.failures = talk.failures + 1 if report.succeeded is False else 0
        if talk.messages:
            talk.messages.append(prompt.turn(talk.goal, report, talk.failures))
        else:
            talk.messages = prompt.opening(talk.goal, report, self._memory.recall(talk.goal))
        if talk.heard:
            talk.messages[-1] = prompt.corrected(talk.messages[-1], talk.heard)
            talk.heard, talk.over = [], "" if talk.over == DONE_WORD else talk.over

    def _require_budget(self, talk: Conversation) -> None:
        for name, spent in (("steps", talk.steps), ("tokens", talk.tokens)):
            limit = getattr(self._limits, name)
            if limit is not None and spent >= limit:
                talk.over = talk.over or name

    def _ask_until_valid(self, talk: Conversation) -> Skill | None:
        for _ in range(self._limits.attempts):
            text, answer = self._ask(talk)
            if isinstance(answer, Done):
                talk.over = DONE_WORD
                return None
            if isinstance(answer, Skill):
                talk.messages.append(prompt.said(str(answer)))
                return answer
            talk.refusals.append(answer.reason)
            talk.messages += [prompt.said(text), prompt.refused(answer)]
            self._require_budget(talk)
            if talk.over:
                break
        return None

    def _ask(self, talk: Conversation) -> tuple[str, Skill | Done | Refusal]:
        """Return what the model said, and how it is read."""
        said, meant = self._scored(talk) if self._mode == "score" else self._replied(talk)
        if isinstance(meant, Refusal):
            return said, meant
        answer = parse(meant, talk.scene, self._memory.knows_preconditions)
        if isinstance(answer, Skill):
            first = self._memory.compile(answer, talk.scene, talk.goal)[0]
            answer = ground(first, talk.scene)
        return said, answer

    def _scored(self, talk: Conversation) -> tuple[str, str]:
        """Return the best candidate, twice: as what was said and as what was meant."""
        texts = self._choices(talk)
        request = Request(tuple(talk.messages), seed=talk.next_seed())
        scores = np.array(self.model.score(request, [*texts, DONE_WORD]))
        scores[:-1] += self._memory.prior(talk.goal, texts)
        best = [*texts, DONE_WORD][int(scores.argmax())]
        return best, best

    def _replied(self, talk: Conversation) -> tuple[str, str | Refusal]:
        """Return a reply, and the sentence that it means or why it is refused."""
        schema = SKILL_SCHEMA if self._mode == "json" else None
        constrain = schema is None and self.model.abilities.grammar
        request = Request(
            tuple(talk.messages),
            schema=schema,
            choices=(*self._choices(talk), DONE_WORD) if constrain else (),
            max_tokens=MAX_REPLY_TOKENS,
            seed=talk.next_seed(),
        )
        reply = self.model.reply(request)
        talk.tokens += reply.tokens_in + reply.tokens_out
        if reply.finish == "refusal":
            why = one_line(reply.refusal or "the model declined")
            return reply.text, Refusal("declined", why)
        if schema is None and reply.finish == "length":
            return reply.text, Refusal("cut", "the reply was cut at its limit of tokens")
        if schema is None:
            return reply.text, reply.text
        data = read_reply(reply, schema)
        return reply.text, _refusal(data) if isinstance(data, Unread) else sentence(data)

    def _choices(self, talk: Conversation) -> list[str]:
        found = candidates(talk.scene, talk.goal, self._memory.knows_preconditions)
        return [str(skill) for skill in found]


def _refusal(unread: Unread) -> Refusal:
    kept: dict[str, Reason] = {"empty": "empty", "too_long": "too_long", "cut": "cut"}
    return Refusal(kept.get(unread.reason, "malformed"), unread.detail)
