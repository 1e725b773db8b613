"""Reads what evaluation/recordings/explain.py recorded of an episode for the viewer.

A recording may come from somebody else: each part that is not as ExplainRecording writes it is left
out, and a part's video must lie in the recording's own folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from longhaul.envs.episode import MAX_STEPS
from longhaul.errors import ConfigError
from longhaul.identifiers import is_plain_name, shown
from longhaul.inside import Folder

RECORDINGS_FOLDER = "recordings"
RECORDING_FILE = "recording.json"
VIDEO_SUFFIX = ".mp4"
MAX_RATE_HZ = 100_000.0
"""The largest rate of a recording, in steps per second."""

Document = dict[str, Any]
Note = Callable[[str], None]
"""Takes a line that says what was left out."""


def read_recording(run: Path, name: str, note: Note = lambda _: None) -> Document | None:
    """Return an episode's recording, or None if there is none that can be shown.

    `name` is the recording's folder in the run's folder `recordings`. The result has `folder`, the
    folder of its videos relative to the run's.
    """
    inside, at = Folder(run), f"{RECORDINGS_FOLDER}/{name}"
    try:
        found = inside.read_object(f"{at}/{RECORDING_FILE}")
    except FileNotFoundError:
        return None
    except ConfigError as error:
        note(str(error))
        return None
    frames, rate = found.get("frames"), found.get("rate")
    if type(frames) is not int or not 0 <= frames <= MAX_STEPS or not _is_rate(rate):
        note(f"{run / at}: frames or rate are no numbers of a recording: left out")
        return None
    return {"folder": at, **_Reader(inside, at, frames, note).document(found), "rate": rate}


class _Reader:
    """Takes over the sound parts of a recording of `frames` steps, and notes the others."""

    def __init__(self, inside: Folder, at: str, frames: int, note: Note) -> None:
        self._inside, self._at, self._frames, self._note = inside, at, frames, note

    def document(self, found: Mapping[str, Any]) -> Document:
        cameras = found.get("cameras")
        listed = dict(enumerate(cameras if isinstance(cameras, list) else []))
        return {
            "frames": self._frames,
            "cameras": list(self._sound("cameras", listed, self._is_camera).values()),
            "states": self._sound("states", found.get("states"), self._is_curves),
            "actions": self._sound("actions", found.get("actions"), self._is_curves),
            "texts": self._sound("texts", found.get("texts", {}), self._is_changes),
            "items": self._sound("items", found.get("items"), self._is_item),
        }

    def _sound(self, group: str, found: Any, holds: Callable[[Any], bool]) -> dict[Any, Any]:
        kept = {}
        for name, value in found.items() if isinstance(found, Mapping) else ():
            if holds(value):
                kept[name] = value
            else:
                told = value.get("name", name) if isinstance(value, Mapping) else name
                where = self._inside.path / self._at
                self._note(f"{where}: {shown(told)} of {group} is broken: left out")
        return kept

    def _is_video(self, file: Any) -> bool:
        if not is_plain_name(file) or not file.endswith(VIDEO_SUFFIX):
            return False
        try:
            return self._inside.has(f"{self._at}/{file}")
        except ConfigError as error:
            self._note(str(error))
            return False

    def _is_camera(self, found: Any) -> bool:
        named = isinstance(found, Mapping) and isinstance(found.get("name"), str)
        return named and self._is_video(found.get("file"))

    def _is_curves(self, found: Any) -> bool:
        if not isinstance(found, Mapping):
            return False
        labels, values = found.get("labels"), found.get("values")
        return (
            isinstance(labels, list)
            and bool(labels)
            and _is_list(labels, str)
            and isinstance(values, list)
            and len(values) == len(labels)
            and all(_is_numbers(row) and len(row) == self._frames for row in values)
        )

    def _is_changes(self, found: Any) -> bool:
        return isinstance(found, list) and all(
            isinstance(change, list)
            and len(change) == 2
            and type(change[0]) is int
            and 0 <= change[0] <= self._frames
            and isinstance(change[1], str)
            for change in found
        )

    def _is_item(self, found: Any) -> bool:
        kind = found.get("kind") if isinstance(found, Mapping) else None
        if kind == "text":
            return self._is_changes(found.get("changes"))
        if kind == "picture":
            known = isinstance(found.get("of"), str | None) and type(found.get("ahead")) is int
            return known and _is_numbers(found.get("made")) and self._is_video(found.get("file"))
        values = found.get("values") if isinstance(found, Mapping) else None
        if not isinstance(values, list) or len(values) > self._frames:
            return False
        told = [value for value in values if value is not None]
        if kind == "changes":
            return all(_is_list(value, str) for value in told)
        if kind == "scalar":
            return bool(told) and _is_numbers(told)
        return kind == "weights" and _is_weights(found) and all(map(_is_weighing, told))


def _is_rate(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value <= MAX_RATE_HZ


def _is_list(found: Any, kind: type) -> bool:
    return isinstance(found, list) and all(isinstance(value, kind) for value in found)


def _is_numbers(found: Any) -> bool:
    return isinstance(found, list) and all(
        (type(value) is float and isfinite(value)) or (type(value) is int and abs(value) < 2**63)
        for value in found
    )


def _is_table(found: Any, columns: int) -> bool:
    return (
        isinstance(found, list)
        and bool(found)
        and all(_is_numbers(row) and len(row) == columns for row in found)
    )


def _is_weights(found: Mapping[str, Any]) -> bool:
    sums = isinstance(found.get("sums"), bool)
    return sums and _is_list(found.get("rows"), str) and _is_numbers([found.get("top")])


def _is_weighing(found: Any) -> bool:
    if not isinstance(found, Mapping) or not _is_numbers(found.get("columns")):
        return False
    columns = len(found["columns"])
    return _is_table(found.get("weights"), columns) and (
        "even" not in found or _is_table(found["even"], columns)
    )
