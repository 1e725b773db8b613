"""Turns a task and its trajectory into episodes: one for the whole task, and one step-by-step
episode per leg."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from longhaul.envs.episode import Episode, Subtask
from longhaul.language.chat import ChatModel
from longhaul.language.errors import LanguageError
from longhaul.navgen.instructions.sentences import (
    frequent,
    leg_sentence,
    step_by_step,
    step_by_step_by_model,
)
from longhaul.navgen.instructions.split import split
from longhaul.navgen.tasks.ground import Ground
from longhaul.navgen.tasks.task import Target, Task
from longhaul.navgen.trajectories.leg import Leg, Pose

DescribeLeg = Callable[[Leg, Target, np.random.Generator], str]
"""Returns a step-by-step instruction for a leg that leads to a target."""


def whole_episode(name: str, seed: int, task: Task, legs: Sequence[Leg], ground: Ground) -> Episode:
    """Return a whole task as an episode; a subtask's reference length counts its stop action."""
    subtasks = tuple(
        _subtask(target, ambiguous, way, ground)
        for target, ambiguous, way in zip(task.targets, task.ambiguous, legs, strict=True)
    )
    start = {
        **_start(task, "task", legs[0].poses[0]),
        "primitives": [str(primitive) for primitive in task.primitives],
    }
    return Episode(name, seed, task.instruction, subtasks, start)


def step_episodes(
    whole: Episode,
    task: Task,
    legs: Sequence[Leg],
    describe: DescribeLeg,
    generator: np.random.Generator,
) -> list[Episode]:
    """Return the step-by-step episodes of a task's legs.

    `first` in an episode's start is the number of the whole task's action with which it begins.
    """
    found, first = [], 0
    for number, (way, subtask) in enumerate(zip(legs, whole.subtasks, strict=True)):
        start = {**_start(task, "step", way.poses[0]), "first": first}
        instruction = describe(way, task.targets[number], generator)
        seed = int(generator.integers(2**53))
        found.append(Episode(f"{whole.id}/{number}", seed, instruction, (subtask,), start))
        first += len(way.actions)
    return found


def leg_describer(tags: Callable[[Pose], list[str]], model: ChatModel | None) -> DescribeLeg:
    """Return a function that describes a leg step by step.

    A language model does it; the template does it if there is no model, or if the model's reply is
    not usable. `tags` returns the categories that are in view at a pose.
    """

    def describe(way: Leg, target: Target, generator: np.random.Generator) -> str:
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

    return describe


def _subtask(target: Target, ambiguous: bool, way: Leg, ground: Ground) -> Subtask:
    room, found = ground.house.room(target.room), ground.find(target)
    assert room is not None and found is not None
    goal = {
        "category": target.category,
        "room": target.room,
        "objects": [thing.id for thing in found.objects],
        "ambiguous": ambiguous,
    }
    return Subtask(str(target), leg_sentence(target.category, room.name), len(way.actions), goal)


def _start(task: Task, kind: str, pose: Pose) -> dict[str, Any]:
    return {
        "scene": task.scene,
        "robot": task.robot,
        "kind": kind,
        "position": list(pose[:3]),
        "yaw": pose[3],
    }
