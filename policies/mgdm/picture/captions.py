"""The captions of the picture: each subtask, its outcome, its first thought, and a legend."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any, NamedTuple

from longhaul.envs.episode import SubtaskOutcome
from longhaul.policies.mgdm.perception.observations import STOP
from longhaul.policies.mgdm.picture.style import (
    CELL_COLORS,
    FAINT,
    FIGURE_INCHES,
    INK,
    MAPS_HEIGHT,
    SUBTASK_COLORS,
    Scene,
)
from longhaul.policies.mgdm.picture.trace import Trace

LEGEND_POINTS = 115
"""Height of the legend in points."""


class _Block(NamedTuple):
    """The caption of a subtask: its goal, its outcome, the lines of its first thought."""

    goal: str
    end: str
    thought: Sequence[str]

    @property
    def lines(self) -> float:
        return 2.7 + len(self.thought) + (0.6 if self.thought else 0)


def draw_captions(figure: Any, trace: Trace, scene: Scene, left: float) -> None:
    """Write each subtask's goal, outcome and first thought, and a legend."""
    bottom, top = MAPS_HEIGHT
    place = (left, bottom, min(0.985 - left, 0.45), top - bottom)
    axes = figure.add_axes(place)
    width, height = place[2] * FIGURE_INCHES[0] * 72, place[3] * FIGURE_INCHES[1] * 72  # points
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    for size in (13, 12, 11, 10.5, 10, 9.5, 9, 8.5, 8):
        blocks = _blocks(trace, scene, int((width - 2.5 * size) / (0.56 * size)))
        if sum(block.lines for block in blocks) * 1.4 * size < height - LEGEND_POINTS:
            break
    line, at = 1.4 * size, height - size / 2
    for number, block in enumerate(blocks):
        color = SUBTASK_COLORS[number]
        box = {"boxstyle": "circle,pad=0.25", "fc": color, "ec": color}
        style: dict[str, Any] = {"va": "center", "fontsize": size + 0.5, "weight": "bold"}
        axes.text(size, at, f"{number + 1}", color="white", ha="center", bbox=box, **style)
        axes.text(2.5 * size, at, block.goal, color=color, **style)
        axes.text(2.5 * size, at - line, block.end, color=INK, va="center", fontsize=size)
        style = {"va": "center", "fontsize": size - 0.5, "style": "italic", "color": FAINT}
        for row, words in enumerate(block.thought):
            axes.text(2.5 * size, at - (2.1 + row) * line, words, **style)
        at -= block.lines * line
    _legend(axes)


def _blocks(trace: Trace, scene: Scene, letters: int) -> list[_Block]:
    blocks = []
    for number, outcome in enumerate(scene.outcomes):
        goal = str(trace.subgoals[min(number, len(trace.subgoals) - 1)])
        thought = next((m.thought for m in trace.steps if m.subtask == number), "")
        end = outcome.end_step
        stopped = end is not None and end > 0 and trace.steps[end - 1].action == STOP
        lines = wrap(f"“{thought}”", letters) if thought and outcome.started else []
        blocks.append(_Block(goal, outcome_text(outcome, stopped), lines))
    return blocks


def outcome_text(outcome: SubtaskOutcome, stopped: bool) -> str:
    """Return a subtask's outcome in words, with the distance to its target at the end (m) where
    that is known.

    `stopped` says whether a stop ended the subtask, or the limit of the episode's steps.
    """
    if not outcome.started:
        return "never begun"
    end, begun = outcome.measures.get("geodesic_end"), outcome.start_step or 0
    words = "✓ reached" if outcome.success else "✗ missed" if stopped else "time ran out"
    steps = "" if outcome.end_step is None else f" after {outcome.end_step - begun} steps"
    return f"{words}{steps}" + ("" if end is None else f", {end:.1f} m from it")


def _legend(axes: Any) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def mark(shape: str, face: str, edge: str, size: float = 10) -> Any:
        return Line2D([], [], marker=shape, color=face, mec=edge, ms=size, ls="")

    names = ("unknown", "floor", "stairs", "something stands", "wall")
    cells = [Patch(fc=c, ec="#BBBBBB", label=n) for c, n in zip(CELL_COLORS, names, strict=True)]
    marks = {
        "target (never shown to it)": mark("*", FAINT, "white", 15),
        "stop that counts": mark("o", FAINT, "white", 12),
        "stop that does not": mark("o", "white", FAINT, 11),
        "time ran out": mark("s", "white", FAINT, 9),
        "chosen waypoint": mark("D", FAINT, INK, 7),
        "A: a view below": mark("s", "white", INK, 9),
    }
    handles = [*cells, *marks.values()]
    style = {"loc": "lower left", "ncols": 2, "fontsize": 10, "frameon": False}
    axes.legend(handles, [*names, *marks], bbox_to_anchor=(0, -0.02), **style)
