"""The pictures of a dataset in this layout, whoever wrote it: many episodes may share a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.lerobot import layout, spans
from longhaul.demos.lerobot.cameras import Camera
from longhaul.demos.lerobot.data_files import read_by_episode
from longhaul.demos.lerobot.depth import DEPTH_FORMAT
from longhaul.demos.lerobot.episodes import read_numbers
from longhaul.demos.lerobot.images import table_pictures
from longhaul.demos.lerobot.info import Info
from longhaul.demos.source import DatasetError
from longhaul.demos.video import Excerpt, decode_excerpt

COUNTS = ("episode_index", "length", "data/chunk_index", "data/file_index")
"""The columns of the table of episodes that say where an episode's frames are."""

TIMES = "timestamp"
"""The column of a data file that says when in its episode a frame was, in seconds."""


def read_episodes(folder: Path, cameras: Mapping[str, Camera]) -> list[dict[str, Any]]:
    """Return of the table of episodes what says where frames and pictures are, in order.

    Raises DatasetError for a broken table.
    """
    counts, times = list(COUNTS), []
    for camera in cameras.values():
        if not camera.in_table:
            chunk, file, start, stop = spans.columns(camera.key)
            counts += [chunk, file]
            times += [start, stop]
    return read_numbers(folder, list(dict.fromkeys(counts)), list(dict.fromkeys(times)))


class Pictures:
    """The pictures of a dataset's cameras. Times decide which frame of a video belongs to which
    row of a data file, as in lerobot: the one nearest to the row's `timestamp` after the episode's
    `from_timestamp`."""

    def __init__(
        self,
        info: Info,
        cameras: Mapping[str, Camera],
        rows: Sequence[Mapping[str, Any]],
    ) -> None:
        """`rows` are those of `read_episodes`."""
        self._info, self._cameras, self._rows = info, cameras, rows
        self._spans = {
            name: spans.Spans(rows, camera.key, 1 / info.rate)
            for name, camera in cameras.items()
            if not camera.in_table
        }
        self._timed: tuple[Path, dict[int, NDArray[Any]]] = (Path(), {})

    def data_file(self, index: int) -> Path:
        """Return the file that holds the frames of an episode."""
        chunk, file = (self._rows[index][name] for name in COUNTS[2:])
        info = self._info
        return layout.file_in(info.folder, info.data_path, chunk_index=chunk, file_index=file)

    def frames(self, index: int, name: str) -> Iterator[NDArray[Any]]:
        """Yield an episode's pictures (H, W, 3) uint8, or depth (H, W) float16 in meters.

        Raises DatasetError for what is missing, broken or of another size, and where a video and
        the tables disagree by more than half a frame.
        """
        camera, row = self._cameras[name], self._rows[index]
        size, found = (camera.spec.height, camera.spec.width), 0
        if camera.in_table:
            path, number = self.data_file(index), row["episode_index"]
            pictures = table_pictures(self._info.folder, path, camera.key, number, camera.unit)
        else:
            path = self._video(index, name)
            pictures = self._excerpt(index, name, path)
        for picture in pictures:
            if picture.shape[:2] != size:
                raise DatasetError(
                    f"{path}: pictures of {camera.key} are {picture.shape[:2]} pixels high and "
                    f"wide, info.json says {size}"
                )
            yield picture
            found += 1
        if found != row["length"]:
            raise DatasetError(
                f"{path}: {found} pictures of {camera.key} in episode {row['episode_index']}, the "
                f"metadata says {row['length']}"
            )

    def _video(self, index: int, name: str) -> Path:
        chunk, file = self._spans[name].places[index]
        return layout.file_in(
            self._info.folder,
            self._info.video_path,
            video_key=self._cameras[name].key,
            chunk_index=chunk,
            file_index=file,
        )

    def _excerpt(self, index: int, name: str, path: Path) -> Iterator[NDArray[Any]]:
        """Yield an episode's pictures from a video."""
        times, found = self._times(index), self._spans[name]
        if fault := found.fault(index, times):
            raise DatasetError(f"{path}: {fault}; correct meta/episodes or convert the data again")
        wanted = Excerpt((found.starts[index] + times).tolist(), found.step, found.end(index))
        depth = self._cameras[name].quantization
        if depth is None:
            return decode_excerpt(path, wanted)
        return map(depth.meters, decode_excerpt(path, wanted, DEPTH_FORMAT))

    def _times(self, index: int) -> NDArray[np.float64]:
        """Return when in its episode each frame was, in seconds."""
        row, path = self._rows[index], self.data_file(index)
        number, length = row["episode_index"], row["length"]
        if TIMES not in self._info.features:
            return np.arange(length) / self._info.rate
        known, by_episode = self._timed
        if known != path:
            by_episode = read_by_episode(path, TIMES)
            self._timed = path, by_episode  # one assignment, as several threads read pictures
        times = by_episode.get(number, np.zeros(0)).astype(np.float64).reshape(-1)
        if len(times) != length or not length:
            raise DatasetError(
                f"{path}: {len(times)} frames of episode {number}, the metadata says {length}"
            )
        if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
            raise DatasetError(f"{path}: column {TIMES} of episode {number} does not ascend")
        return times
