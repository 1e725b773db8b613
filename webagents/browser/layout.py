"""Where the elements of a page lie in its viewport, and what of them is in view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from longhaul.webagents.browser.frames import Document, FrameSession, Placement, place
from longhaul.webagents.browser.tree import Element

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels of the viewport."""

Edges = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""

STYLES = ("overflow-x", "overflow-y", "position")
"""The properties that say what cuts an element off."""

SCROLLED_TAGS = {"HTML", "BODY"}
"""The elements whose overflow is the page's own, which cuts nothing off in the viewport."""


class Layout(Protocol):
    """Tells where elements lie."""

    def box(self, element: Element) -> Box | None:
        """Return an element's box; None if it is not laid out."""

    def visible(self, element: Element) -> Edges | None:
        """Return the edges of the part of its box that is in view, not cut off by frames and
        scrolled boxes around it; None if it is not laid out. They may be in the wrong order: then
        there is no such part."""


class SnapshotLayout:
    """Fulfills Layout by one DOM snapshot for each session."""

    def __init__(self, documents: Sequence[Document], size: tuple[int, int]) -> None:
        self._boxes: dict[tuple[FrameSession, int], Box] = {}
        self._clips: dict[tuple[FrameSession, int], Edges] = {}
        self._placements = place(documents, size)
        for session in dict.fromkeys(document.session for document in documents):
            snapshot = session.cdp.send(
                "DOMSnapshot.captureSnapshot", {"computedStyles": list(STYLES)}
            )
            for document in snapshot["documents"]:
                placement = self._placements.get(snapshot["strings"][document["frameId"]])
                if placement is not None:
                    self._add(session, document, snapshot["strings"], placement)

    def box(self, element: Element) -> Box | None:
        """Return an element's box; None if it is not laid out."""
        return self._boxes.get((element.document.session, element.backend))

    def visible(self, element: Element) -> Edges | None:
        """Return the edges of what is in view of an element (Layout)."""
        box, placement = self.box(element), self._placements.get(element.document.frame)
        if box is None or placement is None:
            return None
        key = (element.document.session, element.backend)
        return cut(cut(edges_of(box), self._clips.get(key, placement.clip)), placement.clip)

    def _add(
        self,
        session: FrameSession,
        document: Mapping[str, Any],
        strings: Sequence[str],
        placement: Placement,
    ) -> None:
        """Add the boxes of a document of a DOM snapshot."""
        backends = document["nodes"]["backendNodeId"]
        layout = document["layout"]
        bounds = np.array(layout["bounds"], np.float64).reshape(-1, 4)
        bounds[:, 0] -= document.get("scrollOffsetX", 0)
        bounds[:, 1] -= document.get("scrollOffsetY", 0)
        boxes = _moved(bounds, placement.matrix).tolist()
        for index, (left, top, width, height) in zip(layout["nodeIndex"], boxes, strict=True):
            self._boxes[session, backends[index]] = (left, top, width, height)
        for index, clip in find_clips(document, strings, boxes).items():
            self._clips[session, backends[index]] = clip


class SingleLayout:
    """Fulfills Layout by a call for each element, for pages of which a snapshot would be too
    large. It knows no scrolled boxes."""

    def __init__(self, documents: Sequence[Document], size: tuple[int, int]) -> None:
        self._placements = place(documents, size)
        self._known: dict[int, Box | None] = {}

    def box(self, element: Element) -> Box | None:
        """Return an element's box; None if it is not laid out."""
        if element.number not in self._known:
            self._known[element.number] = self._ask(element)
        return self._known[element.number]

    def visible(self, element: Element) -> Edges | None:
        """Return the edges of what is in view of an element (Layout)."""
        box, placement = self.box(element), self._placements.get(element.document.frame)
        return None if box is None or placement is None else cut(edges_of(box), placement.clip)

    def _ask(self, element: Element) -> Box | None:
        from playwright.sync_api import Error

        try:
            quads = element.document.session.quads(element.backend)
        except Error:
            return None
        xs = [x for quad in quads for x in quad[0::2]]
        ys = [y for quad in quads for y in quad[1::2]]
        return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)) if quads else None


def edges_of(box: Box) -> Edges:
    """Return the edges of a box."""
    left, top, width, height = box
    return left, top, left + width, top + height


def cut(edges: Edges, clip: Edges) -> Edges:
    return (
        max(edges[0], clip[0]),
        max(edges[1], clip[1]),
        min(edges[2], clip[2]),
        min(edges[3], clip[3]),
    )


def _moved(bounds: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the boxes (N, 4) around boxes with a matrix (3, 3) applied to them."""
    if np.array_equal(matrix, np.eye(3)):
        return bounds
    starts, ends = bounds[:, :2], bounds[:, :2] + bounds[:, 2:]
    corners = [np.stack([xs[:, 0], ys[:, 1]], 1) for xs in (starts, ends) for ys in (starts, ends)]
    moved = np.stack(corners) @ matrix[:2, :2].T + matrix[:2, 2]
    first = moved.min(0)
    return np.concatenate([first, moved.max(0) - first], 1)


def find_clips(
    document: Mapping[str, Any], strings: Sequence[str], boxes: Sequence[Sequence[float]]
) -> dict[int, Edges]:
    """Return for the nodes of a document that lie in a box with scrolled or hidden content what
    that box shows. `document` is one of a DOM snapshot with STYLES as the first of its styles, and
    `boxes` are those of its layout: left, top, width, height in pixels."""
    nodes, layout = document["nodes"], document["layout"]
    rows = {index: row for row, index in enumerate(layout["nodeIndex"])}
    # What cuts off a node's content: in the flow, and if it has an absolute position.
    flow: dict[int, Edges] = {}
    absolute: dict[int, Edges] = {}
    found: dict[int, Edges] = {}
    for index, around in enumerate(nodes["parentIndex"]):
        outer, loose = flow.get(around), absolute.get(around)
        row = rows.get(index)
        styles = [strings[s] for s in layout["styles"][row]] if row is not None else []
        across, down, position = styles[: len(STYLES)] or ("visible", "visible", "static")
        mine = None if position == "fixed" else loose if position == "absolute" else outer
        if mine is not None:
            found[index] = mine
        inner = mine
        cuts = not (across == down == "visible")
        if row is not None and cuts and strings[nodes["nodeName"][index]] not in SCROLLED_TAGS:
            left, top, width, height = boxes[row]
            area = edges_of((left, top, width, height))
            inner = area if mine is None else cut(area, mine)
        if inner is not None:
            flow[index] = inner
        held = inner if position != "static" else loose
        if held is not None:
            absolute[index] = held
    return found
