"""Makes a house and its tasks: the work of one process of the generator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from longhaul.envs.lhvln.dataset import lines
from longhaul.envs.lhvln.simulator import Simulator
from longhaul.errors import disk_full
from longhaul.language.build import build_chat_model
from longhaul.language.chat import ChatModel
from longhaul.language.errors import LanguageError
from longhaul.navgen.compose import DescribeLeg, leg_describer, step_episodes, whole_episode
from longhaul.navgen.dataset import ours
from longhaul.navgen.instructions.tags import Seen
from longhaul.navgen.tasks.ground import Ground
from longhaul.navgen.tasks.model_draft import draft_by_model
from longhaul.navgen.tasks.task import ROBOTS, Reject, Task
from longhaul.navgen.tasks.template import ROBOT_SHARES, SUBTASK_SHARES, draft
from longhaul.navgen.tasks.validate import Rules, validate
from longhaul.navgen.trajectories.hidden import require_hidden
from longhaul.navgen.trajectories.leg import Trajectory
from longhaul.navgen.trajectories.walk import walk

MAX_DRAFTS = 60
"""How many drafts are tried for one task; if all are rejected, the house gets no more tasks."""

Build = Callable[[int, Path], None]
"""Writes the house of a seed into a new folder, completely or not at all."""

Open = Callable[[Path], Simulator]
"""Opens the scene in a folder."""


@dataclass(frozen=True)
class Job:
    """One house to fill: `quota` tasks of the scene in `scenes` are written into `generation`.

    `language` are the options of the chat back end that writes drafts and instructions; None means
    templates.
    """

    scene: str
    index: int
    quota: int
    seed: int
    scenes: Path
    generation: Path
    build: Build
    open: Open
    language: Mapping[str, Any] | None
    rules: Rules


def fill(job: Job) -> str:
    """Make the house if it does not exist, and its missing tasks; return "", or the error in one
    line.

    Every random draw depends on the seeds of dataset, house and task alone, so the result does not
    depend on when a process was stopped. A bad draft is rejected; a house that raises an error
    gets no more tasks, and the other houses go on.
    """
    try:
        _fill(job)
    except Exception as error:
        if full := disk_full(error):
            raise full from error
        # The report names the error; the other houses go on.
        return " ".join(f"{job.scene}: {type(error).__name__}: {error}".split())
    return ""


def _fill(job: Job) -> None:
    folder = job.scenes / job.scene
    if not folder.is_dir():
        job.build(_seed(job.seed, job.index), folder)
    done = [line["task"]["instruction"] for _, line in lines(job.generation / f"{job.scene}.jsonl")]
    if len(done) >= job.quota:
        return
    simulator = job.open(folder)
    try:
        model = None if job.language is None else build_chat_model(job.language)
        ground = Ground(job.scene, simulator)
        describe = leg_describer(Seen(simulator.objects).tags, model)
        instructions = set(done)
        for number in range(len(done), job.quota):
            if not _add(job, number, ground, model, describe, instructions):
                return
    finally:
        simulator.close()


def _add(
    job: Job,
    number: int,
    ground: Ground,
    model: ChatModel | None,
    describe: DescribeLeg,
    instructions: set[str],
) -> bool:
    """Add one task to the house's file; return False if all drafts were rejected."""
    rejects: Counter[str] = Counter()
    count = int(
        _generator(job, number).choice(list(SUBTASK_SHARES), p=list(SUBTASK_SHARES.values()))
    )
    for attempt in range(MAX_DRAFTS):
        generator = _generator(job, number, attempt)
        # A house may have no tasks of this length; the later drafts may have any length.
        mix = {count: 1.0} if attempt < MAX_DRAFTS // 2 else SUBTASK_SHARES
        try:
            task = _draft(ground, model, mix, job.rules, generator)
            if task.instruction in instructions:
                raise Reject("repeated", "there is a task of the same words")
            first, found = task.targets[0], [ground.find(target) for target in task.targets]
            start, _ = ground.draw_start(first, job.rules.shortest, generator)
            goals = [target.goals for target in found if target is not None]
            legs = walk(ground.simulator.navigation, start, goals)
            if job.rules.hidden:
                require_hidden(ground.simulator, task, legs, found)
        except Reject as reject:
            rejects[reject.reason] += 1
            continue
        except LanguageError:
            rejects["no_reply"] += 1
            continue
        name = f"{job.scene}/{number:04d}"
        whole = whole_episode(name, crc32(f"{job.seed}/{name}".encode()), task, legs, ground)
        each_leg = step_episodes(whole, task, legs, describe, generator)
        way = Trajectory(name, legs)
        ours.append(job.generation, job.scene, whole, way, each_leg, rejects=dict(rejects))
        instructions.add(task.instruction)
        return True
    return False


def _draft(
    ground: Ground,
    model: ChatModel | None,
    mix: Mapping[int, float],
    rules: Rules,
    generator: np.random.Generator,
) -> Task:
    if model is None:
        found = draft(ground.house, generator, rules.most_rooms, rules.ambiguous, mix)
    else:
        robot = str(generator.choice(ROBOTS, p=ROBOT_SHARES))
        found = draft_by_model(model, ground.house, robot, generator)
    return validate(found, ground.house, ground.leg, rules)


def _generator(job: Job, *numbers: int) -> np.random.Generator:
    return np.random.default_rng([job.seed, job.index, *numbers])


def _seed(seed: int, index: int) -> int:
    return int(np.random.SeedSequence([seed, index]).generate_state(1)[0])
