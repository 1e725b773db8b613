"""The file metrics.jsonl: a line for every `log_every` steps, each validation and evaluation."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from longhaul.documents import parse_json, read_lines
from longhaul.errors import ConfigError
from longhaul.files import replace_file, writing
from longhaul.inside import Folder

TERMS_FILE = "terms.json"
"""The file in a training run's folder that names the learner's terms."""


class Metrics:
    """Appends lines; a session that resumes at step N first drops the lines of later steps.

    `pending` is what an earlier session had added since its last line (see `pending()`).
    """

    def __init__(
        self,
        path: Path,
        step: int,
        main: bool = True,
        pending: Mapping[str, Any] | None = None,
    ) -> None:
        """`main` is false in all but one process of a run; only that one writes the file."""
        self._path = path
        self._sums: dict[str, float] = dict(pending["sums"]) if pending else {}
        self._count: int = pending["count"] if pending else 0
        if not main:
            return
        kept = [row for row in read_metrics(path) if row["step"] <= step]
        replace_file(path, "".join(json.dumps(row) + "\n" for row in kept))

    def add(self, values: Mapping[str, float]) -> None:
        """Add the losses of one step to the means."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1

    def pending(self) -> dict[str, Any]:
        """Return what was added since the last `means`, as plain JSON."""
        return {"sums": self._sums, "count": self._count}

    def means(self) -> dict[str, float]:
        """Return the mean of what was added since the last call; {} if nothing was."""
        means = {name: total / self._count for name, total in self._sums.items()}
        self._sums, self._count = {}, 0
        return means

    def write(self, kind: str, step: int, values: Mapping[str, float]) -> None:
        """Append a line: `kind` is train, validation or evaluation."""
        with writing(self._path), self._path.open("a") as file:
            file.write(json.dumps({"kind": kind, "step": step, **values}) + "\n")
            file.flush()
            os.fsync(file.fileno())


def write_terms(folder: Path, terms: Mapping[str, str]) -> None:
    """Keep beside metrics.jsonl what its terms are in words."""
    replace_file(folder / TERMS_FILE, json.dumps(dict(terms), indent=2) + "\n")


def read_terms(folder: Path) -> dict[str, str]:
    """Return the terms of a training run and what they are; {} for a run that names none."""
    try:
        found = Folder(folder).read_object(TERMS_FILE)
    except FileNotFoundError:
        return {}
    if not all(isinstance(words, str) for words in found.values()):
        raise ConfigError(f"{folder / TERMS_FILE} must map terms to what they are in words")
    return found


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """Return a run's lines; a line that a crash cut short is left out, with all behind it.

    Raises ConfigError for a line that is JSON and no line of ours.
    """
    rows: list[dict[str, Any]] = []
    try:
        with Folder(path.parent).open(path.name) as file:
            for number, line in enumerate(read_lines(file, path), start=1):
                if b"\0" in line:
                    break
                rows.append(_row(parse_json(line, f"{path}, line {number}"), path, number))
    except FileNotFoundError:
        pass
    return rows


def _row(found: Any, path: Path, number: int) -> dict[str, Any]:
    """Return a line of metrics.jsonl: its kind, its step, and numbers. Raises ConfigError
    for anything else."""
    sound = isinstance(found, dict) and isinstance(found.get("kind"), str)
    numbers = {k: v for k, v in found.items() if k != "kind"} if sound else {}
    if type(numbers.get("step")) is not int or not all(map(_is_number, numbers.values())):
        raise ConfigError(f"{path}, line {number}: no line of a training run")
    return dict(found)


def _is_number(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) < 2**63)
