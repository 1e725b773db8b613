"""The output of every benchmark: a table, and the same figures as JSON with `--out FILE`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return an argument parser with the option that every benchmark has."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--out", type=Path, help="write the figures as JSON")
    return arguments


def show(title: str, rows: Sequence[dict[str, Any]]) -> None:
    """Print rows of equal keys; numbers with three significant digits."""
    table = Table(title=title, title_justify="left")
    for key in rows[0]:
        table.add_column(key, justify="right" if isinstance(rows[0][key], int | float) else "left")
    for row in rows:
        table.add_row(*(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row.values()))
    Console().print(table)


def write(out: Path | None, figures: dict[str, Any]) -> None:
    """Write the figures to `out` if one was asked for."""
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(figures, indent=2) + "\n")
