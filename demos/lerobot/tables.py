"""Reads parquet files that somebody else may have made: what they claim is checked first.

A run of equal values takes a few bytes in a file and eight each in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow
import pyarrow.parquet

from longhaul.demos.source import DatasetError
from longhaul.documents import parse_json, require_regular
from longhaul.errors import ConfigError, single_line

MOST_BYTES = 16 * 2**20
"""What a file may take in memory whatever its own size is, in bytes: an episode's vectors take less
than 1 MB."""

MOST_GROWTH = 50
"""What else it may take, in bytes for each of its own: texts shrink to a tenth."""

BATCH_BYTES = 16 * 2**20
"""The memory that the rows take which are decoded together, in bytes."""

VALUE_BYTES = 8
"""The most that a number takes in memory, in bytes."""


def read_table(path: Path, columns: Sequence[str] | None = None) -> pyarrow.Table:
    """Return the table in a parquet file; of `columns` those that it has, or all columns.

    Raises DatasetError, in one line that names the file, for a missing or broken file and for one
    that takes more memory than its size lets expect.
    """
    with readable(path), pyarrow.parquet.ParquetFile(path) as file:
        largest = require_modest(path, file.metadata)
        names = None if columns is None else [n for n in columns if n in file.schema_arrow.names]
        rows = max(1, min(4096, BATCH_BYTES // max(1, largest)))
        batches, size = [], 0
        for batch in file.iter_batches(rows, columns=names):
            batches.append(batch)
            size += batch.nbytes
            if size > _limit(path):
                raise DatasetError(f"{path}: it takes more than {_limit(path)} bytes of memory")
        schema = batches[0].schema if batches else file.schema_arrow
        parse_json(schema.metadata.get(b"pandas", b"{}") if schema.metadata else b"{}", path)
        return pyarrow.Table.from_batches(batches, schema)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise what goes wrong while a parquet file is read as DatasetError, in one line."""
    try:
        require_regular(path)
        yield
    except FileNotFoundError:
        raise DatasetError(f"{path}: this file is missing") from None
    except DatasetError:
        raise
    except ConfigError as error:
        raise DatasetError(str(error)) from None
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{path}: no readable parquet ({single_line(error)})") from None


def require_modest(path: Path, found: pyarrow.parquet.FileMetaData) -> int:
    """Return the bytes of the largest piece of a column; raise DatasetError where a file says of
    itself that it takes too much memory."""
    largest = total = 0
    for group in range(found.num_row_groups):
        row_group = found.row_group(group)
        for number in range(row_group.num_columns):
            column = row_group.column(number)
            size = max(column.total_uncompressed_size, VALUE_BYTES * column.num_values)
            largest, total = max(largest, column.total_uncompressed_size), total + size
    if total > _limit(path):
        raise DatasetError(
            f"{path}: {total} bytes in a file of {path.stat().st_size}; the limit is {_limit(path)}"
        )
    return largest


def _limit(path: Path) -> int:
    return MOST_BYTES + MOST_GROWTH * path.stat().st_size
