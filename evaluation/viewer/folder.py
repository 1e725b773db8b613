"""Reads a run's folder, finished or not, without changing it."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.evaluation.metrics.metrics import completed_in_row
from longhaul.identifiers import file_name

RECORDS_FILE = "episodes.jsonl"
VIDEOS_FOLDER, RECORDINGS_FOLDER = "videos", "recordings"
Document = dict[str, Any]


class RunView:
    """Follows `episodes.jsonl` as it grows.

    A last line without its end is read later; any other line that is not a record is left out and
    counted in `broken`. `generation` is increased when the file is replaced (retry_errors), after
    which all earlier rows are invalid. Several threads may call it. Raises ConfigError for a folder
    that is not a run's.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_dir():
            raise ConfigError(f"{path} is not a folder: try longhaul view runs/NAME")
        if not any((path / name).is_file() for name in (RECORDS_FILE, "provenance.json")):
            raise ConfigError(
                f"{path} holds no run: neither {RECORDS_FILE} nor provenance.json is there"
            )
        self._lock = Lock()
        self.generation = -1
        self._restart(0)

    def _restart(self, inode: int) -> None:
        self.generation += 1
        self._inode, self._read = inode, 0
        self.rows: list[Document] = []
        self.broken = 0
        self._places: list[tuple[int, int]] = []
        self.numbers: dict[str, int] = {}

    def refresh(self) -> None:
        """Read what was written since the last call."""
        with self._lock:
            try:
                with (self.path / RECORDS_FILE).open("rb") as file:
                    now = os.fstat(file.fileno())
                    if now.st_ino != self._inode or now.st_size < self._read:
                        self._restart(now.st_ino)
                    file.seek(self._read)
                    for line in file:
                        if not line.endswith(b"\n"):
                            break
                        self._take(line)
            except FileNotFoundError:
                if self._inode:
                    self._restart(0)
            self._note_files()

    def record(self, number: int) -> EpisodeRecord:
        """Return the record of a row. Raises LookupError for an unknown number."""
        with self._lock:
            if not 0 <= number < len(self._places):
                raise LookupError(number)
            start, length = self._places[number]
        with (self.path / RECORDS_FILE).open("rb") as file:
            file.seek(start)
            return EpisodeRecord.from_json(json.loads(file.read(length)))

    def records(self) -> list[EpisodeRecord]:
        """Return all records in the order of the rows."""
        return [self.record(number) for number in range(len(self._places))]

    def document(self, name: str) -> Document:
        """Return one of the folder's JSON files; {} if it is missing or incomplete."""
        try:
            found = json.loads((self.path / name).read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def text(self, name: str) -> str:
        """Return one of the folder's text files; empty if it is missing."""
        try:
            return (self.path / name).read_text(errors="replace")
        except OSError:
            return ""

    def _take(self, line: bytes) -> None:
        start = self._read
        self._read += len(line)
        try:
            row = _row(EpisodeRecord.from_json(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            self.broken += 1
            return
        if row["id"] not in self.numbers:
            self.numbers[row["id"]] = len(self.rows)
            self.rows.append(row)
            self._places.append((start, len(line)))

    def _note_files(self) -> None:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for folder, inside in ((VIDEOS_FOLDER, ""), (RECORDINGS_FOLDER, "recording.json")):
            if (self.path / folder).is_dir():
                entries = list((self.path / folder).iterdir())
                found[folder] = {e.name for e in entries if (e / inside).exists()}
        for row in self.rows:
            row["video"] = row["file"] + ".mp4" in found[VIDEOS_FOLDER]
            row["recording"] = row["file"] in found[RECORDINGS_FOLDER]


def _row(record: EpisodeRecord) -> Document:
    """Return the columns that the table shows for an episode."""
    error = record.error.strip().splitlines()[-1] if record.error else ""
    return {
        "id": record.id,
        "file": file_name(record.id),
        "status": record.status,
        "instruction": record.episode.instruction,
        "subtasks": [[outcome.name, _state(vars(outcome))] for outcome in record.outcomes],
        "begun": sum(outcome.started for outcome in record.outcomes),
        "done": completed_in_row(record),
        "steps": record.steps,
        "seconds": record.timings.get("wall_s"),
        "error": error,
    }


def _state(outcome: Mapping[str, Any]) -> str:
    if outcome["success"]:
        return "done"
    return "failed" if outcome["started"] else "open"
