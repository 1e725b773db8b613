"""A web agent: a model reads the page and what is known of a video, and names the next action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.specs import ActionSpec, ObservationSpec, Requirement, StateSpec
from longhaul.envs.text import decode, encode
from longhaul.errors import ConfigError, require_known
from longhaul.language.build import build_chat_model
from longhaul.language.chat import ChatModel, Message, Reply, Request, answer_of
from longhaul.language.errors import ReplyError, SetupError, one_line
from longhaul.language.transcript import Recorded, Transcript
from longhaul.options import group
from longhaul.pictures import open_picture
from longhaul.policies.planner.web_explain import SCREENSHOT, Turn, clips_of, explain
from longhaul.policies.planner.web_prompt import (
    choices,
    choices_for,
    question,
    system_message,
    with_hint,
)
from longhaul.policies.planner.web_steps import DONE_SENTENCE, answer_on, nearest_choice
from longhaul.policies.planner.web_video import NO_VIDEO_AGENT, Known, VideoOptions, Watcher
from longhaul.policies.policy import Actions, Batch, Explanation, Setting, Start
from longhaul.webagents.actions import Action, parse_reply, say
from longhaul.webagents.errors import ActionError

SUCCEEDED = "It succeeded."
"""What a choosing model is told of its earlier choices."""

MAX_QUOTED = 200
"""The most characters of a reply that are repeated to the model."""

VIDEO, IMAGES = "video", "images"
"""The observations that hold the paths of a task's video and of its instruction's pictures."""

PLAN_MODES = ("choose", "reply")

NEEDED_TEXTS = ("tree", "url", "tabs", "feedback")
"""The observations that every agent reads."""


@dataclass
class Visit:
    """The state of an episode on an env slot.

    `done` has the actions so far, `chosen` the words in which they were chosen, each with what the
    model was told of it. `problem` says what
    was wrong with the last reply, and `failures` counts the replies in a row that were no action.
    `known` is what the agent knows of the task's video (None: it has not been read yet), `shown`
    are the pictures (RGB) of the instruction, for a back end that takes images. `turn` is the last
    decision, `before` the page's tree at the turn before. `clips` explains the video; it is made
    when it is first asked for.
    """

    start: Start
    done: list[str] = field(default_factory=list)
    chosen: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""
    failures: int = 0
    known: Known | None = None
    shown: tuple[NDArray[np.uint8], ...] = ()
    turn: Turn | None = None
    before: str = ""
    clips: Explanation | None = None


def no_choice(reply: Reply) -> str:
    """Return what is wrong with a reply that is none of the choices."""
    try:
        said = answer_of(reply, "the agent")
    except ReplyError as error:
        return str(error)
    return f"{one_line(said, MAX_QUOTED)} is none of the choices"


def requirement(names: Sequence[str]) -> Requirement:
    """Return the requirement of an agent that reads the texts of these names."""
    keys = [key for name in names for key in (name, f"{name}_length")]
    states = tuple(StateSpec(key, 0) for key in keys)
    return Requirement(ObservationSpec(states=states), ActionSpec(mode="browser"))


def read_pictures(paths: str) -> tuple[NDArray[np.uint8], ...]:
    """Return pictures, RGB (H, W, 3), from the paths of their files, one on each line."""
    found = []
    for path in paths.splitlines():
        with open_picture(Path(path)) as picture:
            found.append(np.asarray(picture.convert("RGB")))
    return tuple(found)


def follow(steps: Sequence[str], done: int, goal: str, tree: str) -> tuple[Request, str, str]:
    """Return a request with a video's next step and the choices on the page, the choice that is
    most similar to the step, and its action.

    `done` is the number of steps done. After the last step the action is stop, with this page's
    answer if the video tells an answer of its own.
    """
    step = steps[done] if done < len(steps) else ""
    asked = Message("user", f"Goal: {goal}\nThe video's step: {step or 'none is left'}")
    end = DONE_SENTENCE.match(step)
    if end or not step:
        told = end["answer"] if end else None
        stop = Action("stop", text=answer_on(tree, told, goal) if told else "")
        return Request((asked,)), "", say(stop)
    offered = choices_for(step, tree)
    words = nearest_choice(step, list(offered)) if offered else ""
    return Request((asked,), choices=tuple(offered)), words, offered.get(words, "none")


class WebAgentPolicy:
    """Has a model read web pages, and what it makes of the task's video, and say the next action.

    With `plan_mode` choose, the steps of a how-to that the video tells are followed by their words
    (`web_steps`); without one the model chooses. Pictures of a video, and those of an instruction
    (env.images), go to a back end that sees. A reply that is no action does nothing, and the model
    is told so in its next question. Raises ConfigError in one line for options that are not
    valid.

    Args:
        backends: Chat back ends by name, each with its options as in configs/language.
        backend: Which of `backends` acts; lexical compares words and needs no language model.
        plan_mode: How the model acts: choose takes one of the actions that are possible on the page
            (lexical, endpoint, local); with reply the model writes the action (endpoint, local,
            scripted).
        tree: The largest number of characters of a page that the model is told; the env shows at
            most 20,000, those near the view of a longer page, and a smaller number cuts their end.
        picture: True adds the marked screenshot (it must be in env.observations, and the back end
            must take images).
        failures: Replies in a row without a valid action after which the agent stops, as published.
        repeats: Equal actions in a row after which the agent stops, as published.
        agent: The method by which the task's video is read, base (not at all), frames, transcript,
            summary or retrieval; all but base need env.videos.
        video: The options of that method.
    """

    trained = None

    def __init__(
        self,
        setting: Setting,
        backends: Mapping[str, Mapping[str, Any]] = {"lexical": {"name": "lexical"}},
        backend: str = "lexical",
        plan_mode: str = "choose",
        tree: int = 20_000,
        picture: bool = False,
        failures: int = 3,
        repeats: int = 5,
        agent: str = "base",
        video: VideoOptions | Mapping[str, Any] = VideoOptions(),
    ) -> None:
        require_known("policy.plan_mode", plan_mode, PLAN_MODES)
        require_known("policy.backend", backend, backends)
        try:
            self._model: ChatModel = build_chat_model(backends[backend])
        except SetupError as error:
            raise ConfigError(f"policy.backend={backend}: {error}") from None
        if picture and not self._model.abilities.images:
            raise ConfigError(f"policy.picture=true: back end {backend} sees no images")
        if picture and SCREENSHOT not in setting.env.observation.by_name():
            raise ConfigError("policy.picture=true: add screenshot to env.observations")
        self._watcher = Watcher(agent, group("policy.video", video, VideoOptions), self._model)
        self._needed = NEEDED_TEXTS if agent == NO_VIDEO_AGENT else (*NEEDED_TEXTS, VIDEO)
        if self._model.abilities.images and IMAGES in setting.env.observation.by_name():
            self._needed = (*self._needed, IMAGES)
        self.requirement = requirement(self._needed)
        self._chooses, self._limit, self._picture = plan_mode == "choose", tree, picture
        self._failures, self._repeats = failures, repeats
        self._size = setting.env.action.size
        self._visits: dict[int, Visit] = {}
        self._provenance = {**self._model.provenance(), **self._watcher.provenance()}

    def write_into(self, folder: Path) -> None:
        """Write what was said to `transcript.jsonl`."""
        self._model = Recorded(self._model, Transcript(folder / "transcript.jsonl"))

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        """Begin new episodes on the slots; nothing of the earlier ones is kept."""
        for slot, start in zip(slots, starts, strict=True):
            self._visits[slot] = Visit(start)

    def act(self, batch: Batch) -> dict[str, np.ndarray]:
        """Return the actions' arrays (n, ...)."""
        rows = []
        for index, slot in enumerate(batch.slots):
            seen = {key: values[index] for key, values in batch.observations.items()}
            rows.append(encode("action", self._decide(slot, seen), self._size))
        return {key: np.stack([row[key] for row in rows]) for key in rows[0]}

    def executed(self, slots: Sequence[int], actions: Actions) -> None:
        """Take note that these actions are executed in place of those that `act` returned last."""
        assert isinstance(actions, dict)
        for index, slot in enumerate(slots):
            visit = self._visits[slot]
            visit.done[-1] = decode("action", {name: rows[index] for name, rows in actions.items()})
            if visit.chosen:
                visit.chosen[-1] = (visit.done[-1], SUCCEEDED)

    def explain(self, slot: int) -> Explanation:
        """Return the prompt, the reply and the action, the place on the page where it acts, the
        changes of the page, and what is known of the video; items without content are left out."""
        visit = self._visits[slot]
        assert visit.turn is not None and visit.known is not None, "explain comes after act"
        if visit.clips is None:
            visit.clips = clips_of(visit.known.evidence)
        return {**explain(visit.turn, visit.before, visit.known.words), **visit.clips}

    def provenance(self) -> Mapping[str, str]:
        return self._provenance

    def _decide(self, slot: int, seen: Mapping[str, np.ndarray]) -> str:
        visit = self._visits[slot]
        if isinstance(self._model, Recorded):
            step = len(visit.done)
            self._model.context = {"episode": visit.start.episode_id, "step": step}
        texts = {name: decode(name, seen) for name in self._needed}
        if visit.known is None:
            visit.known = self._watcher.watch(texts.get(VIDEO, ""), visit.start.instruction)
            visit.shown = read_pictures(texts.get(IMAGES, ""))
        if self._chooses and visit.known.steps:
            goal, steps = visit.start.instruction, visit.known.steps
            request, reply, action = follow(steps, len(visit.done), goal, texts["tree"])
        elif self._chooses:
            request, reply, action = self._choose(visit, visit.known, texts)
        else:
            request, reply, action = self._ask(visit, visit.known, texts, seen)
        last = visit.done[1 - self._repeats :]
        stuck = len(last) == self._repeats - 1 and set(last) == {action}
        visit.done.append(action)
        if stuck or visit.failures >= self._failures:
            action = "stop []"
        visit.before = visit.turn.tree if visit.turn else ""
        visit.turn = Turn(request, reply, action, visit.problem, texts["tree"], seen)
        return action

    def _choose(
        self, visit: Visit, known: Known, texts: Mapping[str, str]
    ) -> tuple[Request, str, str]:
        """Return a question, the choice of the model and its action; the choices so far are told
        as the model's own turns."""
        goal = with_hint(visit.start.instruction, known.nearest)
        offered = choices(goal, texts["tree"])
        turns = [Message("user", f"Goal: {goal}")]
        for words, outcome in visit.chosen:
            turns += [Message("assistant", words), Message("user", outcome)]
        request = Request(tuple(turns), choices=tuple(offered), seed=visit.start.seed)
        reply = self._model.reply(request)
        visit.problem = "" if reply.text in offered else f"Refused: {no_choice(reply)}"
        visit.failures = visit.failures + 1 if visit.problem else 0
        visit.chosen.append((reply.text[:MAX_QUOTED], visit.problem or SUCCEEDED))
        return request, reply.text, offered.get(reply.text, "none")

    def _ask(
        self,
        visit: Visit,
        known: Known,
        texts: Mapping[str, str],
        seen: Mapping[str, np.ndarray],
    ) -> tuple[Request, str, str]:
        """Return a question, the reply to it and its action."""
        told = question(
            visit.start.instruction,
            texts["url"],
            texts["tabs"],
            texts["tree"],
            visit.problem or texts["feedback"],
            visit.done[-1] if visit.done else "",
            self._limit,
            known.words,
        )
        page = (seen[SCREENSHOT],) if self._picture else ()
        images = (*visit.shown, *known.pictures, *page)
        messages = (Message("system", system_message()), Message("user", told, images))
        request = Request(messages, max_tokens=512, seed=visit.start.seed)
        reply = self._model.reply(request)
        try:
            if not reply.text.strip() or reply.finish == "refusal":
                answer_of(reply, "the agent")
            action = say(parse_reply(reply.text, reply.finish == "stop"))
            visit.failures, visit.problem = 0, ""
        except (ActionError, ReplyError) as error:
            visit.failures += 1
            visit.problem, action = str(error), "none"
        return request, reply.text, action
