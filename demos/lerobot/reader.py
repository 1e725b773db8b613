"""Reads one of our datasets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.lerobot import layout
from longhaul.demos.lerobot.data_files import numbers
from longhaul.demos.lerobot.episodes import Entry, read_entries
from longhaul.demos.lerobot.tables import read_table, readable
from longhaul.demos.source import DatasetError, DemoSpec, Trajectory
from longhaul.demos.video import decode


class LeRobotSource:
    """Fulfills longhaul.demos.source.DemoSource for a folder that DemoWriter wrote.

    The table of episodes decides what the dataset contains; the totals in info.json are not used.
    """

    spec: DemoSpec

    def __init__(self, folder: Path) -> None:
        """Raise DatasetError for a folder that is not such a dataset."""
        self._folder = folder
        ours = layout.read_json(folder / layout.CONVENTIONS_FILE)
        if {name: ours.get(name) for name in layout.DEMOS_FORMAT} != layout.DEMOS_FORMAT:
            raise DatasetError(f"{folder / layout.CONVENTIONS_FILE}: not of {layout.DEMOS_FORMAT}")
        try:
            self.spec = layout.spec_from_json(ours["spec"])
        except (KeyError, TypeError) as error:
            raise DatasetError(f"{folder / layout.CONVENTIONS_FILE}: broken ({error!r})") from None
        self._entries = read_entries(folder, statistics=False)

    def __len__(self) -> int:
        return len(self._entries)

    def lengths(self) -> NDArray[np.int64]:
        return np.array([entry.length for entry in self._entries], np.int64)

    def trajectory(self, index: int) -> Trajectory:
        entry = self._entries[index]
        path = self._folder / layout.DATA_FILE.format(**layout.place(entry.index))
        keys = layout.state_keys(self.spec.observation.states)
        columns = read_columns(path, entry.length, [*keys.values(), "action", "executed_action"])
        try:
            return Trajectory(
                id=entry.id,
                states={name: columns[key] for name, key in keys.items()},
                actions=columns["action"],
                executed=columns.get("executed_action"),
                segments=entry.segments,
                episode=entry.episode,
            )
        except KeyError as error:
            raise DatasetError(f"{path}: there is no column {error}") from None

    def frames(self, index: int, camera: str) -> Iterator[NDArray[Any]]:
        entry = self._entries[index]
        if camera in {spec.name for spec in self.spec.maps}:
            return self._maps(entry, camera)
        path = self._folder / layout.VIDEO_FILE.format(
            video_key=layout.camera_key(camera), **layout.place(entry.index)
        )
        return decode(path, frames=entry.length)

    def _maps(self, entry: Entry, camera: str) -> Iterator[NDArray[np.float16]]:
        path, key = (
            self._folder / layout.DATA_FILE.format(**layout.place(entry.index)),
            layout.map_key(camera),
        )
        columns = read_columns(path, entry.length, [key])
        if key not in columns:
            raise DatasetError(f"{path}: there is no column {key!r}")
        shape = next((c.height, c.width) for c in self.spec.maps if c.name == camera)
        return iter(columns[key].reshape(-1, *shape))

    def origin(self) -> dict[str, Any]:
        """Return the `scenes` of the recorded episodes."""
        starts = [entry.episode.start for entry in self._entries if entry.episode is not None]
        return {"scenes": sorted({str(start["scene"]) for start in starts if "scene" in start})}

    def fingerprint(self) -> str:
        """Return a hash of the conventions, the trajectories and their statistics, which change
        with vectors and pictures. A file that was changed by hand is not noticed."""
        hasher = sha256((self._folder / layout.CONVENTIONS_FILE).read_bytes())
        for entry in self._entries:
            at = layout.place(entry.index)
            hasher.update((self._folder / layout.EPISODE_FILE.format(**at)).read_bytes())
        return hasher.hexdigest()


def read_columns(path: Path, length: int, wanted: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return those of the wanted columns that a data file has; vectors and maps are (length, n).

    Raises DatasetError if the file is missing, broken or of another length.
    """
    table = read_table(path, wanted)
    if len(table) != length:
        raise DatasetError(f"{path}: {len(table)} frames, the metadata says {length}")
    with readable(path):
        return {name: numbers(path, table, name) for name in table.column_names}
