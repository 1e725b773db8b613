"""From a task and the way through it to episodes: the whole errand, and each leg step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from longhaul.envs.episode import Episode, Subtask
from longhaul.language.chat import ChatModel
from longhaul.language.errors import LanguageError
from longhaul.navgen.instructions.say import frequent, leg, step_by_step, step_by_step_by_model
from longhaul.navgen.instructions.split import split
from longhaul.navgen.tasks.ground import Ground
from longhaul.navgen.tasks.task import Target, Task
from longhaul.navgen.trajectories.leg import Leg, Pose

Words = Callable[[Leg, Target, np.random.Generator], str]
"""Says a leg step by step."""


def errand(name: str, seed: int, task: Task, legs: Sequence[Leg], ground: Ground) -> Episode:
    """Return a whole task as an episode; a subtask's reference length counts its stop."""
    subtasks = tuple(
        _subtask(target, ambiguous, way, ground)
        for target, ambiguous, way in zip(task.targets, task.ambiguous, legs, strict=True)
    )
    start = {
        **_start(task, "task", legs[0].poses[0]),
        "primitives": [str(primitive) for primitive in task.primitives],
    }
    return Episode(name, seed, task.instruction, subtasks, start)


def steps(
    whole: Episode, task: Task, legs: Sequence[Leg], say: Words, generator: np.random.Generator
) -> list[Episode]:
    """Return the step-by-step episodes of a task's legs; `first` in their start is the step of the
    whole task at which they begin."""
    found, first = [], 0
    for number, (way, subtask) in enumerate(zip(legs, whole.subtasks, strict=True)):
        start = {**_start(task, "step", way.poses[0]), "first": first}
        words = say(way, task.targets[number], generator)
        seed = int(generator.integers(2**53))
        found.append(Episode(f"{whole.id}/{number}", seed, words, (subtask,), start))
        first += len(way.actions)
    return found


def speaker(tags: Callable[[Pose], list[str]], model: ChatModel | None) -> Words:
    """Return what says a leg step by step: a model, or the template where there is none and where
    the model's reply is no such sentence. `tags` are what is seen at a pose."""

    def say(way: Leg, target: Target, generator: np.random.Generator) -> str:
        moves = way.actions[:-1]
        segments = split(moves)
        views = [tags(pose) for pose in way.poses[: len(moves)]]
        seen = [frequent(views, segment) for segment in segments]
        if model is not None:
            seed = int(generator.integers(2**31))
            try:
                text = step_by_step_by_model(model, segments, seen, target.category, seed)
            except LanguageError:
                text = None
            if text is not None:
                return text
        return step_by_step(segments, seen, target.category, generator)

    return say


def _subtask(target: Target, ambiguous: bool, way: Leg, ground: Ground) -> Subtask:
    room, found = ground.house.room(target.room), ground.find(target)
    assert room is not None and found is not None
    goal = {
        "category": target.category,
        "room": target.room,
        "objects": [thing.id for thing in found.objects],
        "ambiguous": ambiguous,
    }
    return Subtask(str(target), leg(target.category, room.name), len(way.actions), goal)


def _start(task: Task, kind: str, pose: Pose) -> dict[str, Any]:
    return {
        "scene": task.scene,
        "robot": task.robot,
        "kind": kind,
        "position": list(pose[:3]),
        "yaw": pose[3],
    }
