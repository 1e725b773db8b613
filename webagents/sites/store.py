"""A site's data: SQLite in memory, with a copy of the initial data for resets."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

CLOCK_START = datetime(2024, 3, 1, 12, 0, 0)
"""The time of a site's clock after a reset, at which the clocks of pages start too (PAGE_CLOCK)."""

Build = Callable[[sqlite3.Connection], None]


class Store:
    """`build` fills an empty database once; `reset` copies the result, in about a millisecond.

    The clock advances by a second at each `write`, so that later events have later times, and the
    same actions make the same data.
    """

    def __init__(self, build: Build) -> None:
        self._pristine = sqlite3.connect(":memory:", check_same_thread=False)
        build(self._pristine)
        self._pristine.commit()
        self._live = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._live.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Restore the initial data and the clock."""
        with self._lock:
            self._pristine.backup(self._live)
            self._writes = 0

    @property
    def now(self) -> str:
        """The site's time, as `2024-03-01T12:00:00`."""
        return (CLOCK_START + timedelta(seconds=self._writes)).isoformat()

    def all(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        with self._lock:
            return [dict(row) for row in self._live.execute(sql, values)]

    def one(self, sql: str, *values: Any) -> dict[str, Any] | None:
        """Return the first row of a query, if there is one."""
        rows = self.all(sql, *values)
        return rows[0] if rows else None

    def write(self, sql: str, *values: Any) -> int:
        """Change data; return the id of an inserted row."""
        with self._lock:
            self._writes += 1
            return self._live.execute(sql, values).lastrowid or 0

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Insert a row by its columns' names (the site's own, never a visitor's)."""
        marks = ", ".join("?" for _ in row)
        return self.write(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", *row.values())


def fill(connection: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        marks = ", ".join(f":{name}" for name in rows[0])
        connection.executemany(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({marks})", rows)
