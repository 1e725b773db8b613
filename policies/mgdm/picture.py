"""A picture of an episode: the agent's map and way, what it saw, remembered and thought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from envs.episode import SubtaskOutcome
from language.errors import optional
from policies.mgdm.config import MgdmConfig
from policies.mgdm.floor_plan import Name, Plan, plans, rooms, things
from policies.mgdm.labels import Labels, halo
from policies.mgdm.observations import STOP
from policies.mgdm.trace import Trace
from policies.mgdm.waypoints import STRUCTURE

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8C6BB1", "#666666")
"""Of subtasks: Okabe and Ito's, which the colour-blind tell apart."""

CELLS = ("#E9E7E2", "#FFFFFF", "#DCE9D5", "#CFC8BB", "#55524D")
"""Of floor_plan's UNKNOWN, FLOOR, STAIRS, THING, WALL."""

INK, FAINT = "#222222", "#777777"

SIZE, DPI = (16.0, 13.0), 100
"""Inches, and dots of each: 1600 pixels wide."""

VIEWS, SURE, APART = 4, 0.6, 1.2
"""Moments whose views are shown; how sure the eyes must be of a thing that is named, and how far
(m) it must be from a surer one."""


class Scene(NamedTuple):
    """What a picture shows beside the trace: instruction and id of the episode, its `outcomes`, the
    middles of what counted for each subtask (objects, 3), m, and the three `views` of each step,
    (H, 3 * W, 3) uint8 from left to right."""

    instruction: str
    episode: str
    outcomes: Sequence[SubtaskOutcome]
    targets: Sequence[NDArray[np.float64]]
    views: Sequence[NDArray[np.uint8]]


def draw(trace: Trace, scene: Scene, config: MgdmConfig, path: Path) -> Path:
    """Write the picture of an episode as a PNG; returns its path.

    Raises SetupError without matplotlib.
    """
    optional("matplotlib", "plots")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    moments = shown_moments(trace)
    _title(figure, scene)
    _maps(figure, trace, scene, config, moments)
    _thoughts(figure, trace, scene)
    _views(figure, trace, scene, moments)
    _strips(figure, trace, scene, moments)
    figure.savefig(path)
    return path


def shown_moments(trace: Trace) -> list[int]:
    """Return the steps whose views are shown: evenly spread among those on the way somewhere."""
    going = [i for i, m in enumerate(trace.moments) if m.goal is not None and m.action != STOP]
    going = going or list(range(len(trace.moments)))
    places = (np.arange(VIEWS) + 0.5) / VIEWS * len(going)
    return sorted({going[int(place)] for place in places})


def _title(figure: Any, scene: Scene) -> None:
    done = sum(outcome.success for outcome in scene.outcomes)
    figure.text(0.02, 0.978, scene.instruction, fontsize=15, weight="bold", color=INK, va="center")
    note = f"{scene.episode}: {done} of {len(scene.outcomes)} subtasks, {len(scene.views)} steps"
    figure.text(0.02, 0.955, note, fontsize=11, color=FAINT, va="center")


def _maps(
    figure: Any, trace: Trace, scene: Scene, config: MgdmConfig, moments: Sequence[int]
) -> None:
    """Draw a map of each storey, side by side."""
    names = tuple("" if n in STRUCTURE else n for n in config.thing_names)
    told = things(trace.survey, names, SURE, APART)
    kinds = rooms(trace.survey, config.room_names)
    drawn = plans(trace.survey, trace.moments[-1].pose)
    grid = figure.add_gridspec(1, len(drawn), left=0.02, right=0.69, top=0.93, bottom=0.47)
    for number, plan in enumerate(drawn):
        axes = figure.add_subplot(grid[number])
        _plan(axes, plan)
        title = {0: "below the start's storey", 1: "the start's storey", 2: "above it"}
        if len(drawn) > 1:
            axes.set_title(title[plan.storey], fontsize=11, color=FAINT, loc="left")
        _way(axes, plan, trace)
        labels = Labels(axes)
        _marks(axes, labels, plan, trace, scene, moments)
        _words(axes, labels, plan, told, kinds)


