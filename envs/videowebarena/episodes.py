"""Episodes: generated tasks on the local sites, or the tasks of official files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from longhaul.envs.episode import Episode, Subtask
from longhaul.errors import ConfigError, require_known
from longhaul.identifiers import require_identifiers
from longhaul.webagents.errors import TaskError
from longhaul.webagents.generator.generate import GENERATOR_VERSION, TaskSet, generate
from longhaul.webagents.generator.task import GeneratedTask
from longhaul.webagents.tasks.defects import inspect
from longhaul.webagents.tasks.read import group_files, localize, read_file

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


class Source:
    """The episodes of `tasks`: one of BUILTIN_TASK_SETS on the sites of `sites_seed`, or a folder
    (or file) of official task files. These hold a list of tasks or one task each, and their
    placeholders become the addresses in `sites`. Raises ConfigError for a folder without tasks.
    """

    def __init__(self, tasks: str, sites: Mapping[str, str], sites_seed: int = 0) -> None:
        self._tasks, self._sites, self._sites_seed = tasks, sites, sites_seed
        self._files: dict[str, list[Path]] = {}
        if tasks not in BUILTIN_TASK_SETS:
            path = Path(tasks)
            found = path.glob("*.json") if path.is_dir() else [path]
            groups = group_files([file for file in found if file.is_file()])
            self._files = {name.name.split(".")[0]: files for name, files in groups.items()}
            if not self._files:
                raise ConfigError(
                    f"env.tasks={tasks} has no task files; valid: {', '.join(BUILTIN_TASK_SETS)}, "
                    "or a folder of *.json"
                )
        self.splits = tuple(self._files) or tuple(SEED_OFFSETS)

    def episodes(self, split: str, n: int | None, seed: int) -> list[Episode]:
        """Return the first `n` episodes of a split (all if None).

        Raises ConfigError naming the valid splits for an unknown one, for a file that is no task
        file, and for a task id that is there twice. Defective tasks have no episode;
        `python -m longhaul.webagents.check_tasks` lists them.
        """
        require_known("split", split, self.splits)
        if self._files:
            return self._official(self._files[split])[:n]
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

    def _official(self, paths: Sequence[Path]) -> list[Episode]:
        episodes = []
        try:
            for raw in (raw for path in paths for raw in read_file(path)):
                found = inspect(raw)
                if found.task is None:
                    continue
                steps = OFFICIAL_STEPS
                # Pictures lie in a folder of the user, so their addresses keep their placeholders.
                task = localize({**raw, "image": None}, self._sites) | {"image": raw.get("image")}
                subtask = Subtask("task", found.task.intent, steps)
                start = {"task": task, "legs": []}
                episodes.append(Episode(found.task.id, 0, found.task.intent, (subtask,), start))
        except TaskError as error:
            raise ConfigError(f"env.tasks: {error}; env.sites holds the addresses") from None
        where = f"env.tasks={self._tasks}, {paths[0].name}: task id"
        require_identifiers((episode.id for episode in episodes), where)
        return episodes


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
