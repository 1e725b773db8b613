"""Compares what a disturbed command left with what an undisturbed one did."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

CLOCKS = {"timings", "timing", "provenance", "seconds", "samples_per_s", "windows_per_s", "time"}
"""The keys of documents that say how long something took, or when it was done."""

FREE = {"provenance.json"}
"""Files that say when a command was first started."""

LOGS = {"log.txt"}
"""Files of what a command said, which only one of two may have: a quick one says nothing."""

SAME_PICTURE_LEVELS = 1.0
"""Two pictures of a film that differ by less in their mean, in levels of 255, are the same."""


def differences(one: Path, other: Path) -> list[str]:
    """Return in words what of two folders differs: files that only one has, and contents.

    Records are compared in order of their ids, without times, and films of episodes by their
    pictures, since the encoder gives other bytes for the same pictures
    (findings/x264_bytes_vary.sh). Any other file is byte-equal, films of datasets too.
    """
    ours, theirs = _files(one), _files(other)
    said = [f"{name}: missing" for name in sorted(ours - theirs)]
    said += [f"{name}: left over" for name in sorted(theirs - ours)]
    for name in sorted(ours & theirs):
        if Path(name).name not in FREE and not _equal(one / name, other / name):
            said.append(f"{name}: differs")
    return said


def _files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if not path.is_dir() and path.name not in LOGS)
    return {str(path.relative_to(folder)) for path in found}


def _equal(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    if one.suffix == ".mp4" and one.parent.name == "videos":
        return _same_film(one, other)
    read = READERS.get(one.name, Path.read_bytes)
    return bool(read(one) == read(other))


def _same_film(one: Path, other: Path) -> bool:
    ours, theirs = _pictures(one), _pictures(other)
    if ours.shape != theirs.shape:
        return False
    apart = np.abs(ours.astype(np.int16) - theirs).mean(axis=(1, 2, 3))
    return bool(apart.max() < SAME_PICTURE_LEVELS)


def _pictures(path: Path) -> NDArray[np.uint8]:
    """Return a film's pictures, (T, H, W, 3)."""
    with av.open(str(path)) as container:
        found = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(found)


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


def _said(path: Path) -> list[str]:
    """Return the lines of what a policy noted, without their order and repetitions: an episode that
    was interrupted is noted twice."""
    return sorted({json.dumps(line, sort_keys=True) for line in _lines(path)})


READERS: Mapping[str, Callable[[Path], Any]] = {
    "episodes.jsonl": _records,
    "summary.json": _document,
    "metrics.jsonl": _lines,
    "notes.json": _document,
    "steps.jsonl": _said,
    "transcript.jsonl": _said,
}
