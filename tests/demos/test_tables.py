"""Parquet files: what a file says of itself is believed when it says too much."""

from __future__ import annotations

from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from longhaul.demos.lerobot import tables
from longhaul.demos.source import DatasetError


def write(path: Path) -> None:
    """Write two groups of 100 rows: zeros, numbers from 0 on, texts; the first two are 8 bytes a
    row."""
    columns = {"zero": [0.0] * 200, "number": range(200), "text": [f"row {i}" for i in range(200)]}
    table = pyarrow.table({name: pyarrow.array(values) for name, values in columns.items()})
    pyarrow.parquet.write_table(table, path, row_group_size=100)


def test_what_is_there_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet")
    found = tables.read_table(tmp_path / "a.parquet", ["text", "number", "missing"])
    assert found.column_names == ["number", "text"] or found.column_names == ["text", "number"]
    assert found["number"].to_pylist() == list(range(200))
    assert tables.read_table(tmp_path / "a.parquet").num_columns == 3


def test_all_columns_and_groups_count_before_any_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three columns of 200 rows take at least 8 bytes each: 4,800 bytes and more."""
    path = tmp_path / "a.parquet"
    write(path)
    metadata = pyarrow.parquet.read_metadata(path)
    monkeypatch.setattr(tables, "MOST_GROWTH", 0)
    monkeypatch.setattr(tables, "MOST_BYTES", 4799)
    with pytest.raises(
        DatasetError, match=r"a.parquet: \d{4} bytes in a file of \d+; the limit is"
    ):
        tables.require_modest(path, metadata)
    monkeypatch.setattr(tables, "MOST_BYTES", 10_000)
    columns = [metadata.row_group(group).column(n) for group in range(2) for n in range(3)]
    largest = max(column.total_uncompressed_size for column in columns)
    assert tables.require_modest(path, metadata) == largest
