"""The table of a run's summary on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

LABELS = {
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
NOT_SHARES = {"avg_len", "ne", "stops", "timeout_distance"}


def print_table(summary: Mapping[str, Any], console: Console | None = None) -> None:
    """Print a summary on the terminal, readable at 80 columns; the headline comes last.

    What keeps a number from being a policy's result stands in the headline's own line: untrained
    weights, worker parts in use. A refused headline says why.
    """
    console = console or Console()
    console.print(_metric_table(summary))
    if summary["metrics_valid"] != summary["metrics"]:
        console.print(_table("episodes without an error", _named(summary["metrics_valid"])))
    if summary["per_task"]:
        console.print(_task_table(summary["per_task"]))
    status = ", ".join(f"{count} {name}" for name, count in summary["status"].items())
    console.print(f"episodes: {status}", highlight=False)
    timing = summary["timing"]
    if timing.get("env_steps_per_s") and timing.get("policy_ms") is not None:
        console.print(
            f"speed: {timing['env_steps_per_s']:.0f} env steps/s, "
            f"{timing['policy_ms']:.1f} ms per policy call",
            highlight=False,
        )
    console.print(headline(summary), style="bold", highlight=False, markup=False)


def headline(summary: Mapping[str, Any]) -> str:
    """Return the sentence to cite, with what must be said beside it."""
    beside = ["untrained weights"] if summary["trained"] is False else []
    beside += [f"{name}: {value}" for name, value in summary["parts"].items()]
    subject = f"result ({'; '.join(beside)})" if beside else "result"
    if summary["headline_refused"]:
        return f"{subject}: none, since {summary['headline_refused']}"
    found = summary["headline"]
    name = found["metric"]
    return (
        f"{subject}: {LABELS[name]} {_value(name, found)}, 95 % interval "
        f"{_interval(name, found)}, {found['n']} episodes"
    )


def _metric_table(summary: Mapping[str, Any]) -> Table:
    official = _named(summary["metrics"])
    strict = {
        f"{name}, strict": found
        for name, found in _named(summary["metrics_strict"]).items()
        if found != official.get(name)
    }
    return _table("all episodes", official | strict)


def _table(title: str, metrics: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(title=title)
    table.add_column("metric")
    for heading in ("value", "95 % interval", "episodes"):
        table.add_column(heading, justify="right", no_wrap=True)
    for label, found in metrics.items():
        name, *mode = label.split(", ")
        shown = ", ".join([LABELS.get(name, name), *mode])
        table.add_row(shown, _value(name, found), _interval(name, found), str(found["n"]))
    return table


def _named(metrics: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return metrics and success@k as one dict."""
    found = {name: value for name, value in metrics.items() if name != "success_at"}
    return found | {f"success@{at['k']}": at for at in metrics["success_at"]}


def _task_table(tasks: Mapping[str, Any]) -> Table:
    table = Table(title="subtasks that were started")
    table.add_column("subtask")
    for heading in ("done", "rate", "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, found in tasks.items():
        done = f"{found['done']}/{found['attempted']}"
        table.add_row(name, done, _value(name, found), _interval(name, found))
    return table


def _value(name: str, found: Mapping[str, Any]) -> str:
    return f"{found['value']:.2f}" if name in NOT_SHARES else f"{found['value']:.1%}"


def _interval(name: str, found: Mapping[str, Any]) -> str:
    if found["low"] is None or found["high"] is None:
        return "not known"
    if name in NOT_SHARES:
        return f"{found['low']:.2f} to {found['high']:.2f}"
    return f"{found['low']:.1%} to {found['high']:.1%}"
