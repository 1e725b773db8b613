"""Reports of a comparison: on the terminal, and as Markdown with a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from longhaul.errors import ConfigError, not_installed, printable
from longhaul.evaluation.comparison.compare import Difference
from longhaul.evaluation.comparison.several import Comparison, Comparisons, notes
from longhaul.evaluation.reports import markdown
from longhaul.evaluation.reports.table import METRICS_NOT_SHARES, label, show, show_interval
from longhaul.files import replace_file, replacing

MAX_LISTED_EPISODES = 20
"""The largest number of changed episodes that the report names."""

RUN_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
"""The colors of runs, by Okabe and Ito, which color-blind people can tell apart."""


def show_comparison(found: Comparisons) -> Iterator[Table | str]:
    """Yield what people read: a table for each run that is compared with the first, and notes."""
    yield f"a: {notes(found.base, found.episodes)}"
    for number, other in enumerate(found.others):
        yield f"{_letter(number)}: {notes(other.run, found.episodes)}"
    yield from found.warnings
    several = len(found.others) > 1
    for number, other in enumerate(found.others):
        title = f"{len(found.episodes)} episodes in {'all' if several else 'both'}"
        table = Table(title=title)
        table.add_column("metric")
        for heading in _headings(_letter(number), several):
            table.add_column(heading, justify="right", no_wrap=True)
        for metric, difference in other.differences.items():
            table.add_row(label(metric), *_cells(metric, difference, other, several))
        yield table
        yield _changed(other, _letter(number))
    yield _method(several)


def comparison_json(found: Comparisons) -> dict[str, Any]:
    """Return what programs read: of each other run its differences from the base, by metric."""
    others = [
        {
            "run": str(other.run.path),
            "differences": {
                metric: {**vars(gap), "difference": gap.value, "p_holm": other.holm[metric]}
                for metric, gap in other.differences.items()
            },
            "gained": list(other.gained),
            "lost": list(other.lost),
        }
        for other in found.others
    ]
    base, warnings = str(found.base.path), list(found.warnings)
    return {"base": base, "episodes": len(found.episodes), "others": others, "warnings": warnings}


def write_report(found: Comparisons, folder: Path) -> Path:
    """Write comparison.md and comparison.png into a folder and return the Markdown's path.

    Raises ConfigError if matplotlib is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw_differences(found, folder / "comparison.png")
    several = len(found.others) > 1
    lines = ["# Comparison", "", f"- a: {markdown.code(notes(found.base, found.episodes))}"]
    for number, other in enumerate(found.others):
        lines.append(f"- {_letter(number)}: {markdown.code(notes(other.run, found.episodes))}")
    lines += [f"- **{markdown.code(warning)}**" for warning in found.warnings]
    lines += ["", f"{len(found.episodes)} episodes in all of them. {_method(several)}", ""]
    lines += ["![differences with 95 % intervals](comparison.png)", ""]
    for number, other in enumerate(found.others):
        headings = ["metric", *_headings(_letter(number), several)]
        lines += [f"## {_letter(number)} against a", ""]
        lines += [markdown.row(headings), markdown.row(["---", *["---:"] * (len(headings) - 1)])]
        for metric, difference in other.differences.items():
            lines.append(markdown.row([label(metric), *_cells(metric, difference, other, several)]))
        lines += ["", f"{_changed(other, _letter(number))}.", ""]
        for kind, names in (("gained", other.gained), ("lost", other.lost)):
            if names:
                more = (
                    f" and {len(names) - MAX_LISTED_EPISODES} more"
                    if len(names) > MAX_LISTED_EPISODES
                    else ""
                )
                shown = ", ".join(markdown.code(name) for name in names[:MAX_LISTED_EPISODES])
                lines += [f"- {kind}: {shown}{more}"]
        lines.append("")
    path = folder / "comparison.md"
    replace_file(path, "\n".join(lines).rstrip() + "\n")
    return path


def draw_differences(found: Comparisons, path: Path) -> None:
    """Draw every difference with its interval: shares on one scale, each other metric on its own.

    Raises ConfigError if matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        message = not_installed("matplotlib", "plots")
        raise ConfigError(message) from None
    names = list(dict.fromkeys(name for other in found.others for name in other.differences))
    shares = [name for name in names if name not in METRICS_NOT_SHARES]
    panels = [shares, *([name] for name in names if name in METRICS_NOT_SHARES)]
    panels = [panel for panel in panels if panel]
    spread = 0.2 + 0.16 * len(found.others)
    heights = [0.9 + spread * len(panel) for panel in panels]
    figure = Figure((8, sum(heights) + 0.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axis, panel in zip(axes, panels, strict=True):
        _draw_panel(axis, panel, found.others)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=2, fontsize=8, frameon=False)
    with replacing(path) as new, new.open("wb") as file:
        figure.savefig(file, dpi=110, format="png")


def _draw_panel(axis: Any, metrics: Sequence[str], others: Sequence[Comparison]) -> None:
    scale = 1 if metrics[0] in METRICS_NOT_SHARES else 100
    for number, other in enumerate(others):
        shift = 0.0 if len(others) == 1 else 0.6 * (number / (len(others) - 1) - 0.5)
        color = RUN_COLORS[number % len(RUN_COLORS)]
        # matplotlib reads what stands between two dollar signs as a formula.
        path = printable(str(other.run.path)).replace("$", r"\$")
        name: str | None = f"{_letter(number)} = {path}, minus a"
        for row, metric in enumerate(metrics):
            gap = other.differences.get(metric)
            if gap is None:
                continue
            if gap.low is not None and gap.high is not None:
                ends = [scale * gap.low, scale * gap.high]
                axis.plot(ends, [row + shift] * 2, color=color, lw=2, solid_capstyle="butt")
            point = scale * gap.value
            axis.plot(point, row + shift, "o", color=color, ms=5, label=name)
            name = None  # once in the legend
    axis.axvline(0, color="#555555", lw=0.9)
    axis.set(yticks=range(len(metrics)), ylim=(len(metrics) - 0.5, -0.5))
    axis.set_yticklabels([label(metric) for metric in metrics], fontsize=9)
    unit = "percentage points" if scale == 100 else label(metrics[0])
    axis.set_xlabel(f"difference, {unit}", fontsize=9)
    axis.tick_params(labelsize=9)
    axis.grid(axis="x", alpha=0.3)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)


def _headings(letter: str, several: bool) -> list[str]:
    holm = ["p, Holm"] if several else []
    return ["a", letter, f"{letter} - a", "95 % interval", "p", *holm]


def _cells(metric: str, gap: Difference, other: Comparison, several: bool) -> list[str]:
    numbers = [show(metric, gap.a), show(metric, gap.b), show(metric, gap.value, signed=True)]
    interval = show_interval(metric, gap.low, gap.high, signed=True)
    holm = [f"{other.holm[metric]:.2g}"] if several else []
    return [*numbers, interval, f"{gap.p:.2g}", *holm]


def _changed(other: Comparison, letter: str) -> str:
    return (
        f"{len(other.gained)} episodes that only {letter} finished, "
        f"{len(other.lost)} that only a finished"
    )


def _method(several: bool) -> str:
    correction = "; Holm's correction is over the runs, metric by metric" if several else ""
    return (
        "Pairs are episodes. Rates (SR, success@k): McNemar's exact test, Bonett and Price's "
        "interval widened to agree with it; the rest: the studentized paired bootstrap over whole "
        f"episodes{correction}."
    )


def _letter(number: int) -> str:
    return chr(ord("b") + number) if number < 25 else f"run{number + 2}"
