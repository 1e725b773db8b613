"""The maps of the picture: the stories, the way over them, and what was where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.mapping.waypoints import STRUCTURE
from longhaul.policies.mgdm.perception.observations import STOP
from longhaul.policies.mgdm.picture.floor_plan import Name, Plan, plans, rooms, things
from longhaul.policies.mgdm.picture.labels import AROUND, MIDDLE, Labels, halo
from longhaul.policies.mgdm.picture.style import (
    CELLS,
    COLORS,
    FAINT,
    GAP,
    INK,
    LEFT,
    LETTERS,
    MAPS,
    MOST,
    SIZE,
    Scene,
)
from longhaul.policies.mgdm.picture.trace import Trace

SURE, APART = 0.6, 1.2
"""How sure the encoder must be of a thing that is named, and how far (m) from a surer one it must
be."""

STORY_NAMES = ("below the start's story", "the start's story", "above the start's story")


def draw_maps(
    figure: Any, trace: Trace, scene: Scene, config: MgdmConfig, moments: Sequence[int]
) -> float:
    """Draw a map of each story, side by side; returns where they end, a share of the width."""
    names = tuple("" if n in STRUCTURE else n for n in config.thing_names)
    told = things(trace.survey, names, SURE, APART)
    kinds = rooms(trace.survey, config.room_names)
    drawn = plans(trace.survey, trace.moments[-1].pose)
    left, right, far, near = drawn[0].edges
    bottom, top = MAPS
    most = (MOST - LEFT) / len(drawn) - GAP
    high = min(top - bottom, most * SIZE[0] / SIZE[1] * (near - far) / (right - left))
    wide = high * SIZE[1] / SIZE[0] * (right - left) / (near - far)
    for number, plan in enumerate(drawn):
        place = LEFT + number * (wide + GAP), top - high, wide, high
        axes = figure.add_axes(place)
        _plan(axes, plan)
        if len(drawn) > 1:
            axes.set_title(STORY_NAMES[plan.story], fontsize=11, color=FAINT, loc="left")
        _way(axes, plan, trace)
        labels = Labels(axes)
        _marks(axes, labels, plan, trace, scene, moments)
        _words(axes, labels, plan, told, kinds)
    return LEFT + len(drawn) * (wide + GAP)


def _plan(axes: Any, plan: Plan) -> None:
    from matplotlib.colors import ListedColormap

    left, right, far, near = plan.edges
    colors, extent = ListedColormap(CELLS), (left, right, near, far)
    style: Mapping[str, Any] = {"interpolation": "nearest", "aspect": "auto"}
    axes.imshow(plan.cells, colors, vmin=0, vmax=4, extent=extent, **style)
    axes.set(xticks=[], yticks=[], xlim=(left, right), ylim=(near, far))
    for side in axes.spines.values():
        side.set_color("#BBBBBB")
    bar = left + 0.4, near - 0.4
    axes.plot([bar[0], bar[0] + 2], [bar[1], bar[1]], color=INK, lw=2, solid_capstyle="butt")
    style = {"ha": "center", "va": "bottom", "fontsize": 9, "color": INK, **halo("white")}
    axes.text(bar[0] + 1, bar[1] - 0.15, "2 m", **style)


def _way(axes: Any, plan: Plan, trace: Trace) -> None:
    """Draw the way on a story, in the colors of the subtasks."""
    from matplotlib.collections import LineCollection

    poses = trace.poses()
    here = trace.survey.semantic.story(poses[:, 1]) == plan.story
    points = poses[:, [0, 2]]
    lines = np.stack([points[:-1], points[1:]], 1)
    kept = here[:-1] | here[1:]
    colors = [COLORS[m.subtask] for m, k in zip(trace.moments[1:], kept, strict=True) if k]
    for width, color in ((5.0, ["white"] * len(colors)), (2.6, colors)):
        style: Mapping[str, Any] = {"linewidths": width, "capstyle": "round", "zorder": 3}
        axes.add_collection(LineCollection(lines[kept], colors=color, **style))


def _marks(
    axes: Any,
    labels: Labels,
    plan: Plan,
    trace: Trace,
    scene: Scene,
    moments: Sequence[int],
) -> None:
    """Mark the start, the targets, the ends of subtasks, and where it went at the shown moments."""
    poses = trace.poses()
    here = trace.survey.semantic.story(poses[:, 1]) == plan.story
    for x, z in _every(poses[here][:, [0, 2]], 0.3):
        labels.block(x, z, 8)
    for number, outcome in enumerate(scene.outcomes):
        _targets(axes, labels, plan, trace, scene.targets[number], COLORS[number])
        end = outcome.end_step
        if outcome.started and end is not None and 0 < end <= len(poses) and here[end - 1]:
            stopped = trace.moments[end - 1].action == STOP
            _end(axes, poses[end - 1, [0, 2]], outcome.success, stopped, COLORS[number])
            labels.block(float(poses[end - 1, 0]), float(poses[end - 1, 2]), 20)
    for letter, step in zip(LETTERS, moments, strict=False):
        moment = trace.moments[step]
        if here[step]:
            _choice(axes, labels, letter, moment.pose[[0, 2]], moment.goal, moment.subtask)
    if here[0]:
        x, z = poses[0, [0, 2]].tolist()
        axes.plot(x, z, "o", color=INK, ms=9, mec="white", mew=1.5, zorder=6)
        style = {"fontsize": 10, "color": INK, "zorder": 7, **halo("white")}
        labels.put("start", x, z, 6, style)


def _targets(axes: Any, labels: Labels, plan: Plan, trace: Trace, middles: Any, color: str) -> None:
    for x, y, z in middles:
        if trace.survey.semantic.story(np.asarray(y)) == plan.story:
            axes.plot(x, z, "*", color=color, ms=17, mec="white", mew=1.2, zorder=5)
            labels.block(x, z, 16)


def _end(axes: Any, at: Any, success: bool, stopped: bool, color: str) -> None:
    """Mark where a subtask ended: by a stop that counts, by one that does not, or by the limit."""
    face, edge = (color, "white") if success else ("white", color)
    shape = "o" if stopped else "s"
    axes.plot(*at, shape, color=face, mec=edge, mew=2, ms=15 if stopped else 12, zorder=6)
    if stopped:
        style = {"ha": "center", "va": "center", "fontsize": 10, "zorder": 7, "color": edge}
        axes.text(*at, "✓" if success else "✗", **style)


def _every(points: NDArray[np.float32], apart: float) -> NDArray[np.float32]:
    """Return the first of the points (n, 2) in each square of so many m."""
    _, first = np.unique((points / apart).round(), axis=0, return_index=True)
    return points[np.sort(first)]


def _choice(axes: Any, labels: Labels, letter: str, at: Any, goal: Any, subtask: int) -> None:
    """Mark a shown moment, and an arrow to the waypoint that was chosen then."""
    if goal is not None:
        arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.3, "ls": (0, (3, 2)), "shrinkA": 3}
        axes.annotate("", goal[[0, 2]], at, arrowprops=arrow, zorder=5)
        axes.plot(*goal[[0, 2]], "D", color=COLORS[subtask], mec=INK, mew=1.2, ms=7, zorder=5)
        labels.block(goal[0], goal[2], 10)
    box = {"boxstyle": "round,pad=0.25", "fc": "white", "ec": INK, "lw": 1.1}
    style = {"fontsize": 10, "weight": "bold", "color": INK, "bbox": box, "zorder": 8}
    x, z = float(at[0]), float(at[1])
    axes.plot(x, z, "o", color="white", mec=INK, mew=1.3, ms=6, zorder=7)
    if not labels.put(letter, x, z, 10, style):
        labels.put(letter, x, z, 0, style, forced=True)


def _words(
    axes: Any, labels: Labels, plan: Plan, told: Sequence[Name], kinds: Sequence[Name]
) -> None:
    """Write the names of rooms and of what was recognized, where there is room."""
    for name in (name for name in kinds if name.story == plan.story):
        style = {
            "fontsize": 11,
            "style": "italic",
            "color": "#8A6D3B",
            "zorder": 4,
            **halo("white"),
        }
        labels.put(name.text, name.x, name.z, 12, style, places=(*MIDDLE, *AROUND))
    for name in (name for name in told if name.story == plan.story):
        style = {"fontsize": 8.5, "color": INK, "zorder": 4, **halo("white")}
        if labels.put(name.text, name.x, name.z, 3, style):
            axes.plot(name.x, name.z, ".", color=INK, ms=4, zorder=4)
            labels.block(name.x, name.z, 6)
