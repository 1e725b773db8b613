"""Writes one episode's recording: a video for each camera and each explained picture, the rest as
JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from longhaul.envs.specs import TRANSPOSED, EnvSpec
from longhaul.envs.text import numbers_of, texts_of
from longhaul.files import remove_tree, replace_file, writing
from longhaul.identifiers import file_name
from longhaul.policies.policy import Changes, Explained, Explanation, Picture, Weights
from longhaul.secrets import hidden

DEFAULT_RATE_HZ = 10.0
"""The steps per second at which a recording plays if the env's action has no rate."""

MAX_CURVES = 64
"""The largest number of components of a state or action that are kept as curves."""

MAX_TEXT_BYTES = 4096
"""The largest size in bytes of a text observation or of an action in words; texts of a space that
allows more are not kept."""

DELTA_LABELS = ("x", "y", "z", "roll", "pitch", "yaw", "gripper")
"""The components of a delta action with 7 numbers."""

DIGITS = 5
"""The significant digits of the numbers in a recording."""


class ExplainRecording:
    """Writes a recording into `folder` step by step; `recording.json` is written last and completes
    it.

    Each video has one frame for each step: frame i is the observation on which step i acted.
    """

    def __init__(self, folder: Path, conventions: EnvSpec) -> None:
        remove_tree(folder, inside=folder.parent)  # a recording that a crash interrupted
        folder.mkdir(parents=True)
        self._folder, self._action = folder, conventions.action
        self._rate = conventions.action.rate or DEFAULT_RATE_HZ
        cameras = [camera for camera in conventions.observation.cameras if camera.kind == "rgb"]
        self._turned = {c.name: c.orientation == TRANSPOSED for c in cameras}
        self._states = {state.name: state for state in conventions.observation.states}
        self._films: dict[str, Film] = {}
        self._curves: dict[str, dict[str, list[list[float]]]] = {"states": {}, "actions": {}}
        self._texts: dict[str, list[list[Any]]] = {}
        self._items: dict[str, _Item] = {}
        self._steps = 0

    def add(self, seen: Mapping[str, Any], action: Any, mind: Explanation) -> None:
        """Add a step of one slot: observation, action, and the policy's explanation."""
        for name, turned in self._turned.items():
            if name in seen:
                image = np.asarray(seen[name])
                self._film(name, image.swapaxes(0, 1) if turned else image)
        self._numbers("states", {name: seen[name] for name in self._states if name in seen})
        self._numbers("actions", action if isinstance(action, Mapping) else {"action": action})
        for name, value in mind.items():
            if name not in self._items:
                self._items[name] = _Item(value, self._steps)
            self._items[name].add(value, self._steps)
            if isinstance(value, Picture):
                self._film(name, value.image)
        self._steps += 1

    def close(self) -> None:
        """Finish the files."""
        for film in self._films.values():
            film.close(self._steps)
        document = {
            "frames": self._steps,
            "rate": self._rate,
            "cameras": [
                {"name": name, "file": self._films[name].path.name}
                for name in self._turned
                if name in self._films
            ],
            "states": self._labeled("states"),
            "actions": self._labeled("actions"),
            "texts": self._texts,
            "items": {
                name: item.document()
                | ({"file": self._films[name].path.name} if name in self._films else {})
                for name, item in self._items.items()
            },
        }
        replace_file(self._folder / "recording.json", json.dumps(hidden(document), allow_nan=False))

    def _film(self, name: str, image: np.ndarray) -> None:
        if name not in self._films:
            path = self._folder / f"{file_name(name)}.mp4"
            self._films[name] = Film(path, self._rate, image)
        self._films[name].add(image, self._steps)

    def _numbers(self, group: str, named: Mapping[str, Any]) -> None:
        """Keep the numeric components of states or of an action as curves, and their texts as
        texts."""
        for name, values in numbers_of(named, MAX_CURVES).items():
            self._curve(group, name, values)
        for name, text in texts_of(named, MAX_TEXT_BYTES).items():
            changes = self._texts.setdefault(name, [])
            if not changes or changes[-1][1] != text:
                changes.append([self._steps, text])

    def _curve(self, group: str, name: str, values: Any) -> None:
        row = [_short(float(value)) for value in np.ravel(values)]
        self._curves[group].setdefault(name, []).append(row)

    def _labeled(self, group: str) -> dict[str, Any]:
        """Return the curves by name: a label and the values over time for each component."""
        found = {}
        for name, table in self._curves[group].items():
            columns = [list(column) for column in zip(*table, strict=True)]
            layout = spelled_out(self._states[name].layout) if name in self._states else ()
            if (
                group == "actions"
                and self._action.mode == "delta"
                and len(columns) == len(DELTA_LABELS)
            ):
                layout = DELTA_LABELS
            fits = len(layout) == len(columns)
            alone = len(columns) == 1
            numbers = [name] if alone else [str(number) for number in range(len(columns))]
            labels = layout if fits else numbers
            found[name] = {"labels": list(labels), "values": columns}
        return found


