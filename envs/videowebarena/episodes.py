"""Episodes: generated tasks on the local sites, or the tasks of official files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from longhaul.envs.episode import Episode, Subtask
from longhaul.envs.videowebarena.login import requires_account
from longhaul.errors import ConfigError, require_known
from longhaul.webagents.browser.chromium import origin
from longhaul.webagents.errors import TaskError
from longhaul.webagents.generator.generate import GENERATOR_VERSION, TaskSet, generate
from longhaul.webagents.generator.task import GeneratedTask
from longhaul.webagents.tasks.addresses import fill_placeholders, localize
from longhaul.webagents.tasks.defects import Finding, inspect_all, sites_of
from longhaul.webagents.tasks.files import PATTERNS, find_files, group_files, read_file
from longhaul.webagents.tasks.format import WebTask
from longhaul.webagents.tasks.verified import is_verified, login_of

BUILTIN_TASK_SETS: Mapping[str, TaskSet] = {
    "builtin": "skill",
    "builtin-factual": "factual",
    "builtin-all": "all",
}
"""The sets of generated tasks by the value of env.tasks."""

SPLIT_TASKS = 200
"""Number of tasks in a whole split of generated tasks."""

SEED_OFFSETS = {"test": 0, "train": 100_003}
"""Number that a split adds to the seed, so that splits share no task."""

OFFICIAL_STEPS = 30
"""Reference length of an official task, which has none of its own: the published step limit."""

MOST_NAMES = 12
"""The most tasks that a sentence names."""


class Source:
    """The episodes of `tasks`: one of BUILTIN_TASK_SETS on the sites of `sites_seed`, or a folder
    (or file) of official task files. These hold a list of tasks or one task each, and their
    placeholders become the addresses in `sites`. Raises ConfigError for a folder without tasks.
    """

    def __init__(self, tasks: str, sites: Mapping[str, str], sites_seed: int = 0) -> None:
        self._tasks, self._sites, self._sites_seed = tasks, sites, sites_seed
        self._files: dict[str, list[Path]] = {}
        self._kept: dict[str, list[Episode]] = {}
        self._left: dict[str, list[str]] = {}
        if tasks not in BUILTIN_TASK_SETS:
            path = Path(tasks)
            found = find_files(path) if path.is_dir() else [path]
            try:
                groups = group_files([file for file in found if file.is_file()])
            except TaskError as error:
                raise ConfigError(f"env.tasks: {error}") from None
            self._files = _named(groups)
            if not self._files:
                raise ConfigError(
                    f"env.tasks={tasks} has no task files; valid: {', '.join(BUILTIN_TASK_SETS)}, "
                    f"or a folder of {', '.join(PATTERNS)}"
                )
        self.splits = tuple(self._files) or tuple(SEED_OFFSETS)

    def episodes(self, split: str, n: int | None, seed: int) -> list[Episode]:
        """Return the first `n` episodes of a split (all if None).

        Tasks have no episode that are defective (`python -m longhaul.webagents.check_tasks` lists
        them), or need a site without an address; `remarks` counts them. Raises ConfigError naming
        the valid splits for an unknown one, for a file that is no task file, and for a split of
        which nothing is left.
        """
        require_known("split", split, self.splits)
        if self._files:
            kept = self._official(split)
            if not kept:
                left = "; ".join(self._left[split])
                raise ConfigError(
                    f"env.tasks={self._tasks}, split={split}: no task is left. {left}"
                )
            return kept[:n]
        tasks = generate(
            SPLIT_TASKS if n is None else n,
            seed + SEED_OFFSETS[split],
            self._sites_seed,
            tasks=BUILTIN_TASK_SETS[self._tasks],
        )
        return [
            _generated(task, f"{split}-{seed}-{number:04}", seed, self._sites)
            for number, task in enumerate(tasks)
        ]

    def fingerprint(self) -> str:
        """Return what identifies these tasks: the generator's version, or a hash of the files."""
        if not self._files:
            return f"{self._tasks}-v{GENERATOR_VERSION}"
        digest = sha256()
        for name, paths in sorted(self._files.items()):
            digest.update(name.encode() + b"".join(path.read_bytes() for path in paths))
        return digest.hexdigest()[:16]

    def remarks(self, split: str) -> list[str]:
        """Return a sentence for each reason why tasks of a split have no episode, with their number
        and the first of their names."""
        if self._files:
            self._official(split)
        return self._left.get(split, [])

    def logins(self, split: str) -> int:
        """Return how many of a split's tasks of official files require a login on some site."""
        starts = [episode.start["task"] for episode in self._official(split)] if self._files else []
        return sum(map(requires_account, starts))

    def _official(self, split: str) -> list[Episode]:
        if split not in self._kept:
            try:
                tasks = [raw for path in self._files[split] for raw in read_file(path)]
            except TaskError as error:
                raise ConfigError(f"env.tasks: {error}") from None
            left: dict[str, list[str]] = {}
            self._kept[split] = []
            for finding, raw in zip(inspect_all(tasks), tasks, strict=True):
                if finding.task is not None and not (why := self._missing(finding.task)):
                    self._kept[split].append(_episode(finding.task, self._sites))
                else:
                    left.setdefault(why_not(finding) or why, []).append(_name(finding, raw))
            self._left[split] = [_left_out(why, names, len(tasks)) for why, names in left.items()]
        return self._kept[split]

    def _missing(self, task: WebTask) -> str:
        """Return what a task needs of the sites and there is not; empty if it can run."""
        if missing := sites_of(task) - self._sites.keys():
            return f"env.sites has no address of {', '.join(sorted(missing))}"
        origins = {origin(url) for url in self._sites.values()}
        for url in task.start_urls:
            if origin(fill_placeholders(url, self._sites)) not in origins:
                return "it starts on a page of no site in env.sites"
        return ""


