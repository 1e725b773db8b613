"""The table of episodes: one small file per episode, which exists only if the episode is
complete."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from longhaul.demos.lerobot import layout
from longhaul.demos.lerobot.tables import read_table, readable
from longhaul.demos.source import DatasetError, DemoSpec, Segment
from longhaul.demos.statistics import Statistics
from longhaul.documents import parse_json
from longhaul.envs.episode import Episode
from longhaul.errors import ConfigError
from longhaul.files import replacing
from longhaul.identifiers import require_identifiers, shown
from longhaul.secrets import hidden

ID_COLUMN, EPISODE_COLUMN, SEGMENTS_COLUMN, STATS_COLUMN = (
    f"longhaul/{name}" for name in ("id", "episode", "segments", "stats")
)

ENTRY_COLUMNS = (
    *("episode_index", "length", "dataset_from_index", "tasks"),
    *(ID_COLUMN, EPISODE_COLUMN, SEGMENTS_COLUMN, STATS_COLUMN),
)
"""The columns that an Entry is made of; the last one is that of the statistics."""


@dataclass(frozen=True)
class Entry:
    """One trajectory of a dataset: the frames `start` to `start + length - 1` of all frames."""

    index: int
    id: str
    length: int
    start: int
    tasks: tuple[str, ...]
    segments: tuple[Segment, ...] = ()
    episode: Episode | None = None
    stats: Mapping[str, Statistics] = field(default_factory=dict)

    def write(self, folder: Path, spec: DemoSpec) -> None:
        """Add this trajectory to the table; all its other files must have been written before."""
        at = layout.place(self.index)
        row: dict[str, Any] = {
            "episode_index": self.index,
            "tasks": list(self.tasks),
            "length": self.length,
            "dataset_from_index": self.start,
            "dataset_to_index": self.start + self.length,
        }
        for prefix in ("data", "meta/episodes"):
            row |= {f"{prefix}/{name}": number for name, number in at.items()}
        for camera in spec.pictures:
            prefix = f"videos/{layout.camera_key(camera.name)}"
            row |= {f"{prefix}/{name}": number for name, number in at.items()}
            row[f"{prefix}/from_timestamp"] = 0.0
            row[f"{prefix}/to_timestamp"] = self.length / spec.action.rate
        row[ID_COLUMN] = self.id
        row[EPISODE_COLUMN] = json.dumps(self.episode and hidden(self.episode.to_json()))
        row[SEGMENTS_COLUMN] = layout.segments_to_json(self.segments)
        row[STATS_COLUMN] = json.dumps({key: value.to_json() for key, value in self.stats.items()})
        path = folder / layout.EPISODE_FILE.format(**at)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as new:
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row]), new)

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Entry:
        """Return the Entry that `write` wrote as this row.

        Raises KeyError, TypeError or ValueError for any other row.
        """
        episode = parse_json(row[EPISODE_COLUMN], EPISODE_COLUMN)
        return cls(
            index=row["episode_index"],
            id=row[ID_COLUMN],
            length=row["length"],
            start=row["dataset_from_index"],
            tasks=tuple(row["tasks"]),
            segments=layout.segments_from_json(row[SEGMENTS_COLUMN]),
            episode=None if episode is None else Episode.from_json(episode),
            stats={
                key: Statistics.from_json(value)
                for key, value in parse_json(row[STATS_COLUMN], STATS_COLUMN).items()
            },
        )


def read_rows(folder: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return `columns` of the table of episodes of any dataset in this layout, in order; a column
    that the table lacks is left out.

    The others are not read: lerobot's statistics take 50 kB of memory an episode. Raises
    DatasetError, which names the file, for a broken file.
    """
    rows: list[dict[str, Any]] = []
    for path in tables_of(folder):
        table = read_table(path, columns)
        with readable(path):
            rows += table.to_pylist()
    try:
        return sorted(rows, key=lambda row: row["episode_index"])
    except (KeyError, TypeError) as error:
        raise DatasetError(f"{folder}/meta/episodes: a broken row ({error!r})") from None


def read_numbers(folder: Path, counts: Sequence[str], times: Sequence[str]) -> list[dict[str, Any]]:
    """Return columns of the table of episodes of any dataset, in order: `counts`, which are whole
    numbers from 0 on, and `times`, which are finite numbers.

    Raises DatasetError for a table that lacks one of them or says something else.
    """
    rows = read_rows(folder, [*counts, *times])
    where = f"{folder}/meta/episodes"
    for row in rows:
        for name in (*counts, *times):
            value = row.get(name)
            whole = isinstance(value, int) and value >= 0
            if not whole and not (name in times and _is_finite(value)):
                raise DatasetError(
                    f"{where}: episode {row['episode_index']} has {name} {shown(str(value))}"
                )
    for before, after in pairwise(rows):
        if before["episode_index"] == after["episode_index"]:
            raise DatasetError(f"{where}: episode {before['episode_index']} is there twice")
    return rows


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def tables_of(folder: Path) -> list[Path]:
    """Return the files of the table of episodes, in order."""
    return sorted((folder / "meta" / "episodes").glob("chunk-*/file-*.parquet"))


def read_entries(folder: Path, statistics: bool = True) -> list[Entry]:
    """Return the entries of one of our datasets; the list is empty for a new folder.

    Without `statistics` an entry has none.
    """
    rows = read_rows(folder, ENTRY_COLUMNS if statistics else ENTRY_COLUMNS[:-1])
    none = {} if statistics else {STATS_COLUMN: "{}"}
    try:
        entries = [Entry.of_row({**row, **none}) for row in rows]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise DatasetError(f"{folder}/meta/episodes: a broken row ({error!r})") from None
    try:
        require_identifiers((entry.id for entry in entries), f"{folder}/meta/episodes: episode id")
    except ConfigError as error:
        raise DatasetError(str(error)) from None
    return entries
