"""Episodes of the tabletop's tasks: splits, palettes, and how one is drawn from its seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np

from longhaul.envs.episode import Episode, Subtask
from longhaul.envs.lohoravens.goals import Goal
from longhaul.envs.lohoravens.language import step as sentence_of
from longhaul.envs.lohoravens.placement import NoRoomError
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.tasks import TASKS
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task
from longhaul.envs.lohoravens.vocabulary import PALETTES
from longhaul.errors import ConfigError, require_known

TASK_GROUPS = ("seen", "unseen", "all", "v2-seen", "v2-unseen", "primitives", "cliport")
"""Groups of tasks: `seen` and `unseen` are tasks A-E and F-K of the first benchmark's paper, and
the v2 ones are those of its published code."""

EPISODES_PER_TASK = {"": 200, "-train": 1000, "-val": 200}
"""Episodes of a whole split for each task, by the split's ending, as in the benchmark."""

SPLITS = tuple(group + ending for ending in EPISODES_PER_TASK for group in TASK_GROUPS)
"""Every split is a group of tasks and a palette: `seen-train` is for training a policy, `seen-val`
for choosing one, and `seen` for the test."""

TRAINING_SPLIT = "seen-train"

MAX_ATTEMPTS = 50
"""How often a scene is drawn before SamplingError is raised."""


class SamplingError(RuntimeError):
    """A task's scene could not be drawn; the message names the task, the seed and why."""


def task_names(split: str, tasks: Sequence[str] = ()) -> list[str]:
    """Return a split's tasks, sorted, or those of them that are named. Raises ConfigError."""
    group, _ = _group_and_ending(split)
    names = sorted(name for name, task in TASKS.items() if group in ("all", *task.groups))
    for name in tasks:
        if name not in names:
            raise ConfigError(f"env.tasks: {name} is not in {split}; valid: {', '.join(names)}")
    return list(tasks) or names


def episodes(split: str, n: int | None, seed: int, tasks: Sequence[str] = ()) -> list[Episode]:
    """Return the first `n` episodes of a split (None: EPISODES_PER_TASK for each task).

    Tasks take turns, so the first n cover them evenly, and the k-th episode of a task is the same
    whatever the others are. Raises ConfigError naming the valid splits or tasks.
    """
    whole = size(split, tasks)
    return [episode_at(index, split, seed, tasks) for index in range(whole if n is None else n)]


def size(split: str, tasks: Sequence[str] = ()) -> int:
    """Return how many episodes a whole split has."""
    return EPISODES_PER_TASK[_group_and_ending(split)[1]] * len(task_names(split, tasks))


def episode_at(index: int, split: str, seed: int, tasks: Sequence[str] = ()) -> Episode:
    """Return one of a split's episodes, the same as in the list of them."""
    names = task_names(split, tasks)
    turn, number = divmod(index, len(names))
    palette = _group_and_ending(split)[1].removeprefix("-") or "test"
    name = names[number]
    entropy = [seed, turn, *map(crc32, (palette.encode(), name.encode()))]
    own = int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> 11)
    return make_episode(TASKS[name], own, palette)


def _group_and_ending(split: str) -> tuple[str, str]:
    """Return group and ending of a split. Raises ConfigError naming the valid splits."""
    require_known("split", split, SPLITS)
    group = split.removesuffix("-train").removesuffix("-val")
    return group, split.removeprefix(group)


def make_episode(task: Task, seed: int, palette: str = "test") -> Episode:
    """Return the episode of a task that a seed and a palette determine.

    `start` has the layout, the task's name and aspects, the budget in actions, and what the
    subtasks do not say of the goal: what is forbidden, and whether the subtasks are sequential.
    Nothing that is required or forbidden holds at the start. Raises SamplingError.
    """
    reason = ""
    for attempt in range(MAX_ATTEMPTS):
        generator = np.random.default_rng([seed, attempt])
        table = Table(generator, PALETTES[task.palette or palette], attempt)
        try:
            problem = task.sample(table)
        except NoRoomError as error:
            reason = str(error)
            continue
        reason = _fault(problem, table)
        if not reason:
            return _episode(task, seed, problem, table)
    raise SamplingError(f"{task.name}, seed {seed}: no scene in {MAX_ATTEMPTS} attempts: {reason}")


def _fault(problem: Problem, table: Table) -> str:
    """Return why a scene cannot be used; empty if it can."""
    goal = Goal(tuple(step.atom for step in problem.steps), problem.forbidden)
    scene = Scene(table.state())
    if not goal.atoms:
        return "nothing is required"
    if any(atom.facts(scene) for atom in goal.atoms[: 1 if problem.sequential else None]):
        return "a part of the goal holds at the start"
    return "what is forbidden holds at the start" if goal.violations(scene) else ""


def _episode(task: Task, seed: int, problem: Problem, table: Table) -> Episode:
    state = table.state()
    subtasks = tuple(
        Subtask(
            task.name,
            step.sentence or sentence_of(step.atom, state),
            step.actions,
            step.atom.to_json(),
        )
        for step in problem.steps
    )
    actions = sum(step.actions for step in problem.steps)
    start: dict[str, Any] = {
        **table.layout(problem.tool).to_json(),
        "task": task.name,
        "aspects": list(task.aspects),
        "budget": actions + task.spare if task.budget is None else task.budget,
        "sequential": problem.sequential,
        "forbidden": [atom.to_json() for atom in problem.forbidden],
    }
    stages = ", then ".join(subtask.instruction for subtask in subtasks)
    instruction = stages if problem.sequential else problem.instruction
    return Episode(f"lohoravens/{task.name}/{seed}", seed, instruction, subtasks, start)