def why_not(finding: Finding) -> str:
    """Return why a task is not mapped, as check_tasks calls it; empty if it is."""
    return "" if finding.state == "mapped" else f"{finding.state}: {finding.kind}"


def _named(groups: Mapping[Path, list[Path]]) -> dict[str, list[Path]]:
    """Return groups of files by their splits' names: the file's name up to its first dot, or all of
    it where another one has the same beginning."""
    short = Counter(path.name.split(".")[0] for path in groups)
    return {
        path.name if short[name := path.name.split(".")[0]] > 1 else name: files
        for path, files in groups.items()
    }


def _episode(task: WebTask, sites: Mapping[str, str]) -> Episode:
    # Pictures lie in a folder of the user, so their addresses keep their placeholders.
    raw = localize({**task.raw, "image": None}, sites) | {"image": task.raw.get("image")}
    if is_verified(raw):
        raw |= login_of(raw)
    subtask = Subtask("task", task.intent, OFFICIAL_STEPS)
    return Episode(task.id, 0, task.intent, (subtask,), {"task": raw, "legs": []})


def _name(finding: Finding, raw: Any) -> str:
    if finding.task is not None:
        return finding.task.id
    return str(raw.get("task_id")) if isinstance(raw, Mapping) else "?"


def _left_out(why: str, names: Sequence[str], total: int) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    first = ", ".join(names[:MOST_NAMES])
    return f"left out: {len(names)} of {total} tasks ({first}{more}): {why}"


def _generated(task: GeneratedTask, name: str, seed: int, sites: Mapping[str, str]) -> Episode:
    raw = localize(task.raw, sites)
    subtasks = tuple(
        Subtask(
            raw["comments"] if leg.goal is None else leg.name,
            leg.instruction,
            len(leg.moves),
            {} if leg.goal is None else asdict(leg.goal),
        )
        for leg in task.legs
    )
    legs = [asdict(leg) for leg in task.legs]
    start = {"task": raw, "legs": legs, "script": task.script.to_json()}
    return Episode(name, seed, raw["intent"], subtasks, json.loads(json.dumps(start)))
