"""Summarizes a recorded dataset for people: counts per task, and a contact sheet."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from longhaul.demos.open import open_source
from longhaul.demos.sheet import contact_sheet
from longhaul.demos.source import DemoSource


def summarize(folder: Path, size: int, sheet: Path, rows: int) -> tuple[dict[str, Any], Table]:
    """Return the content of a dataset of `size` bytes, read through its reader: in numbers, and as
    a table.

    Writes a contact sheet of `rows` trajectories to `sheet`; 0 means no sheet.
    """
    source = open_source(folder)
    if rows and len(source) and source.spec.pictures:
        contact_sheet(source, sheet, rows)
    frames = int(source.lengths().sum()) if len(source) else 0
    lengths = task_lengths(source)
    times = {name: len(found) for name, found in lengths.items()}
    content = {"episodes": len(source), "frames": frames, "bytes": size, "tasks": times}
    return content, tasks_table(source, f"{folder}\n{_total(source, size)}")


def task_lengths(source: DemoSource) -> dict[str, list[int]]:
    """Return the frames of each time that a task was done, by the task's name."""
    lengths: dict[str, list[int]] = defaultdict(list)
    for index in range(len(source)):
        for segment in source.trajectory(index).segments:
            lengths[segment.name].append(segment.stop - segment.start)
    return lengths


def tasks_table(source: DemoSource, title: str) -> Table:
    """Return a table of how often each task was done, and in how many frames."""
    lengths = task_lengths(source)
    table = Table("task", "times", "mean frames", title=title, title_justify="left")
    for name in sorted(lengths):
        table.add_row(name, str(len(lengths[name])), f"{np.mean(lengths[name]):.0f}")
    everything = [frames for tasks in lengths.values() for frames in tasks]
    if everything:
        table.add_row("all", str(len(everything)), f"{np.mean(everything):.0f}")
    return table


def _total(source: DemoSource, size: int) -> str:
    frames = int(source.lengths().sum()) if len(source) else 0
    return (
        f"{len(source)} episodes, {frames} frames,\n"
        f"{size / 2**20:.1f} MiB ({size / max(1, frames) / 1000:.1f} kB a frame)"
    )
