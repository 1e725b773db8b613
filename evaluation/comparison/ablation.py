"""Compares a policy with its variants: a table of their metrics and of the differences to the
first.

Only episodes that every variant attempted are compared. Intervals are those of
longhaul.evaluation.metrics.statistics and longhaul.evaluation.comparison.compare: whole episodes
are resampled, and differences are paired by episode. They are not corrected for the number of
variants.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.compare import Run, compare, require_comparable
from longhaul.evaluation.metrics.metrics import samples
from longhaul.evaluation.metrics.statistics import RESAMPLES, estimates
from longhaul.evaluation.reports import markdown
from longhaul.evaluation.reports.table import beside, show, show_interval
from longhaul.files import replace_file

LHVLN_METRICS = ("isr", "sr", "csr", "cgt")
"""LH-VLN's metrics; those that an env has are shown."""


def ablation(runs: Mapping[str, Run], resamples: int = RESAMPLES) -> dict[str, Any]:
    """Return the comparison of finished runs, by the variants' names; the first one is the base.

    The result is plain JSON: `episodes` (the number of episodes), and for each of `variants` its
    name, run folder, `notes` (why its numbers are not those of a trained policy alone), errors,
    `metrics` {value, low, high, n} and, except for the first, `differences` {value, low, high, p}
    to the first. Raises ConfigError for runs that have no episode in common or that used different
    renderers.
    """
    (first, base), *others = runs.items()
    common = set(base.records)
    for _, run in others:
        common &= set(require_comparable(base, run))
    if not common:
        raise ConfigError(f"{', '.join(runs)}: no episode that all of them attempted")
    records = {name: [run.records[i] for i in sorted(common)] for name, run in runs.items()}
    rows = []
    for name, run in runs.items():
        found = estimates(samples(records[name], "official"), resamples)
        row = {
            "name": name,
            "run": str(run.path),
            "notes": beside(run.summary),
            "errors": sum(record.status == "error" for record in records[name]),
            "metrics": {m: found[m].to_json() for m in LHVLN_METRICS if m in found},
        }
        if name != first:
            gaps = compare(records[first], records[name], resamples)
            row["differences"] = {
                m: {"value": d.value, "low": d.low, "high": d.high, "p": d.p}
                for m, d in gaps.items()
                if m in LHVLN_METRICS
            }
        rows.append(row)
    return {"episodes": len(common), "variants": rows}


def write_ablation(table: Mapping[str, Any], folder: Path) -> None:
    """Write table.json, and table.md for readers."""
    replace_file(folder / "table.json", json.dumps(table, indent=2) + "\n")
    shown, (headings, *rows) = _shown(table), _cells(table, " ")
    lines = [markdown.row(cells) for cells in (headings, ["---"] * len(headings), *rows)]
    replace_file(folder / "table.md", "\n".join([shown, "", *lines]) + "\n")


def show_ablation(table: Mapping[str, Any]) -> Table:
    """Return the table for people: a variant's differences stand below its row, and it is readable
    at 80 columns."""
    headings, *rows = _cells(table, "\n")
    grid = Table(title=_shown(table), box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_lines=False)
    for number, heading in enumerate(headings):
        grid.add_column(heading, justify="right" if number else "left", no_wrap=number > 0)
    for row in rows:
        grid.add_row(*row)
    return grid


def _shown(table: Mapping[str, Any]) -> str:
    first = table["variants"][0]["name"]
    return (
        f"{table['episodes']} episodes, 95 % intervals; differences are to '{first}', paired by "
        "episode"
    )


def _cells(table: Mapping[str, Any], gap: str) -> list[list[str]]:
    """Return the table as rows of text, with the headings first and two rows for each variant but
    the first, which has one.

    `gap` separates a value from its interval.
    """
    names = list(table["variants"][0]["metrics"])
    rows = [["variant", *(name.upper() for name in names)]]
    for variant in table["variants"]:
        errors = [f"{variant['errors']} errors"] if variant["errors"] else []
        notes = [*variant["notes"], *errors]
        label = f"{variant['name']} ({'; '.join(notes)})" if notes else variant["name"]
        rows.append([label, *(_cell(m, variant["metrics"].get(m), gap) for m in names)])
        if gaps := variant.get("differences"):
            rows.append(["  change", *(_cell(m, gaps.get(m), gap, True) for m in names)])
    return rows


def _cell(metric: str, found: Mapping[str, Any] | None, gap: str, signed: bool = False) -> str:
    if found is None:
        return ""
    interval = show_interval(metric, found["low"], found["high"], signed)
    short = interval.replace("% to ", ", ").replace("%", "")
    return f"{show(metric, found['value'], signed)}{gap}({short})"
