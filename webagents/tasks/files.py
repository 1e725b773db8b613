"""Reads task files: a JSON list of tasks, one task in each line, or one task in each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from longhaul.documents import parse_json, read_bytes
from longhaul.errors import ConfigError
from longhaul.webagents.errors import TaskError

PATTERNS = ("*.json", "*.jsonl")
"""The names of task files."""

TASK_KEYS = frozenset({"intent", "eval", "task_id"})
"""The keys of which a task has one at least; an object with none of them is no task."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What some editors write before UTF-8."""


class RepeatedKeys(dict[str, Any]):
    """A JSON object that has a key more than once: `repeated` are these keys. It holds their last
    values, as other readers of JSON take them; nobody knows which were meant."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs)
        self.repeated = tuple(sorted(name for name, count in counts.items() if count > 1))


def read_file(path: Path) -> list[Any]:
    """Return what a file lists as tasks, as JSON: whatever stands among tasks is there too, and an
    object with a key twice is a RepeatedKeys. Raises TaskError for a file without tasks."""
    try:
        data = read_bytes(path)
        if _is_lines(data):
            lines = enumerate(data.split(b"\n"), 1)
            tasks = [_parse(line, f"{path}, line {n}") for n, line in lines if line.strip()]
        else:
            found = _parse(data, path)
            tasks = found if isinstance(found, list) else [found]
    except (ConfigError, OSError) as error:
        raise TaskError(str(error)) from None
    if not any(isinstance(task, dict) and TASK_KEYS & task.keys() for task in tasks):
        raise TaskError(f"{path} holds no tasks: each must be an object with an intent and an eval")
    return tasks


def find_files(folder: Path, deep: bool = False) -> list[Path]:
    """Return the files with a task file's name in a folder, with `deep` in those below it too."""
    walk = folder.rglob if deep else folder.glob
    return sorted(path for pattern in PATTERNS for path in walk(pattern))


def group_files(files: Sequence[Path]) -> dict[Path, list[Path]]:
    """Group task files: a list of tasks is a group under its own path; files of one task each
    (`0.json`, `1.json`, ...) are a group under their folder, in the order of their numbers.

    Raises TaskError for a path that leads to no regular file.
    """
    groups: dict[Path, list[Path]] = {}
    for path in sorted(files, key=lambda file: (file.parent, len(file.name), file.name)):
        try:
            data = read_bytes(path)
        except (ConfigError, OSError) as error:
            raise TaskError(str(error)) from None
        single = _text(data).startswith(b"{") and not _is_lines(data)
        groups.setdefault(path.parent if single else path, []).append(path)
    return groups


def _text(data: bytes) -> bytes:
    return data.removeprefix(BYTE_ORDER_MARK).lstrip()


def _is_lines(data: bytes) -> bool:
    """Say whether the first line is a JSON object of its own, with more lines after it."""
    first, _, rest = _text(data).partition(b"\n")
    if not (first.startswith(b"{") and rest.strip()):
        return False
    try:
        _parse(first, "")
    except ConfigError:
        return False
    return True


def _parse(data: bytes, name: object) -> Any:
    return parse_json(data, name, _object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else RepeatedKeys(pairs)
