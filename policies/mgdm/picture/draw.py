"""A picture of an episode: the agent's map and path, what it saw, remembered and thought."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from longhaul.language.errors import optional
from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.picture.captions import draw_captions
from longhaul.policies.mgdm.picture.maps import draw_maps
from longhaul.policies.mgdm.picture.style import (
    FAINT,
    FIGURE_DPI,
    FIGURE_INCHES,
    INK,
    LEFT_MARGIN,
    STEP_LETTERS,
    SUBTASK_COLORS,
    Scene,
)
from longhaul.policies.mgdm.picture.timelines import draw_timelines
from longhaul.policies.mgdm.picture.trace import Trace

SHOWN_STEPS = 4
"""Steps whose views are shown."""


def draw(trace: Trace, scene: Scene, config: MgdmConfig, path: Path) -> Path:
    """Write the picture of an episode as a PNG; returns its path.

    Raises SetupError without matplotlib.
    """
    optional("matplotlib", "plots")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=FIGURE_INCHES, dpi=FIGURE_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    shown = shown_steps(trace)
    _title(figure, scene)
    right = draw_maps(figure, trace, scene, config, shown)
    draw_captions(figure, trace, scene, right + 0.01)
    _views(figure, trace, scene, shown)
    draw_timelines(figure, trace, scene, shown)
    figure.savefig(path)
    return path


def shown_steps(trace: Trace) -> list[int]:
    """Return the steps whose views are shown: they divide the path into equal lengths."""
    poses = trace.poses()
    moved = np.linalg.norm(np.diff(poses[:, :3], axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(moved)])
    wanted = (np.arange(SHOWN_STEPS) + 0.5) / SHOWN_STEPS * length[-1]
    return sorted({int(step) for step in np.searchsorted(length, wanted)})


def _title(figure: Any, scene: Scene) -> None:
    done = sum(outcome.success for outcome in scene.outcomes)
    title = fill(scene.instruction, 110)
    style = {"fontsize": 15, "weight": "bold", "color": INK, "va": "top"}
    figure.text(LEFT_MARGIN, 0.988, title, **style)
    of = f"{done} of {len(scene.outcomes)} subtasks reached in {len(scene.views)} steps"
    note = f"{scene.episode}: {of}"
    y = 0.965 - 0.02 * title.count("\n")
    figure.text(LEFT_MARGIN, y, note, fontsize=11, color=FAINT, va="top")


def _views(figure: Any, trace: Trace, scene: Scene, shown: Sequence[int]) -> None:
    """Draw the three cameras' pictures at the shown steps."""
    grid = figure.add_gridspec(
        1, SHOWN_STEPS, left=0.02, right=0.98, top=0.445, bottom=0.335, wspace=0.04
    )
    for number, (letter, step) in enumerate(zip(STEP_LETTERS, shown, strict=False)):
        axes = figure.add_subplot(grid[number])
        axes.imshow(scene.views[step], interpolation="bilinear")
        axes.set(xticks=[], yticks=[])
        color = SUBTASK_COLORS[trace.steps[step].subtask]
        for side in axes.spines.values():
            side.set(color=color, linewidth=3)
        axes.set_title(f"{letter}  step {step}", fontsize=11, weight="bold", color=INK, loc="left")
