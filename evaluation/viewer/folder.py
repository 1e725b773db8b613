"""Reads a run's folder, finished or not, without changing it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from longhaul.documents import parse_json, read_lines
from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.evaluation.metrics.metrics import completed_in_row
from longhaul.evaluation.reports.summary import read_summary, require_provenance
from longhaul.evaluation.viewer.recordings import (
    RECORDING_FILE,
    RECORDINGS_FOLDER,
    VIDEO_SUFFIX,
    read_recording,
)
from longhaul.identifiers import file_name, shown
from longhaul.inside import Folder
from longhaul.kinds import instead

RECORDS_FILE = "episodes.jsonl"
VIDEOS_FOLDER = "videos"
Document = dict[str, Any]
Read = TypeVar("Read")

MAX_NOTES = 100
"""The most lines that are kept of what was left out of a run."""


class RunView:
    """Follows `episodes.jsonl` as it grows.

    A last line without its end is read later; any other line that is not a record is left out and
    counted in `broken`. `generation` is increased when the file is replaced (retry_errors), after
    which all earlier rows are invalid. Several threads may call it. Raises ConfigError for a folder
    that is not a run's, and for one whose `episodes.jsonl` is a link.

    The run may come from somebody else: nothing outside its folder is read. `left_out` has a line
    on each document, film and recording that is a link or is broken, and is therefore not shown.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.folder = path, Folder(path)
        self._notes: dict[str, None] = {}
        if not path.is_dir():
            raise ConfigError(f"{path} is not a folder: try longhaul view runs/NAME")
        if not self.folder.has(RECORDS_FILE) and not self.folder.has("provenance.json"):
            raise ConfigError(
                f"{path} holds no run: neither {RECORDS_FILE} nor provenance.json is there"
                f"{instead(path)}"
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
        self._recorded: set[str] = set()

    @property
    def left_out(self) -> list[str]:
        return list(self._notes)

    def note(self, line: str) -> None:
        """Keep a line on something that was left out."""
        if len(self._notes) < MAX_NOTES:
            self._notes[line] = None

    def refresh(self) -> None:
        """Read what was written since the last call."""
        with self._lock:
            try:
                with self.folder.open(RECORDS_FILE) as file:
                    now = os.fstat(file.fileno())
                    if now.st_ino != self._inode or now.st_size < self._read:
                        self._restart(now.st_ino)
                    file.seek(self._read)
                    for line in read_lines(file, self.path / RECORDS_FILE):
                        self._take(line)
            except FileNotFoundError:
                if self._inode:
                    self._restart(0)
            except ConfigError as error:
                self.note(str(error))
            self._note_files()

    def record(self, number: int) -> EpisodeRecord:
        """Return the record of a row. Raises LookupError for an unknown number, and for a record
        that is there no longer."""
        with self._lock:
            if not 0 <= number < len(self._places):
                raise LookupError(number)
            start, length = self._places[number]
        try:
            with self.folder.open(RECORDS_FILE) as file:
                file.seek(start)
                return EpisodeRecord.from_json(parse_json(file.read(length), "the line"))
        except (ValueError, FileNotFoundError):
            raise LookupError(number) from None

    def records(self) -> list[EpisodeRecord]:
        """Return all records in the order of the rows."""
        return [self.record(number) for number in range(len(self._places))]

    def recording(self, number: int) -> Document | None:
        """Return the recording of a row's episode; None if there is none that can be shown."""
        row = self.rows[number]
        return read_recording(self.path, row["file"], self.note) if row["recording"] else None

    def document(self, name: str) -> Document:
        """Return one of the folder's JSON files; {} if it is missing or broken."""
        return self._if_sound(lambda: self.folder.read_object(name), {})

    def summary(self) -> Document:
        """Return summary.json; {} if it is missing or is no summary."""
        return self._if_sound(lambda: read_summary(self.folder), {})

    def provenance(self) -> Document:
        """Return provenance.json; {} if it is missing or is no provenance."""
        name = "provenance.json"

        def read() -> Document:
            found = self.folder.read_object(name)
            require_provenance(found, str(self.path / name))
            return found

        return self._if_sound(read, {})

    def text(self, name: str) -> str:
        """Return one of the folder's text files; empty if it is missing."""
        return self._if_sound(lambda: self.folder.read(name).decode(errors="replace"), "")

    def _if_sound(self, read: Callable[[], Read], missing: Read) -> Read:
        try:
            return read()
        except FileNotFoundError:
            return missing
        except ConfigError as error:
            self.note(str(error))
            return missing

    def _take(self, line: bytes) -> None:
        start = self._read
        self._read += len(line)
        try:
            row = _row(EpisodeRecord.from_json(parse_json(line, "the line")))
        except ValueError:
            self.broken += 1
            return
        if row["id"] not in self.numbers:
            self.numbers[row["id"]] = len(self.rows)
            self.rows.append(row)
            self._places.append((start, len(line)))

    def _note_files(self) -> None:
        films, recordings = self._entries(VIDEOS_FOLDER), self._entries(RECORDINGS_FOLDER)
        for row in self.rows:
            film, recording = films.get(row["file"] + VIDEO_SUFFIX), recordings.get(row["file"])
            row["video"] = film is not None and film.is_file(follow_symlinks=False)
            row["recording"] = recording is not None and self._is_recorded(recording.name)

    def _entries(self, folder: str) -> dict[str, os.DirEntry[str]]:
        """Return what lies in a folder of the run, by name, without links."""
        found: dict[str, os.DirEntry[str]] = {}
        none: list[os.DirEntry[str]] = []
        for entry in self._if_sound(lambda: self.folder.entries(folder), none):
            if entry.is_symlink():
                self.note(f"{self.path}: {shown(f'{folder}/{entry.name}')} is a link: left out")
            else:
                found[entry.name] = entry
        return found

    def _is_recorded(self, name: str) -> bool:
        """Return True for a recording that is complete; one that is complete stays so."""
        document = f"{RECORDINGS_FOLDER}/{name}/{RECORDING_FILE}"
        if name not in self._recorded and self._if_sound(lambda: self.folder.has(document), False):
            self._recorded.add(name)
        return name in self._recorded


def _row(record: EpisodeRecord) -> Document:
    """Return the columns that the table shows for an episode."""
    error = (record.error or "").strip().rpartition("\n")[2]
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
