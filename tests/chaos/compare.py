"""Compares what a disturbed command left with what an undisturbed one did."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

CLOCKS = {"timings", "timing", "provenance", "seconds", "samples_per_s", "windows_per_s", "time"}
"""The keys of documents that say how long something took, or when it was done."""

FREE = {"provenance.json", "log.txt"}
"""Files that say when and how often a command was started."""


def differences(one: Path, other: Path) -> list[str]:
    """Return in words what of two folders differs: files that only one has, and contents.

    Records are compared in order of their ids, without times; any other file is byte-equal.
    """
    ours, theirs = _files(one), _files(other)
    said = [f"{name}: missing" for name in sorted(ours - theirs)]
    said += [f"{name}: left over" for name in sorted(theirs - ours)]
    for name in sorted(ours & theirs):
        if Path(name).name not in FREE and not _equal(one / name, other / name):
            said.append(f"{name}: differs")
    return said


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def _equal(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    read = READERS.get(one.name, Path.read_bytes)
    return bool(read(one) == read(other))


def _untimed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _untimed(item) for key, item in value.items() if key not in CLOCKS}
    return [_untimed(item) for item in value] if isinstance(value, list) else value


def _document(path: Path) -> Any:
    return _untimed(json.loads(path.read_text()))


def _lines(path: Path) -> list[Any]:
    return [_untimed(json.loads(line)) for line in path.read_text().splitlines()]


def _records(path: Path) -> list[Any]:
    return sorted(_lines(path), key=lambda record: str(record["id"]))


READERS: Mapping[str, Callable[[Path], Any]] = {
    "episodes.jsonl": _records,
    "summary.json": _document,
    "metrics.jsonl": _lines,
}
