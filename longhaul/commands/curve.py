"""Draw the losses and scores of training runs over their steps.

    longhaul curve RUN [RUN ...] --out curve.png

Every term that the learner names has a plot: training as a line, validation as dots joined by
dashes. A last plot has the score of each evaluation by rollout, where there were any.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from longhaul.commands.parser import Parser, obey
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, draw, and return the exit code."""
    return obey(parser(), curve, arguments)


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("curve", __doc__)
    reads.add_argument("runs", nargs="+", type=Path, help="folders that train wrote")
    reads.add_argument("--out", type=Path, default=Path("curve.png"), help="the picture")
    return reads


def curve(given: argparse.Namespace, output: Output) -> None:
    """Draw what the runs recorded, and print the picture's path."""
    from longhaul.errors import ConfigError, not_installed
    from longhaul.kinds import instead
    from longhaul.policies.training.metrics import read_metrics, read_terms

    try:
        import matplotlib
    except ImportError:
        raise ConfigError(not_installed("matplotlib", "plots")) from None
    runs = {run: read_metrics(run / "metrics.jsonl") for run in given.runs}
    for run, rows in runs.items():
        if not rows:
            what = f"{run} holds no metrics.jsonl of a training run"
            raise ConfigError(f"{what}{instead(run)}")
    terms: dict[str, str] = {}
    for run in runs:
        terms |= read_terms(run)
    matplotlib.use("agg")
    draw_curves(runs, terms, given.out)
    output.result({"picture": given.out}, str(given.out))


def draw_curves(runs: dict[Path, list[dict[str, Any]]], terms: dict[str, str], out: Path) -> None:
    """Draw the rows of metrics.jsonl of several runs.

    `terms` are the learner's, with what each is; of a run that names none (an older one) all
    numbers are drawn that a validation has.
    """
    from matplotlib import pyplot

    rows = [row for found in runs.values() for row in found]
    if not terms:
        names = [name for row in rows if row["kind"] == "validation" for name in row]
        terms = {name: name for name in dict.fromkeys(names) if name not in ("kind", "step")}
    shown = {name: label for name, label in terms.items() if any(name in row for row in rows)}
    scores = [row for row in rows if row["kind"] == "evaluation" and "score" in row]
    plots = [*shown.items(), *([("score", _score_label(scores))] if scores else [])]
    columns = min(3, len(plots))
    lines = -(-len(plots) // columns)
    figure, axes = pyplot.subplots(
        lines, columns, figsize=(4.6 * columns, 3.4 * lines), layout="constrained", squeeze=False
    )
    for axis, (term, label) in zip(axes.flat, plots, strict=False):
        for number, (run, found) in enumerate(runs.items()):
            _draw_run(axis, run.name, f"C{number}", found, term)
        axis.set_title(label, fontsize="medium")
        axis.set_xlabel("step")
        axis.xaxis.set_major_locator(pyplot.MaxNLocator(nbins=5, integer=True))
        if term != "score" and _spans_decades(axis):
            axis.set_yscale("log")
        axis.grid(alpha=0.3)
        axis.legend(fontsize="small")
    for axis in list(axes.flat)[len(plots) :]:
        axis.axis("off")
    figure.savefig(out, dpi=110)
    pyplot.close(figure)


KINDS = {"train": ("-", 0.6), "validation": ("o--", 1.0), "evaluation": ("s-", 1.0)}
"""How each kind of row is drawn: Matplotlib's format, and the opacity of its line."""


def _draw_run(axis: Any, name: str, color: str, rows: Sequence[dict[str, Any]], term: str) -> None:
    for kind, (style, alpha) in KINDS.items():
        points = [(row["step"], row[term]) for row in rows if row["kind"] == kind and term in row]
        if points:
            x, y = zip(*points, strict=True)
            label = f"{name}, {kind}"
            axis.plot(
                x, y, style, color=color, label=label, alpha=alpha, markersize=3, linewidth=1.2
            )


def _score_label(scores: Sequence[dict[str, Any]]) -> str:
    """Return what an evaluation's score is: the headline metric has the same value beside it."""
    from longhaul.evaluation.reports.table import label

    known = {"kind", "step", "score"}
    names = dict.fromkeys(name for row in scores for name in row if name not in known)
    return f"evaluation by rollout: {', '.join(label(name) for name in names) or 'score'}"


def _spans_decades(axis: Any) -> bool:
    """True where the values drawn are positive and the largest is ten times the smallest."""
    values = [value for line in axis.lines for value in line.get_ydata()]
    return bool(values) and min(values) > 0 and max(values) / min(values) > 10
