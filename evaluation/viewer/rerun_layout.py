"""The layout of an episode in Rerun's viewer: pictures, places and curves on the left, words beside
them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import ceil
from typing import Any

MAX_NAMED_CURVES = 6
"""The largest number of curves in a plot with a legend; the names of more curves would cover the
plot, and are shown only under the mouse."""

MAX_VIEWS_PER_ROW = 4
"""The largest number of views side by side."""

MAX_TABS = 20
"""The largest number of episodes that have a tab; the others are found among the streams."""


class Layout:
    """The entities of an episode: their paths by the kind of view that shows them."""

    def __init__(self, name: str, root: str) -> None:
        self.name, self.root = name, root
        self.paths: defaultdict[str, list[str]] = defaultdict(list)
        self.crowded: set[str] = set()

    def add(self, kind: str, path: str, curves: int = 1) -> None:
        """Add an entity to the view of its kind: picture, curves, bars, document, log or world."""
        if path not in self.paths[kind]:
            self.paths[kind].append(path)
        if curves > MAX_NAMED_CURVES:
            self.crowded.add(path)


def blueprint(layouts: Sequence[Layout]) -> Any:
    """Return Rerun's blueprint, with a tab for each episode. Needs rerun-sdk."""
    import rerun.blueprint as rrb

    tabs = [_episode(rrb, layout) for layout in layouts[:MAX_TABS]]
    return rrb.Blueprint(
        rrb.Tabs(*tabs),
        rrb.BlueprintPanel(state="collapsed"),
        rrb.SelectionPanel(state="collapsed"),
        rrb.TimePanel(state="collapsed", timeline="step"),
    )


def _episode(rrb: Any, layout: Layout) -> Any:
    def named(path: str) -> dict[str, Any]:
        name = path.removeprefix(layout.root).strip("/").replace("\\", "")
        return {"origin": path, "name": name}

    paths = layout.paths
    pictures = [rrb.Spatial2DView(**named(path)) for path in paths["picture"]]
    plots = [rrb.Spatial3DView(**named(path)) for path in paths["world"]]
    plots += [
        rrb.TimeSeriesView(
            **named(path), plot_legend=rrb.PlotLegend(visible=path not in layout.crowded)
        )
        for path in paths["curves"]
    ]
    plots += [rrb.BarChartView(**named(path)) for path in paths["bars"]]
    words = [rrb.TextDocumentView(**named(path)) for path in paths["document"]]
    if paths["log"]:
        contents = [f"{path}/**" for path in paths["log"]]
        words.append(rrb.TextLogView(origin=layout.root, contents=contents, name="words"))
    left = [_grid(rrb, views) for views in (pictures, plots) if views]
    return rrb.Horizontal(
        *([rrb.Vertical(*left)] if left else []),
        rrb.Vertical(*words),
        column_shares=[3, 1] if left else None,
        name=layout.name,
    )


def _grid(rrb: Any, views: list[Any]) -> Any:
    """Return views in a row, or in several rows if there are many."""
    count = len(views)
    return rrb.Grid(
        *views,
        grid_columns=count
        if count <= MAX_VIEWS_PER_ROW
        else min(MAX_VIEWS_PER_ROW, ceil(count / 2)),
    )
