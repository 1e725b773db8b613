"""Reads a dataset's table of tasks: the sentence of each `task_index`, however the table lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas
from numpy.typing import NDArray

from longhaul.demos.lerobot import layout
from longhaul.demos.lerobot.info import EPISODES_OF_V2
from longhaul.demos.lerobot.tables import read_table, readable
from longhaul.demos.source import DatasetError, Segment
from longhaul.errors import single_line
from longhaul.identifiers import shown

NUMBER, SENTENCE = "task_index", "task"
"""The names of the two columns."""

UNNAMED = ("index", "level_0", "__index_level_0__")
"""What a column is called whose index had no name, by pandas and in a parquet file."""


def read_tasks(folder: Path) -> dict[int, str]:
    """Return the sentences by `task_index`.

    Either column may be the table's index, as lerobot writes the sentences, or a plain one; the
    order of rows means nothing. Raises DatasetError, in one line that names the file, for a table
    without one of them, and for one that gives a number no sentence or two.
    """
    path = folder / layout.TASKS_FILE
    if not path.exists() and (folder / EPISODES_OF_V2).exists():
        raise DatasetError(f"{path}: this file is missing, and {EPISODES_OF_V2} is of v2")
    rows = _rows(path)
    sentences = _column(rows)
    if NUMBER not in rows.columns or sentences is None:
        found = ", ".join(shown(str(name)) for name in rows.columns)
        raise DatasetError(
            f"{path}: columns {found}; a table of tasks has {NUMBER} and {SENTENCE}, which may be "
            "its index"
        )
    tasks: dict[int, str] = {}
    for number, sentence in zip(rows[NUMBER].tolist(), rows[sentences].tolist(), strict=True):
        if not isinstance(number, int | float) or number != number // 1 or number < 0:
            raise DatasetError(f"{path}: {NUMBER} {shown(str(number))} is no number of a task")
        if not isinstance(sentence, str):
            raise DatasetError(f"{path}: task {int(number)} is {shown(str(sentence))}, no sentence")
        if tasks.setdefault(int(number), sentence) != sentence:
            raise DatasetError(f"{path}: there are two sentences of task {int(number)}")
    return tasks


def _rows(path: Path) -> pandas.DataFrame:
    """Return the table with its index as a column."""
    table = read_table(path)
    try:
        with readable(path):
            frame = table.to_pandas()
            return frame.reset_index(drop=bool(set(frame.index.names) & set(frame.columns)))
    except (LookupError, TypeError, AttributeError) as error:  # of pandas' notes in the file
        raise DatasetError(f"{path}: no table of pandas ({single_line(repr(error))})") from None


def _column(rows: pandas.DataFrame) -> str | None:
    """Return the name of the column of sentences."""
    if SENTENCE in rows.columns:
        return SENTENCE
    for name in UNNAMED:
        if name in rows.columns and all(isinstance(value, str) for value in rows[name]):
            return name
    return None


def segments(
    numbers: NDArray[Any], tasks: Mapping[int, str], success: bool, path: Path
) -> tuple[Segment, ...]:
    """Return a segment for each run of frames with the same task; `numbers` (T,) is the column
    `task_index` of an episode, in the data file `path`.

    Raises DatasetError for a number that the table of tasks lacks, and for what is no number.
    """
    if numbers.size != len(numbers) or not np.isfinite(numbers).all() or (numbers % 1).any():
        raise DatasetError(f"{path}: column {NUMBER} is not one whole number for each frame")
    numbers = numbers.reshape(-1)
    starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist()] if len(numbers) else []
    found = []
    for start, stop in zip(starts, [*starts[1:], len(numbers)], strict=True):
        sentence = tasks.get(int(numbers[start]))
        if sentence is None:
            raise DatasetError(
                f"{path}: {NUMBER} {int(numbers[start])} is not in {layout.TASKS_FILE}, which has "
                f"{_shown(sorted(tasks))}"
            )
        found.append(Segment(start, stop, sentence, sentence, success))
    return tuple(found)


def _shown(numbers: Sequence[int]) -> str:
    return f"{len(numbers)} from {numbers[0]} to {numbers[-1]}" if numbers else "none"