def _plan(axes: Any, plan: Plan) -> None:
    from matplotlib.colors import ListedColormap

    left, right, far, near = plan.edges
    colours, extent = ListedColormap(CELLS), (left, right, near, far)
    axes.imshow(plan.cells, colours, vmin=0, vmax=4, extent=extent, interpolation="nearest")
    axes.set(xticks=[], yticks=[], xlim=(left, right), ylim=(near, far))
    axes.set_aspect("equal", anchor="N")
    for side in axes.spines.values():
        side.set_color("#BBBBBB")
    bar = left + 0.4, near - 0.4
    axes.plot([bar[0], bar[0] + 2], [bar[1], bar[1]], color=INK, lw=2, solid_capstyle="butt")
    axes.text(bar[0] + 1, bar[1] - 0.15, "2 m", ha="center", va="bottom", fontsize=9, color=INK)


def _way(axes: Any, plan: Plan, trace: Trace) -> None:
    """Draw the way on a storey, in the colours of the subtasks."""
    from matplotlib.collections import LineCollection

    poses = trace.poses()
    here = trace.survey.sights.storey(poses[:, 1]) == plan.storey
    points = poses[:, [0, 2]]
    lines = np.stack([points[:-1], points[1:]], 1)
    kept = here[:-1] | here[1:]
    colours = [COLOURS[m.subtask] for m, k in zip(trace.moments[1:], kept, strict=True) if k]
    for width, colour in ((5.0, ["white"] * len(colours)), (2.6, colours)):
        style = {"linewidths": width, "capstyle": "round", "zorder": 3}
        axes.add_collection(LineCollection(lines[kept], colors=colour, **style))


def _marks(
    axes: Any,
    labels: Labels,
    plan: Plan,
    trace: Trace,
    scene: Scene,
    moments: Sequence[int],
) -> None:
    """Mark the start, the targets, the stops, and where it went at the shown moments."""
    poses, storey = trace.poses(), trace.survey.sights.storey
    start = poses[0]
    if storey(start[1]) == plan.storey:
        axes.plot(*start[[0, 2]], "o", color=INK, ms=9, mec="white", mew=1.5, zorder=6)
        labels.block(start[0], start[2], 14)
        style = {"fontsize": 10, "color": INK, "zorder": 7, **halo("white")}
        labels.put("start", start[0], start[2], 8, style)
    for number, (outcome, middles) in enumerate(zip(scene.outcomes, scene.targets, strict=True)):
        for x, y, z in middles:
            if storey(np.asarray(y)) == plan.storey:
                style = {"color": COLOURS[number], "ms": 17, "mec": "white", "mew": 1.2}
                axes.plot(x, z, "*", zorder=5, **style)
                labels.block(x, z, 16)
        end = outcome.end_step
        if outcome.started and end is not None and end <= len(poses):
            x, y, z = poses[end - 1][:3]
            if storey(y) == plan.storey:
                face = COLOURS[number] if outcome.success else "white"
                rim = {"mec": "white" if outcome.success else COLOURS[number], "mew": 2}
                axes.plot(x, z, "o", color=face, ms=15, zorder=6, **rim)
                style = {"ha": "center", "va": "center", "fontsize": 10, "zorder": 7}
                ink = "white" if outcome.success else COLOURS[number]
                axes.text(x, z, "✓" if outcome.success else "✗", color=ink, **style)
                labels.block(x, z, 20)
    for letter, step in zip("ABCDEFGH", moments, strict=False):
        moment = trace.moments[step]
        if storey(moment.pose[1]) == plan.storey:
            _choice(axes, labels, letter, moment.pose[[0, 2]], moment.goal, moment.subtask)


def _choice(axes: Any, labels: Labels, letter: str, at: Any, goal: Any, subtask: int) -> None:
    """Mark a shown moment, and an arrow to the waypoint that was chosen then."""
    if goal is not None:
        arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.3, "ls": (0, (3, 2)), "shrinkA": 8}
        axes.annotate("", goal[[0, 2]], at, arrowprops=arrow, zorder=5)
        axes.plot(*goal[[0, 2]], "D", color=COLOURS[subtask], mec=INK, mew=1.2, ms=7, zorder=5)
        labels.block(goal[0], goal[2], 10)
    box = {"boxstyle": "round,pad=0.25", "fc": "white", "ec": INK, "lw": 1.1}
    style = {"ha": "center", "va": "center", "fontsize": 10, "weight": "bold", "zorder": 8}
    axes.text(*at, letter, color=INK, bbox=box, **style)
    labels.block(at[0], at[1], 24)


