"""Reads the frames of an episode from a data file, in which many episodes may lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
from numpy.typing import NDArray
from pyarrow import compute, types

from longhaul.demos.lerobot.tables import readable, require_modest
from longhaul.demos.source import DatasetError

EPISODE = "episode_index"
"""The column of a data file that says which episode a frame belongs to."""

NUMBER_ROWS = 2**16
"""How many rows of numbers are decoded together. Chosen here."""

PICTURE_ROWS = 16
"""How many rows of pictures or texts are decoded together: a file can say one a million times in a
few bytes. Chosen here."""


def read_episode(path: Path, columns: Sequence[str], number: int) -> dict[str, NDArray[Any]]:
    """Return columns of numbers of the frames of one episode, as `numbers` does.

    Raises DatasetError as `episode_batches` and `numbers`, and for an episode without frames.
    """
    batches = list(episode_batches(path, columns, number, NUMBER_ROWS))
    if not batches:
        raise DatasetError(f"{path}: 0 frames of episode {number}")
    with readable(path):
        table = pyarrow.Table.from_batches(batches)
        return {name: numbers(path, table, name) for name in columns}


def read_by_episode(path: Path, column: str) -> dict[int, NDArray[Any]]:
    """Return one column of numbers by episode, as `numbers` does.

    Raises DatasetError as `episode_batches` and `numbers`.
    """
    batches = list(_batches(path, [column, EPISODE], NUMBER_ROWS, None))
    if not batches:
        return {}
    with readable(path):
        table = pyarrow.Table.from_batches(batches)
        values, episodes = numbers(path, table, column), numbers(path, table, EPISODE)
    order = np.argsort(episodes, kind="stable")
    found, firsts = np.unique(episodes[order], return_index=True)
    parts = np.split(values[order], firsts[1:])
    return {int(number): part for number, part in zip(found, parts, strict=True)}


def episode_batches(
    path: Path, columns: Sequence[str], number: int, rows: int
) -> Iterator[pyarrow.RecordBatch]:
    """Yield `columns` of the frames of one episode, at most `rows` together; more than PICTURE_ROWS
    are for numbers alone.

    Row groups that say that they hold other episodes are not read. Raises DatasetError for a
    missing or broken file, for one that takes more memory than its size lets expect, and for a
    column that is missing or of another kind.
    """
    wanted = list(dict.fromkeys([*columns, EPISODE]))
    for batch in _batches(path, wanted, rows, number):
        found = batch.filter(compute.field(EPISODE) == number)
        if len(found):
            yield found


def numbers(path: Path, table: pyarrow.Table, name: str) -> NDArray[Any]:
    """Return a column of a data file: (frames,), or (frames, n) for a column of lists.

    Raises DatasetError for values that are missing or no numbers, and for lists of several lengths.
    """
    values, wide = table[name].combine_chunks(), False
    while _is_list(values.type):
        lengths = compute.unique(compute.list_value_length(values))
        if values.null_count or len(lengths) > 1:
            raise DatasetError(f"{path}: the lists of column {name!r} are not of one length")
        values, wide = values.flatten(), True
    if not _is_number(values.type):
        raise DatasetError(f"{path}: column {name!r} holds {values.type}, no numbers")
    if values.null_count:
        raise DatasetError(f"{path}: {values.null_count} values of column {name!r} are missing")
    array: NDArray[Any] = values.to_numpy(zero_copy_only=False)
    return array.reshape(len(table), -1) if wide else array


def _batches(
    path: Path, columns: list[str], rows: int, number: int | None
) -> Iterator[pyarrow.RecordBatch]:
    """Yield columns of the row groups that may hold an episode, or of all."""
    with readable(path), pyarrow.parquet.ParquetFile(path) as file:
        require_modest(path, file.metadata)
        for name in columns:
            if name not in file.schema_arrow.names:
                raise DatasetError(f"{path}: there is no column {name!r}")
            kind = file.schema_arrow.field(name).type
            if rows > PICTURE_ROWS and not _is_number(_innermost(kind)):
                raise DatasetError(f"{path}: column {name!r} holds {kind}, no numbers")
        groups = None if number is None else _groups(file.metadata, number)
        for batch in file.iter_batches(rows, row_groups=groups, columns=columns):
            yield batch.select(columns)


def _groups(found: pyarrow.parquet.FileMetaData, number: int) -> list[int]:
    """Return the row groups that may hold frames of an episode."""
    at = [found.schema.column(index).path for index in range(found.num_columns)].index(EPISODE)
    groups = []
    for group in range(found.num_row_groups):
        said = found.row_group(group).column(at).statistics
        known = said is not None and said.has_min_max and isinstance(said.min, int)
        if not known or said.min <= number <= said.max:
            groups.append(group)
    return groups


def _is_list(kind: pyarrow.DataType) -> bool:
    return types.is_fixed_size_list(kind) or types.is_list(kind) or types.is_large_list(kind)


def _innermost(kind: pyarrow.DataType) -> pyarrow.DataType:
    """Return the type of what lists hold in the end."""
    return _innermost(kind.value_type) if _is_list(kind) else kind


def _is_number(kind: pyarrow.DataType) -> bool:
    return types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
