"""Evaluates a policy on a task and writes the run folder with its summary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from longhaul.console import logged
from longhaul.envs.episode import Episode, EpisodeRecord
from longhaul.envs.specs import require_compatible
from longhaul.evaluation.loop.progress import Progress
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.evaluation.loop.task import Task
from longhaul.evaluation.loop.workers import Workers
from longhaul.evaluation.recordings.explain import RecordedPolicy
from longhaul.evaluation.records import provenance
from longhaul.evaluation.records.journal import RunJournal
from longhaul.evaluation.records.logger import Logger, NoLogger, make_logger
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.evaluation.settings import EvaluationSettings
from longhaul.policies.policy import Policy, Writes


def evaluate(
    task: Task,
    policy: Policy,
    settings: EvaluationSettings,
    config: Mapping[str, Any],
    config_text: str,
    console: Console,
) -> dict[str, Any]:
    """Run the episodes of an evaluation that have no record yet, and return the run's summary.

    `config` is the resolved configuration that the settings were read from. It is part of the run's
    identity, and the logger gets it; `config_text` goes into config.yaml. Progress is printed on
    `console`. Raises ConfigError, before anything is written, if policy and env do not fit or if
    the run folder belongs to another configuration.
    """
    require_compatible(task.conventions, policy.requirement)
    ours = provenance.identity(config, task.provenance, policy.provenance())
    path = settings.run_dir or Path("runs") / f"{settings.name}-{provenance.short_hash(ours)}"
    origin = provenance.collect(settings.seed, settings.device)
    if policy.trained is False:
        console.print("untrained weights")
    with (
        RunFolder(path, config_text, ours, origin, settings.mixed) as folder,
        logged(console, path),
    ):
        console.print(f"run folder: {path}")
        if isinstance(policy, Writes):
            policy.write_into(path)
        if settings.retry_errors:
            folder.store.drop(status="error")
        missing = folder.missing(task.episodes)
        timing: dict[str, float] = {}
        logger: Logger = NoLogger()
        if missing:
            logger = make_logger(settings.logger, path, config)
            timing = _roll_out(task, policy, settings, folder, missing, logger, console)
        summary = _sum_up(folder, policy.trained, timing)
        for record in folder.store.records.values():
            if record.status == "error":
                console.print(f"{record.id} ended in an error: {_cause(record)}", markup=False)
                break
        logger.finish(summary)
    return summary


def _cause(record: EpisodeRecord) -> str:
    """Return the last line of an error's first traceback; errors of the cleanup come behind it."""
    first = (record.error or "").partition("\nthen:\n")[0]
    return first.strip().rpartition("\n")[2]


def _roll_out(
    task: Task,
    policy: Policy,
    settings: EvaluationSettings,
    folder: RunFolder,
    missing: list[Episode],
    logger: Logger,
    console: Console,
) -> dict[str, float]:
    videos, engine = settings.videos, settings.engine
    if not task.conventions.video:
        videos = replace(videos, first=0, failures=0)
    total = len(task.episodes)
    workers = Workers(
        task.make_env,
        task.observation_space,
        count=min(settings.workers, len(missing)),
        hang_s=engine.hang_s,
        preload=[task.module],
    )
    with workers, Progress(console, total, done=total - len(missing)) as progress:
        journal = RunJournal(
            folder,
            task.episodes,
            videos,
            settings.save_actions,
            task.parts,
            progress,
            logger,
            engine.max_errors,
        )
        watched = RecordedPolicy(policy, journal, folder, task, settings.explain)
        Rollout(workers, watched, watched, task.conventions.clears_history).run(missing)
        return journal.timing()


def _sum_up(folder: RunFolder, trained: bool | None, timing: dict[str, float]) -> dict[str, Any]:
    # Imported here, because the statistics libraries take seconds, for which neither the start of
    # a run nor the fork server should wait.
    from longhaul.evaluation.reports.report import summarize

    summary = summarize(
        list(folder.store.records.values()),
        trained=trained,
        timing=timing or folder.read_summary().get("timing", {}),
        provenance=json.loads((folder.path / "provenance.json").read_text()),
    )
    folder.write_summary(summary)
    return summary
