"""A house and its tasks: what one process of the generator does."""

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
from longhaul.language.build import build_chat_model
from longhaul.language.chat import ChatModel
from longhaul.language.errors import LanguageError
from longhaul.navgen.compose import Words, errand, speaker, steps
from longhaul.navgen.dataset import ours
from longhaul.navgen.instructions.tags import Seen
from longhaul.navgen.tasks.ask import draft_by_model
from longhaul.navgen.tasks.ground import Ground
from longhaul.navgen.tasks.task import ROBOTS, Reject, Task
from longhaul.navgen.tasks.template import MIX, ROBOT_MIX, draft
from longhaul.navgen.tasks.validate import Rules, validate
from longhaul.navgen.trajectories.hidden import require_hidden
from longhaul.navgen.trajectories.leg import Trajectory
from longhaul.navgen.trajectories.walk import walk

ATTEMPTS = 60
"""Drafts for one task; when all are rejected, the house has no more to give."""

Build = Callable[[int, Path], None]
"""Writes the house of a seed into a folder that is not there yet: whole, or not at all."""

Open = Callable[[Path], Simulator]


@dataclass(frozen=True)
class Job:
    """One house to fill: `quota` tasks into `parts`, of the scene that lies in `scenes`.

    `open` opens a scene's folder; `language` are the options of the chat back end that drafts and
    speaks, None for templates.
    """

    scene: str
    index: int
    quota: int
    seed: int
    scenes: Path
    parts: Path
    build: Build
    open: Open
    language: Mapping[str, Any] | None
    rules: Rules


def fill(job: Job) -> str:
    """Make the house where it is not there, and the tasks that are missing; returns what went
    wrong in a line, empty if nothing did.

    Every draw comes from the seeds of dataset, house and task, so that what is made does not
    depend on when a process was stopped. A bad task is a reject, a bad house costs itself.
    """
    try:
        _fill(job)
    except Exception as error:
        # One bad house is not to end the others' work: it is told in the report.
        return " ".join(f"{job.scene}: {type(error).__name__}: {error}".split())
    return ""


def _fill(job: Job) -> None:
    folder = job.scenes / job.scene
    if not folder.is_dir():
        job.build(_seed(job.seed, job.index), folder)
    done = [line["task"]["instruction"] for _, line in lines(job.parts / f"{job.scene}.jsonl")]
    if len(done) >= job.quota:
        return
    simulator = job.open(folder)
    try:
        model = None if job.language is None else build_chat_model(job.language)
        ground = Ground(job.scene, simulator)
        say = speaker(Seen(simulator.objects).tags, model)
        said = set(done)
        for number in range(len(done), job.quota):
            if not _add(job, number, ground, model, say, said):
                return
    finally:
        simulator.close()


def _add(
    job: Job, number: int, ground: Ground, model: ChatModel | None, say: Words, said: set[str]
) -> bool:
    """Add one task to the house's part; False where no draft is one."""
    rejects: Counter[str] = Counter()
    count = int(_generator(job, number).choice(list(MIX), p=list(MIX.values())))
    for attempt in range(ATTEMPTS):
        generator = _generator(job, number, attempt)
        # A house may have no tasks of this length; then another length is as good.
        mix = {count: 1.0} if attempt < ATTEMPTS // 2 else MIX
        try:
            task = _draft(ground, model, mix, job.rules, generator)
            if task.instruction in said:
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
        whole = errand(name, crc32(f"{job.seed}/{name}".encode()), task, legs, ground)
        parts = steps(whole, task, legs, say, generator)
        way = Trajectory(name, legs)
        ours.append(job.parts, job.scene, whole, way, parts, rejects=dict(rejects))
        said.add(task.instruction)
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
        robot = str(generator.choice(ROBOTS, p=ROBOT_MIX))
        found = draft_by_model(model, ground.house, robot, generator)
    return validate(found, ground.house, ground.leg, rules)


def _generator(job: Job, *numbers: int) -> np.random.Generator:
    return np.random.default_rng([job.seed, job.index, *numbers])


def _seed(seed: int, index: int) -> int:
    return int(np.random.SeedSequence([seed, index]).generate_state(1)[0])