def _words(
    axes: Any, labels: Labels, plan: Plan, told: Sequence[Name], kinds: Sequence[Name]
) -> None:
    """Write the names of rooms and of what was recognised, where there is room."""
    for name in (name for name in kinds if name.storey == plan.storey):
        style = {
            "fontsize": 11,
            "style": "italic",
            "color": "#8A6D3B",
            "zorder": 4,
            **halo("white"),
        }
        labels.put(name.text, name.x, name.z, 0, style, centred=True)
    for name in (name for name in told if name.storey == plan.storey):
        style = {"fontsize": 8.5, "color": INK, "zorder": 4, **halo("white")}
        if labels.put(name.text, name.x, name.z, 3, style):
            axes.plot(name.x, name.z, ".", color=INK, ms=4, zorder=4)
            labels.block(name.x, name.z, 6)


def _thoughts(figure: Any, trace: Trace, scene: Scene) -> None:
    """Write what each subtask was, what came of it, and the thought at its start; and a legend."""
    axes = figure.add_axes((0.71, 0.47, 0.28, 0.46))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    top = 1.0
    for number, outcome in enumerate(scene.outcomes):
        goal = trace.subgoals[min(number, len(trace.subgoals) - 1)]
        colour = COLOURS[number]
        box = {"boxstyle": "circle,pad=0.25", "fc": colour, "ec": colour}
        style = {"va": "top", "fontsize": 11, "weight": "bold"}
        axes.text(0.03, top - 0.008, f"{number + 1}", color="white", ha="center", bbox=box, **style)
        axes.text(0.09, top, fill(str(goal), 36), color=colour, **style)
        top -= 0.043 * (1 + str(fill(str(goal), 36)).count("\n"))
        axes.text(0.09, top, came_of_it(outcome), color=INK, va="top", fontsize=10)
        top -= 0.045
        said = next((m.thought for m in trace.moments if m.subtask == number), "")
        if said:
            words = fill(f"“{said}”", 50)
            style = {"va": "top", "fontsize": 9.5, "style": "italic", "linespacing": 1.25}
            axes.text(0.09, top, words, color=FAINT, **style)
            top -= 0.037 * (1 + words.count("\n"))
        top -= 0.03
    _legend(axes)


def came_of_it(outcome: SubtaskOutcome) -> str:
    """Return what came of a subtask in words, with its distance at the end (m) where known."""
    if not outcome.started:
        return "never begun"
    end = outcome.measures.get("geodesic_end")
    left = "" if end is None else f", {end:.1f} m from it"
    begun = outcome.start_step or 0
    steps = "" if outcome.end_step is None else f" after {outcome.end_step - begun} steps"
    return f"{'✓ reached' if outcome.success else '✗ missed'}{left}{steps}"


def _legend(axes: Any) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def mark(shape: str, face: str, edge: str, size: float = 10) -> Any:
        return Line2D([], [], marker=shape, color=face, mec=edge, ms=size, ls="")

    names = ("unknown", "floor", "stairs", "something stands", "wall")
    cells = [Patch(fc=c, ec="#BBBBBB", label=n) for c, n in zip(CELLS, names, strict=True)]
    marks = {
        "target (never shown to it)": mark("*", FAINT, "white", 15),
        "stop that counts": mark("o", FAINT, "white", 12),
        "stop that does not": mark("o", "white", FAINT, 11),
        "chosen waypoint": mark("D", FAINT, INK, 7),
        "A: a view below": mark("s", "white", INK, 9),
    }
    handles = [*cells, *marks.values()]
    style = {"loc": "lower left", "ncols": 2, "fontsize": 9, "frameon": False}
    axes.legend(handles, [*names, *marks], bbox_to_anchor=(0, -0.02), **style)


def _views(figure: Any, trace: Trace, scene: Scene, moments: Sequence[int]) -> None:
    """Show the three cameras' pictures at the shown moments."""
    grid = figure.add_gridspec(
        1, VIEWS, left=0.02, right=0.98, top=0.445, bottom=0.335, wspace=0.04
    )
    for number, (letter, step) in enumerate(zip("ABCDEFGH", moments, strict=False)):
        axes = figure.add_subplot(grid[number])
        axes.imshow(scene.views[step], interpolation="bilinear")
        axes.set(xticks=[], yticks=[])
        colour = COLOURS[trace.moments[step].subtask]
        for side in axes.spines.values():
            side.set(color=colour, linewidth=3)
        axes.set_title(f"{letter}  step {step}", fontsize=11, weight="bold", color=INK, loc="left")


