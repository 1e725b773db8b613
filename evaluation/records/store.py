"""`episodes.jsonl`: one EpisodeRecord a line, safe against a crash at any moment."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from longhaul.documents import parse_json, read_lines
from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.files import partial, writing
from longhaul.secrets import hidden


class EpisodeStore:
    """The records of a run, opened by one process at a time.

    The lock belongs to the open file, so it goes with the process, however that ends. A last line
    that a crash cut short is removed. Raises ConfigError when another process has the file open,
    and naming the line when another line is not a record.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _open_locked(path)
        if os.fstat(self._file.fileno()).st_ino != path.stat().st_ino:
            raise _in_use(path)  # its owner has just put another file in its place
        self.records = self._load(path)
        _sync_folder(path.parent)

    def __enter__(self) -> EpisodeStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, record: EpisodeRecord) -> None:
        """Write a record, without secrets, and wait until it is on the disk."""
        record = EpisodeRecord.from_json(hidden(record.to_json()))
        with writing(self.path):
            self._file.write(_line(record))
            self._file.flush()
            os.fsync(self._file.fileno())
        self.records[record.id] = record

    def drop(self, ids: Collection[str]) -> None:
        """Take out the records of these episodes, all in one step, keeping the lock throughout."""
        kept = [record for record in self.records.values() if record.id not in ids]
        partial(self.path).unlink(missing_ok=True)
        file = _open_locked(partial(self.path))
        file.write(b"".join(_line(record) for record in kept))
        file.flush()
        os.fsync(file.fileno())
        os.replace(partial(self.path), self.path)
        _sync_folder(self.path.parent)
        self._file.close()
        self._file, self.records = file, {record.id: record for record in kept}

    def close(self) -> None:
        self._file.close()

    def _load(self, path: Path) -> dict[str, EpisodeRecord]:
        self._file.seek(0)
        records, whole = parse_records(self._file, path)
        if whole < os.fstat(self._file.fileno()).st_size:
            self._file.truncate(whole)
            os.fsync(self._file.fileno())
        return records


def parse_records(file: BinaryIO, path: Path) -> tuple[dict[str, EpisodeRecord], int]:
    """Return the records of an open file by Episode id, and how many bytes hold them.

    A last line that a crash cut short is left out: one without an end, or with zeros in it, as a
    file system leaves them in blocks that were not yet written. Of an id that comes twice the first
    counts. Raises ConfigError naming `path` and the line when another line is not a record.
    """
    records: dict[str, EpisodeRecord] = {}
    whole = 0
    lines = enumerate(read_lines(file, path), start=1)
    for number, line in lines:
        try:
            record = EpisodeRecord.from_json(parse_json(line, "the line"))
        except ValueError as error:
            if b"\0" in line and _is_last(lines):
                break
            raise ConfigError(f"{path}, line {number}: not a record ({error})") from None
        records.setdefault(record.id, record)
        whole += len(line)
    return records, whole


def _is_last(lines: Iterator[object]) -> bool:
    return next(lines, None) is None


def _line(record: EpisodeRecord) -> bytes:
    return json.dumps(record.to_json(), allow_nan=False).encode() + b"\n"


def _open_locked(path: Path) -> BinaryIO:
    file = path.open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise _in_use(path) from None
    return file


def _in_use(path: Path) -> ConfigError:
    return ConfigError(f"run_dir={path.parent} is in use by another process")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
