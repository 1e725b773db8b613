"""The maps of the picture: the stories, the path over them, and what was where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.mapping.waypoints import STRUCTURE
from longhaul.policies.mgdm.perception.observations import STOP
from longhaul.policies.mgdm.picture.floor_plan import Name, Plan, plans, rooms, things
from longhaul.policies.mgdm.picture.labels import BESIDE_POINT, ON_POINT, Labels, halo
from longhaul.policies.mgdm.picture.style import (
    CELL_COLORS,
    FAINT,
    FIGURE_INCHES,
    INK,
    LEFT_MARGIN,
    MAP_GAP,
    MAPS_HEIGHT,
    MAX_MAPS_RIGHT,
    STEP_LETTERS,
    SUBTASK_COLORS,
    Scene,
)
from longhaul.policies.mgdm.picture.trace import Trace, TracedStep

NAMED_EVIDENCE = 0.6
"""Evidence above which a thing is named on a map; ours."""

NAME_SEPARATION_M = 1.2
"""Distance (m) between two named things at least; ours."""

STORY_NAMES = ("below the start's story", "the start's story", "above the start's story")


def draw_maps(
    figure: Any, trace: Trace, scene: Scene, config: MgdmConfig, shown: Sequence[int]
) -> float:
    """Draw a map of each story, side by side; returns where they end, a share of the width."""
    names = tuple("" if n in STRUCTURE else n for n in config.thing_names)
    named = things(trace.map, names, NAMED_EVIDENCE, NAME_SEPARATION_M)
    kinds = rooms(trace.map, config.room_names)
    drawn = plans(trace.map, trace.steps[-1].pose)
    left, right, far, near = drawn[0].edges
    bottom, top = MAPS_HEIGHT
    most = (MAX_MAPS_RIGHT - LEFT_MARGIN) / len(drawn) - MAP_GAP
    figure_width, figure_height = FIGURE_INCHES
    high = most * figure_width / figure_height * (near - far) / (right - left)
    high = min(top - bottom, high)
    wide = high * figure_height / figure_width * (right - left) / (near - far)
    for number, plan in enumerate(drawn):
        place = LEFT_MARGIN + number * (wide + MAP_GAP), top - high, wide, high
        axes = figure.add_axes(place)
        _plan(axes, plan)
        if len(drawn) > 1:
            axes.set_title(STORY_NAMES[plan.story], fontsize=11, color=FAINT, loc="left")
        _path(axes, plan, trace)
        labels = Labels(axes)
        _marks(axes, labels, plan, trace, scene, shown)
        _names(axes, labels, plan, named, kinds)
    return LEFT_MARGIN + len(drawn) * (wide + MAP_GAP)


def _plan(axes: Any, plan: Plan) -> None:
    from matplotlib.colors import ListedColormap

    left, right, far, near = plan.edges
    colors, extent = ListedColormap(CELL_COLORS), (left, right, near, far)
    style: Mapping[str, Any] = {"interpolation": "nearest", "aspect": "auto"}
    axes.imshow(plan.cells, colors, vmin=0, vmax=4, extent=extent, **style)
    axes.set(xticks=[], yticks=[], xlim=(left, right), ylim=(near, far))
    for side in axes.spines.values():
        side.set_color("#BBBBBB")
    bar = left + 0.4, near - 0.4
    axes.plot([bar[0], bar[0] + 2], [bar[1], bar[1]], color=INK, lw=2, solid_capstyle="butt")
    style = {"ha": "center", "va": "bottom", "fontsize": 9, "color": INK, **halo("white")}
    axes.text(bar[0] + 1, bar[1] - 0.15, "2 m", **style)


def _path(axes: Any, plan: Plan, trace: Trace) -> None:
    """Draw the path on a story, in the colors of the subtasks."""
    from matplotlib.collections import LineCollection

    poses = trace.poses()
    here = trace.map.semantic.story(poses[:, 1]) == plan.story
    points = poses[:, [0, 2]]
    lines = np.stack([points[:-1], points[1:]], 1)
    kept = here[:-1] | here[1:]
    colors = [SUBTASK_COLORS[m.subtask] for m, k in zip(trace.steps[1:], kept, strict=True) if k]
    for width, color in ((5.0, ["white"] * len(colors)), (2.6, colors)):
        style: Mapping[str, Any] = {"linewidths": width, "capstyle": "round", "zorder": 3}
        axes.add_collection(LineCollection(lines[kept], colors=color, **style))


def _marks(
    axes: Any,
    labels: Labels,
    plan: Plan,
    trace: Trace,
    scene: Scene,
    shown: Sequence[int],
) -> None:
    """Mark the start, the targets, the ends of subtasks, and the destinations at shown steps."""
    poses = trace.poses()
    here = trace.map.semantic.story(poses[:, 1]) == plan.story
    for x, z in _thinned(poses[here][:, [0, 2]], 0.3):
        labels.block(x, z, 8)
    for number, outcome in enumerate(scene.outcomes):
        _targets(axes, labels, plan, trace, scene.targets[number], SUBTASK_COLORS[number])
        end = outcome.end_step
        if outcome.started and end is not None and 0 < end <= len(poses) and here[end - 1]:
            stopped = trace.steps[end - 1].action == STOP
            _end(axes, poses[end - 1, [0, 2]], outcome.success, stopped, SUBTASK_COLORS[number])
            labels.block(float(poses[end - 1, 0]), float(poses[end - 1, 2]), 20)
    for letter, step in zip(STEP_LETTERS, shown, strict=False):
        traced = trace.steps[step]
        if here[step]:
            _destination(axes, labels, letter, traced)
    if here[0]:
        x, z = poses[0, [0, 2]].tolist()
        axes.plot(x, z, "o", color=INK, ms=9, mec="white", mew=1.5, zorder=6)
        style = {"fontsize": 10, "color": INK, "zorder": 7, **halo("white")}
        labels.put("start", x, z, 6, style)


def _targets(axes: Any, labels: Labels, plan: Plan, trace: Trace, middles: Any, color: str) -> None:
    for x, y, z in middles:
        if trace.map.semantic.story(np.asarray(y)) == plan.story:
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


def _thinned(points: NDArray[np.float32], side: float) -> NDArray[np.float32]:
    """Return the first of the points (n, 2) in each square of `side` m."""
    _, first = np.unique((points / side).round(), axis=0, return_index=True)
    return points[np.sort(first)]


def _destination(axes: Any, labels: Labels, letter: str, step: TracedStep) -> None:
    """Mark where the robot was at a shown step, with an arrow to its destination."""
    at, goal = step.pose[[0, 2]], step.destination
    if goal is not None:
        arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.3, "ls": (0, (3, 2)), "shrinkA": 3}
        axes.annotate("", goal[[0, 2]], at, arrowprops=arrow, zorder=5)
        style = {"color": SUBTASK_COLORS[step.subtask], "mec": INK, "mew": 1.2, "ms": 7}
        axes.plot(*goal[[0, 2]], "D", zorder=5, **style)
        labels.block(goal[0], goal[2], 10)
    box = {"boxstyle": "round,pad=0.25", "fc": "white", "ec": INK, "lw": 1.1}
    style = {"fontsize": 10, "weight": "bold", "color": INK, "bbox": box, "zorder": 8}
    x, z = float(at[0]), float(at[1])
    axes.plot(x, z, "o", color="white", mec=INK, mew=1.3, ms=6, zorder=7)
    if not labels.put(letter, x, z, 10, style):
        labels.put(letter, x, z, 0, style, forced=True)


def _names(
    axes: Any, labels: Labels, plan: Plan, named: Sequence[Name], kinds: Sequence[Name]
) -> None:
    """Write the names of rooms and of recognized things, where there is space."""
    for name in (name for name in kinds if name.story == plan.story):
        style = {
            "fontsize": 11,
            "style": "italic",
            "color": "#8A6D3B",
            "zorder": 4,
            **halo("white"),
        }
        labels.put(name.text, name.x, name.z, 12, style, places=(*ON_POINT, *BESIDE_POINT))
    for name in (name for name in named if name.story == plan.story):
        style = {"fontsize": 8.5, "color": INK, "zorder": 4, **halo("white")}
        if labels.put(name.text, name.x, name.z, 3, style):
            axes.plot(name.x, name.z, ".", color=INK, ms=4, zorder=4)
            labels.block(name.x, name.z, 6)
