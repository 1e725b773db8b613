"""The timelines of the picture: subtasks, short-term memory, and the probability of a stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.perception.observations import STOP
from longhaul.policies.mgdm.picture.style import (
    FAINT,
    INK,
    STEP_LETTERS,
    SUBTASK_COLORS,
    Scene,
)
from longhaul.policies.mgdm.picture.trace import Trace


def draw_timelines(figure: Any, trace: Trace, scene: Scene, shown: Sequence[int]) -> None:
    """Draw over time: the subtasks, the short-term memory if there is one, and the trace's
    measure."""
    steps, remembers = len(trace.steps), trace.mode != "none"
    heights = (0.16, 1.5, 0.8) if remembers else (0.16, 2.3)
    place = {"left": 0.06, "right": 0.98, "top": 0.305, "bottom": 0.045, "hspace": 0.09}
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights, **place)
    strips = [figure.add_subplot(grid[row]) for row in range(len(heights))]
    for axes in strips:
        axes.set_xlim(-0.5, steps - 0.5)
        axes.tick_params(labelsize=9, labelbottom=axes is strips[-1])
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for step in shown:
            axes.axvline(step, color="#AAAAAA", lw=0.8, ls=(0, (2, 2)), zorder=0.5)
    for letter, step in zip(STEP_LETTERS, shown, strict=False):
        strips[0].text(step, 1.25, letter, ha="center", fontsize=10, weight="bold", color=INK)
    _subtasks(strips[0], trace, scene, steps)
    if remembers:
        _memory(strips[1], trace, steps)
    _measure(strips[-1], trace, scene, steps)


def _measure(axes: Any, trace: Trace, scene: Scene, steps: int) -> None:
    """Draw the trace's measure with its threshold, and the stops."""
    values = np.array([step.value for step in trace.steps])
    axes.fill_between(np.arange(steps), values, color="#999999", alpha=0.35, lw=0, step="mid")
    axes.step(np.arange(steps), values, color=INK, lw=1.0, where="mid")
    thresholds = [step.threshold for step in trace.steps]
    axes.plot(np.arange(steps), thresholds, color=FAINT, lw=0.9, ls=(0, (4, 3)))
    axes.set(ylim=(0, 1.08), yticks=(0, 0.5, 1), xlabel="step")
    axes.set_ylabel(trace.measure, fontsize=10)
    for number, outcome in enumerate(scene.outcomes):
        if outcome.end_step and trace.steps[outcome.end_step - 1].action == STOP:
            at = outcome.end_step - 1
            face = SUBTASK_COLORS[number] if outcome.success else "white"
            style = {"color": face, "mec": SUBTASK_COLORS[number], "mew": 1.8, "ms": 9}
            axes.plot(at, values[at], "o", clip_on=False, zorder=4, **style)


def _subtasks(axes: Any, trace: Trace, scene: Scene, steps: int) -> None:
    """Draw when which subtask was current."""
    axes.axis("off")
    axes.set_ylim(0, 1)
    for number, outcome in enumerate(scene.outcomes):
        if outcome.start_step is None or outcome.start_step >= steps:
            continue
        end = steps if outcome.end_step is None else outcome.end_step
        width = end - outcome.start_step
        axes.barh(0.5, width, 1, outcome.start_step - 0.5, color=SUBTASK_COLORS[number], ec="white")
        goal = trace.subgoals[min(number, len(trace.subgoals) - 1)]
        room = int(width / steps * 150)  # characters that fit, at this size
        text = f"{number + 1}  {goal.target}"
        style = {"ha": "center", "va": "center", "fontsize": 9.5, "color": "white"}
        shown = text if len(text) <= room else f"{number + 1}"
        axes.text(outcome.start_step - 0.5 + width / 2, 0.47, shown, weight="bold", **style)


def _memory(axes: Any, trace: Trace, steps: int) -> None:
    """Draw which steps are in the memory at each time, darker where a row is the mean of few."""
    from matplotlib.colors import LinearSegmentedColormap, LogNorm

    shades = LinearSegmentedColormap.from_list("memory", ["#12304F", "#3D6A96", "#DCE6F0"])
    style: Mapping[str, Any] = {"origin": "lower", "aspect": "auto", "interpolation": "nearest"}
    image = axes.imshow(spans(trace.memory()).T, shades, LogNorm(1, 100), **style)
    axes.set_ylabel("remembered step", fontsize=10)
    axes.set_ylim(-0.5, steps - 0.5)
    inset = axes.inset_axes((0.015, 0.90, 0.14, 0.045))
    bar = axes.figure.colorbar(image, cax=inset, orientation="horizontal")
    bar.set_ticks((1, 10, 100), labels=("1", "10", "100"))
    bar.ax.tick_params(labelsize=8, length=2)
    bar.ax.minorticks_off()
    bar.outline.set_edgecolor("#BBBBBB")
    text = f"steps of which a row is the mean; short-term memory: {trace.capacity}, {trace.mode}"
    axes.text(0.165, 0.925, text, transform=axes.transAxes, fontsize=9.5, color=INK, va="center")


def spans(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how many steps are merged in the row that holds each step, (time, step); NaN where no
    row holds it.

    `weights` (time, rows, steps) add up to 1 in a row, which is the mean of 1 / sum(w^2) steps. A
    row holds the steps with more than a tenth of its greatest weight. Where several rows hold a
    step, the one with the fewest steps counts.
    """
    count = 1 / np.maximum((weights**2).sum(-1, keepdims=True), 1e-9)
    holds = weights > 0.1 * np.maximum(weights.max(-1, keepdims=True), 1e-9)
    fewest = np.where(holds, count, np.inf).min(1)
    return np.where(np.isfinite(fewest), fewest, np.nan).astype(np.float32)
