"""Evaluates a policy on a task and writes the run folder with its summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from longhaul import profiling
from longhaul.console import logged
from longhaul.envs.episode import Episode
from longhaul.envs.specs import require_compatible
from longhaul.evaluation.loop.messages import Mode
from longhaul.evaluation.loop.progress import Progress
from longhaul.evaluation.loop.replica import Copies
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.evaluation.loop.task import Task
from longhaul.evaluation.loop.workers import Workers
from longhaul.evaluation.recordings.explain import RecordedPolicy
from longhaul.evaluation.records import provenance
from longhaul.evaluation.records.code import Made, made_with, policy_modules
from longhaul.evaluation.records.failures import told_of_errors
from longhaul.evaluation.records.journal import RunJournal
from longhaul.evaluation.records.logger import Logger, NoLogger, make_logger
from longhaul.evaluation.records.run_folder import SUMMARY_FILE, RunFolder
from longhaul.evaluation.reports.profile import per_step
from longhaul.evaluation.settings import EvaluationSettings
from longhaul.policies.policy import Policy, Writes, trained_on

STEPS_WORTH_A_COPY = 200
"""Reference steps of a worker's episodes from which a copy of the policy pays: it takes some 3 CPU
seconds to make, and a policy 10 to 30 ms a step."""


def evaluate(
    task: Task,
    policy: Policy,
    settings: EvaluationSettings,
    config: Mapping[str, Any],
    config_text: str,
    console: Console,
    copies: Copies | None = None,
) -> dict[str, Any]:
    """Run the episodes of an evaluation that have no record yet, and return the run's summary.

    summary.json is over all records of the run folder. What is returned is over the task's episodes
    alone, which may be fewer, and has two more keys: `played`, how many episodes this session
    played, and `run_dir`, the run folder.

    `config` is the resolved configuration that the settings were read from. It is part of the run's
    identity, and the logger gets it; `config_text` goes into config.yaml. `copies` makes the policy
    again, for one slot, in a worker (`replicates`). Progress is printed on
    `console`. Raises ConfigError, before anything is written, if policy and env do not fit or if
    the run folder belongs to another configuration.
    """
    require_compatible(task.conventions, policy.requirement)
    task.require_in_order(settings.workers)
    ours = provenance.identity(config, task.provenance, policy.provenance())
    path = settings.run_dir or Path("runs") / f"{settings.name}-{provenance.short_hash(ours)}"
    origin = provenance.collect(settings.seed, settings.device)
    modules = policy_modules(config.get("policy"), policy)
    made = made_with(origin["git"], [task.module], modules, task.versions)
    origin["trained_on"] = None if policy.trained is None else dict(trained_on(policy))
    if policy.trained is False:
        console.print("untrained weights")
    with RunFolder(path, config_text, ours, origin, settings.mixed) as folder:
        missing, told = folder.take_up(task.episodes, made, settings.retry_errors, task.remembers)
        with logged(console, path):
            console.print(f"run folder: {path}")
            for line in (*task.remarks, *([told] if told else [])):
                console.print(line, markup=False, highlight=False)
            if isinstance(policy, Writes):
                policy.write_into(path)
            timing: dict[str, Any] = {}
            logger: Logger = NoLogger()
            if missing:
                _tell_errors(folder, task.episodes, console, lines=1)
                logger = make_logger(settings.logger, path, config, len(folder.store.records))
                if not replicates(policy, settings, missing):
                    copies = None
                timing = _roll_out(
                    task, policy, copies, settings, folder, missing, made, logger, console
                )
            summary = _sum_up(
                folder, task.episodes, policy.trained, timing, settings.intervals, console
            )
            _tell_errors(folder, task.episodes, console)
            logger.finish(summary)
    return {**summary, "played": len(missing), "run_dir": str(path)}


def replicates(policy: Policy, settings: EvaluationSettings, episodes: Sequence[Episode]) -> bool:
    """Return whether each worker gets a copy of the policy.

    One that computes on a CPU would else keep one core busy while the workers wait. On a GPU rows
    are computed together, a scripted policy costs nothing, and one that writes files of its own is
    one. By default also a single worker gets none, and few episodes are not worth the start.
    """
    asked, workers = settings.engine.replicas, settings.workers
    learned = policy.trained is not None and not isinstance(policy, Writes)
    if asked == "off" or not learned or settings.device != "cpu":
        return False
    steps = sum(subtask.gt_steps for episode in episodes for subtask in episode.subtasks)
    return asked == "on" or (workers > 1 and steps >= STEPS_WORTH_A_COPY * workers)


def _tell_errors(
    folder: RunFolder, episodes: Sequence[Episode], console: Console, lines: int = 0
) -> None:
    """Say what there is to say of error records; `lines` keeps the last so many lines."""
    told = told_of_errors(folder.records_of(episodes), folder.store.path)
    for line in told[-lines:]:
        console.print(line, markup=False, highlight=False)


def _roll_out(
    task: Task,
    policy: Policy,
    copies: Copies | None,
    settings: EvaluationSettings,
    folder: RunFolder,
    missing: list[Episode],
    made: Made,
    logger: Logger,
    console: Console,
) -> dict[str, Any]:
    videos, engine = settings.videos, settings.engine
    if not task.conventions.video:
        videos = replace(videos, first=0, failures=0)
    total = len(task.episodes)
    workers = Workers(
        task.make_env,
        task.observation_space,
        count=min(settings.workers, len(missing)),
        hang_s=engine.hang_s,
        preload=[task.module, *(copies.modules if copies else ())],
        mode=Mode(engine.lazy, copies.make if copies else None, settings.profile),
    )
    with workers, Progress(console, total, done=total - len(missing)) as progress:
        journal = RunJournal(
            folder,
            task.episodes,
            videos,
            settings.save_actions,
            task.parts,
            made.mark(),
            progress,
            logger,
            engine.max_errors,
        )
        watched = RecordedPolicy(policy, journal, folder, task, settings.explain)
        clears_history = task.conventions.clears_history
        rollout = Rollout(workers, watched, watched, clears_history)
        if settings.profile:
            profiling.start()
        rollout.run(missing)
        timing = journal.timing()
        if settings.profile:
            parts: dict[str, dict[str, float]] = {"worker": {}, "main": profiling.take()}
            parts["worker"].update(rollout.profile)
            profiling.stop()
            timing["profile"] = per_step(parts, journal.steps)
        return timing


def _sum_up(
    folder: RunFolder,
    episodes: Sequence[Episode],
    trained: bool | None,
    timing: dict[str, Any],
    intervals: str,
    console: Console,
) -> dict[str, Any]:
    """Write the summary of all records, and return that of these episodes."""
    # Imported here, because the statistics libraries take seconds, for which neither the start of
    # a run nor the fork server should wait.
    from longhaul.evaluation.reports.report import summarize

    timing = timing or folder.read_summary().get("timing", {})
    whole, asked = list(folder.store.records.values()), folder.records_of(episodes)
    summary = summarize(whole, trained, timing, folder.provenance(), intervals)
    folder.write_summary(summary)
    if len(asked) == len(whole):
        return summary
    console.print(
        f"the result is over the {len(asked)} asked for of {len(whole)} episodes; "
        f"{folder.path / SUMMARY_FILE} is over all"
    )
    return summarize(asked, trained, timing, folder.provenance(), intervals)