def _strips(figure: Any, trace: Trace, scene: Scene, moments: Sequence[int]) -> None:
    """Draw over time: the subtasks, what the short-term memory holds, how sure of a stop it is."""
    heights = {"height_ratios": (0.16, 1.5, 0.8), "hspace": 0.09}
    grid = figure.add_gridspec(3, 1, left=0.06, right=0.98, top=0.305, bottom=0.045, **heights)
    bars, memory, stop = (figure.add_subplot(grid[row]) for row in range(3))
    steps = len(trace.moments)
    for axes in (bars, memory, stop):
        axes.set_xlim(-0.5, steps - 0.5)
        for letter, step in zip("ABCDEFGH", moments, strict=False):
            axes.axvline(step, color="#AAAAAA", lw=0.8, ls=(0, (2, 2)), zorder=0.5)
            if axes is bars:
                axes.text(step, 1.25, letter, ha="center", fontsize=10, weight="bold", color=INK)
    _bars(bars, trace, scene, steps)
    _memory(memory, trace, steps)
    axes = stop
    chance = np.array([moment.stop for moment in trace.moments])
    axes.fill_between(np.arange(steps), chance, color="#999999", alpha=0.35, lw=0, step="mid")
    axes.step(np.arange(steps), chance, color=INK, lw=1.0, where="mid")
    axes.axhline(trace.threshold, color=FAINT, lw=0.9, ls=(0, (4, 3)))
    axes.set(ylim=(0, 1.08), yticks=(0, 0.5, 1), xlabel="step")
    axes.set_ylabel("p(stop)", fontsize=10)
    for number, outcome in enumerate(scene.outcomes):
        if outcome.end_step and trace.moments[outcome.end_step - 1].action == STOP:
            at = outcome.end_step - 1
            face = COLOURS[number] if outcome.success else "white"
            style = {"mec": COLOURS[number], "mew": 1.8, "ms": 9, "clip_on": False, "zorder": 4}
            axes.plot(at, chance[at], "o", color=face, **style)
    for axes in (memory, stop):
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.tick_params(labelsize=9)
    memory.tick_params(labelbottom=False)


def _bars(axes: Any, trace: Trace, scene: Scene, steps: int) -> None:
    """Draw which subtask it is at."""
    axes.axis("off")
    axes.set_ylim(0, 1)
    for number, outcome in enumerate(scene.outcomes):
        if outcome.start_step is None or outcome.start_step >= steps:
            continue
        end = steps if outcome.end_step is None else outcome.end_step
        width = end - outcome.start_step
        axes.barh(0.5, width, 1, outcome.start_step - 0.5, color=COLOURS[number], ec="white")
        goal = trace.subgoals[min(number, len(trace.subgoals) - 1)]
        room = int(width / steps * 150)  # characters that fit, at this size
        text = f"{number + 1}  {goal.target}"
        style = {"ha": "center", "va": "center", "fontsize": 9.5, "color": "white"}
        shown = text if len(text) <= room else f"{number + 1}"
        axes.text(outcome.start_step - 0.5 + width / 2, 0.47, shown, weight="bold", **style)


def _memory(axes: Any, trace: Trace, steps: int) -> None:
    """Draw how much of each earlier step is held at each time, and the rows' means."""
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm

    weights = trace.remembered()
    held = weights.max(1).T  # (earlier step, time): its weight in the row that has most of it
    shades = LinearSegmentedColormap.from_list("memory", ["white", "#C9D8E8", "#3D6A96", "#12304F"])
    style: Mapping[str, Any] = {"norm": PowerNorm(0.5, 0, 1), "origin": "lower", "aspect": "auto"}
    image = axes.imshow(held, shades, interpolation="nearest", zorder=0, **style)
    axes.set_ylabel("remembered step", fontsize=10)
    axes.set_ylim(-0.5, steps - 0.5)
    inset = axes.inset_axes((0.015, 0.90, 0.16, 0.045))
    bar = axes.figure.colorbar(image, cax=inset, orientation="horizontal", ticks=(0, 0.1, 0.5, 1))
    bar.ax.tick_params(labelsize=8, length=2)
    bar.outline.set_edgecolor("#BBBBBB")
    text = f"short-term memory: {trace.capacity} rows, {trace.mode}; a step's share of a row"
    axes.text(0.19, 0.93, text, transform=axes.transAxes, fontsize=9.5, color=INK, va="center")
