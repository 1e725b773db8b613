"""Where the CPU time of a rollout's steps went, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

Profile = Mapping[str, Mapping[str, float]]
"""CPU milliseconds of a step by process (worker, main) and part."""


def per_step(seconds: Mapping[str, Mapping[str, float]], steps: int) -> dict[str, dict[str, float]]:
    """Return the CPU milliseconds of a step from the CPU seconds of all steps, largest first."""
    return {
        process: {
            part: round(1000 * parts[part] / max(1, steps), 4)
            for part in sorted(parts, key=lambda name: -parts[name])
        }
        for process, parts in seconds.items()
    }


def profile_table(profile: Mapping[str, Any]) -> Table:
    """Return the table: a row for each part, and the sum."""
    table = Table("process", "part", title="CPU time of a step", title_justify="left")
    table.add_column("ms", justify="right")
    table.add_column("share", justify="right")
    whole = sum(value for parts in profile.values() for value in parts.values())
    for process, parts in profile.items():
        for part, value in parts.items():
            table.add_row(process, part, f"{value:.2f}", f"{100 * value / (whole or 1):.0f}%")
    table.add_row("all", "", f"{whole:.2f}", "")
    return table