def spelled_out(layout: Sequence[str]) -> tuple[str, ...]:
    """Return a layout with one name for each number; `tcp xyz (m)` and `joints 1-7` become several
    names."""
    names: list[str] = []
    for label in layout:
        several = re.search(r"(\d+)-(\d+)", label)
        if "xyz" in label:
            names += [label.replace("xyz", axis) for axis in "xyz"]
        elif several:
            first, last = (int(number) for number in several.groups())
            names += [label.replace(several[0], str(number)) for number in range(first, last + 1)]
        else:
            names.append(label)
    return tuple(names)


class Film:
    """An H.264 video with a frame for each step, to each of which a player can seek quickly."""

    def __init__(self, path: Path, rate: float, first: np.ndarray) -> None:
        self.path = path
        self._size = tuple(side + side % 2 for side in first.shape[1::-1])  # H.264 halves colors
        self._container = av.open(str(path), "w", format="mp4")
        options = {"preset": "veryfast", "crf": "20", "threads": "1", "g": "10"}
        steps_per_s = Fraction(rate).limit_denominator(1000)
        self._stream: Any = self._container.add_stream("libx264", rate=steps_per_s, options=options)
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = "yuv420p"
        self._frames = 0
        self._last = first

    def add(self, image: np.ndarray, step: int) -> None:
        """Add a step's picture, (H, W, 3) uint8; steps without a picture repeat the last one."""
        while self._frames < step:
            self._encode(self._last)
        self._encode(image)
        self._last = np.array(image)

    def close(self, steps: int) -> None:
        """Repeat the last picture up to `steps` frames and finish the file."""
        while self._frames < steps:
            self._encode(self._last)
        self._container.mux(self._stream.encode())
        self._container.close()

    def _encode(self, image: np.ndarray) -> None:
        picture = Image.fromarray(np.ascontiguousarray(image, np.uint8))
        if picture.size != self._size:
            picture = picture.resize(self._size, Image.Resampling.NEAREST)
        frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
        with writing(self.path):
            self._container.mux(self._stream.encode(frame))
        self._frames += 1


class _Item:
    """What explain() returned under one name over an episode; there is one subclass for each type
    of value."""

    def __init__(self, first: Explained, step: int) -> None:
        self._first = first
        self._filled: list[Any] = [None] * step
        self._made: list[int] = [0] * step
        self._last: Explained | None = None

    def add(self, value: Explained, step: int) -> None:
        self._filled += [None] * (step - len(self._filled))
        self._made += [0] * (step - len(self._made))
        same = value is self._last and self._made
        self._made.append(self._made[-1] if same else step)
        self._filled.append(self._plain(value, self._made[-1]))
        self._last = value

    def document(self) -> dict[str, Any]:
        """Return it as JSON; the viewer's panels.js draws it."""
        first, filled = self._first, self._filled
        if isinstance(first, Picture):
            return {"kind": "picture", "of": first.of, "ahead": first.ahead, "made": self._made}
        if isinstance(first, Weights):
            sums = [float(np.sum(now["weights"], 0).max()) for now in filled if now]
            kind = {"kind": "weights", "rows": list(first.rows), "sums": first.shares}
            return kind | {"top": max(sums, default=1.0), "values": filled}
        if isinstance(first, Changes):
            return {"kind": "changes", "values": filled}
        if isinstance(first, str):
            changes = [
                [step, text]
                for step, text in enumerate(filled)
                if text is not None and (step == 0 or text != filled[step - 1])
            ]
            return {"kind": "text", "changes": changes}
        return {"kind": "scalar", "values": filled}

    def _plain(self, value: Explained, made: int) -> Any:
        if isinstance(value, Picture):
            return None
        if isinstance(value, Weights):
            columns = [made - int(age) for age in value.ages]
            even = {} if value.even is None else {"even": _table(value.even)}
            return {"columns": columns, "weights": _table(value.values), **even}
        if isinstance(value, Changes):
            return list(value.lines)
        return value if isinstance(value, str) else _short(float(value))


def _table(values: np.ndarray) -> list[list[float]]:
    return [[_short(float(value)) for value in row] for row in values]


def _short(value: float) -> float:
    """Return a number with as many digits as a plot shows; 0 for one that JSON cannot hold."""
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else 0.0
