"""Prints a run's summary as a table on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from longhaul.evaluation.reports.notes import code_notes, training_notes
from longhaul.evaluation.reports.profile import profile_table

METRIC_LABELS = {
    "sr": "success rate (SR)",
    "isr": "independent success (ISR)",
    "csr": "conditional success (CSR)",
    "cgt": "CSR by reference length (CGT)",
    "avg_len": "average length",
    "partial_credit": "partial credit",
    "osr": "oracle success (OSR)",
    "spl": "SPL",
    "ne": "navigation error (NE) in m",
    "tar": "target approach (TAR)",
    "contest": "contest score",
    "stops": "stops per episode",
    "timeout_distance": "distance at time-out in m",
}
"""The names of metrics in words."""

METRICS_NOT_SHARES = {"avg_len", "ne", "stops", "timeout_distance"}
"""Metrics that are not shares between 0 and 1, and are therefore not shown in percent."""


def show_summary(summary: Mapping[str, Any]) -> Iterator[Table | str | Text]:
    """Yield what people read of a summary, at 80 columns; the headline comes last.

    The headline's line also says why a number is not a policy's result (untrained weights, worker
    parts in use), or why there is no headline.
    """
    yield _metric_table(summary)
    if summary["metrics_valid"] != summary["metrics"]:
        yield _table("episodes without an error", named(summary["metrics_valid"]))
    if summary["per_task"]:
        yield _task_table(summary["per_task"])
    status = ", ".join(f"{count} {name}" for name, count in summary["status"].items())
    yield f"episodes: {status}"
    timing = summary["timing"]
    if timing.get("profile"):
        yield profile_table(timing["profile"])
    if timing.get("env_steps_per_s") and timing.get("policy_ms") is not None:
        yield (
            f"speed{' when recorded' if summary.get('played') == 0 else ''}: "
            f"{timing['env_steps_per_s']:.0f} env steps/s, "
            f"{timing['policy_ms']:.1f} ms per policy call"
        )
    yield Text(headline(summary), style="bold")


def headline(summary: Mapping[str, Any]) -> str:
    """Return the sentence to cite, with the notes that must stand beside it."""
    notes = beside(summary)
    subject = f"result ({'; '.join(notes)})" if notes else "result"
    if summary["headline_refused"]:
        return f"{subject}: none, since {summary['headline_refused']}"
    found = summary["headline"]
    name, value, interval, n = _cells(found["metric"], found)
    episodes = "episode" if found["n"] == 1 else "episodes"
    exact = summary.get("intervals") == "exact" and found["metric"] == "sr"
    kind = "exact 95 % interval" if exact else "95 % interval"
    return f"{subject}: {name} {value}, {kind} {interval}, {n} {episodes}"


def beside(summary: Mapping[str, Any]) -> list[str]:
    """Return what must stand beside a run's numbers: untrained weights, or what trained ones were
    trained on, the worker parts in use, and records of several versions of the code."""
    parts = [f"{name}: {value}" for name, value in summary["parts"].items()]
    return [*training_notes(summary), *parts, *code_notes(summary)]


def label(metric: str) -> str:
    """Return a metric's name in words."""
    return METRIC_LABELS.get(metric, metric)


def show(metric: str, value: float, signed: bool = False) -> str:
    """Return a metric's value as text: shares in percent, other metrics with two decimals."""
    sign = "+" if signed else ""
    return f"{value:{sign}.2f}" if metric in METRICS_NOT_SHARES else f"{value:{sign}.1%}"


def show_interval(metric: str, low: float | None, high: float | None, signed: bool = False) -> str:
    """Return an interval as text."""
    if low is None or high is None:
        return "not known"
    return f"{show(metric, low, signed)} to {show(metric, high, signed)}"


def _metric_table(summary: Mapping[str, Any]) -> Table:
    official, strict = named(summary["metrics"]), named(summary["metrics_strict"])
    table = _table("all episodes", official)
    for name, found in strict.items():
        if found != official.get(name):
            words, *cells = _cells(name, found)
            table.add_row(f"{words}, strict", *cells)
    return table


def _table(title: str, metrics: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title=title)
    table.add_column("metric")
    for heading in ("value", "95 % interval", "episodes"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, found in metrics.items():
        table.add_row(*_cells(name, found))
    return table


def _task_table(tasks: Mapping[str, Any]) -> Table:
    table = Table(title="subtasks that were started")
    table.add_column("subtask")
    for heading in ("rate", "95 % interval", "done"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, found in tasks.items():
        table.add_row(*_cells(name, found)[:3], f"{found['done']}/{found['attempted']}")
    return table


def named(metrics: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return metrics and success@k as one dict."""
    found = {name: value for name, value in metrics.items() if name != "success_at"}
    return found | {f"success@{at['k']}": at for at in metrics["success_at"]}


def _cells(name: str, found: Mapping[str, Any]) -> tuple[str, str, str, str]:
    interval = show_interval(name, found["low"], found["high"])
    return label(name), show(name, found["value"]), interval, str(found["n"])
