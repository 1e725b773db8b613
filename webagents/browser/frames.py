"""The documents of a page: its own and those of its frames, also where a site has a process of its
own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Frame, Page

Quad = tuple[float, ...]
"""The corners of an area in pixels: x and y of its top left, top right, bottom right, bottom left
one."""

MAX_FRAMES = 40
"""The most frames of a page that are looked at. Chosen here."""

FRAMES_S = 5.0
"""The most seconds for finding the frames of a page, and for reading them; those that are left then
are shown without content. A page may add frames for ever. Chosen here."""

STEADY_LOOKS, STEADY_S = 15, 0.02
"""The most looks at an element's place until it is the same twice, and the seconds between two:
where a frame has its own process, the page around it scrolls a little later. Chosen here."""


class FrameSession:
    """A CDP session with the frames that one process draws on one surface: the page with the
    frames in it, or a frame of another site with those in it (`parent` is then the session of the
    document around it, and `owner` the backend id of its element there).

    CDP's answers have coordinates in pixels of the surface; for the page's own session that is the
    viewport. Backend ids are valid in their session only.
    """

    def __init__(self, cdp: CDPSession, parent: FrameSession | None = None, owner: int = 0) -> None:
        self.cdp, self.parent, self.owner = cdp, parent, owner

    def to_viewport(self) -> NDArray[np.float64]:
        """Return the matrix (3, 3) that takes a point (x, y, 1) of the surface to the page's
        viewport, as they lie now. Raises Playwright's Error if the frame is gone."""
        if self.parent is None:
            return np.eye(3)
        return self.parent.to_viewport() @ self.parent.inside(self.owner)[0]

    def inside(self, owner: int) -> tuple[NDArray[np.float64], Quad]:
        """Return the matrix (3, 3) that takes a point of the frame of the element `owner` to this
        surface, and the frame's area there. Raises Playwright's Error if the element has no box."""
        model = self.cdp.send("DOM.getBoxModel", {"backendNodeId": owner})["model"]
        (left, top), border = model["content"][:2], np.array(model["border"]).reshape(4, 2)
        # The border's sides are as drawn, width and height as laid out: a transform lies between.
        across = (border[1] - border[0]) / max(model["width"], 1)
        down = (border[3] - border[0]) / max(model["height"], 1)
        matrix = np.array([[across[0], down[0], left], [across[1], down[1], top], [0, 0, 1.0]])
        return matrix, tuple(model["content"])

    def reveal(self, backend: int) -> list[Quad]:
        """Scroll an element into view, with the frames around it, and return the areas that its
        content has in the page's viewport. Raises Playwright's Error if it is gone or has no
        box."""
        if self.parent is not None:
            self.parent.reveal(self.owner)
        self.cdp.send("DOM.scrollIntoViewIfNeeded", {"backendNodeId": backend})
        quads = self.quads(backend)
        if self.parent is not None:
            for _ in range(STEADY_LOOKS):
                time.sleep(STEADY_S)
                before, quads = quads, self.quads(backend)
                if quads == before:
                    break
        return quads

    def quads(self, backend: int) -> list[Quad]:
        """Return the areas of an element's content in the page's viewport."""
        quads = self.cdp.send("DOM.getContentQuads", {"backendNodeId": backend})["quads"]
        if self.parent is None:
            return [tuple(quad) for quad in quads]
        matrix = self.to_viewport()
        return [move(quad, matrix) for quad in quads]

    def from_viewport(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the surface that lies at a point of the page's viewport."""
        point = np.linalg.inv(self.to_viewport()) @ (x, y, 1.0)
        return float(point[0]), float(point[1])


def move(quad: Sequence[float], matrix: NDArray[np.float64]) -> Quad:
    """Return a quad with a matrix (3, 3) applied to its corners."""
    points = np.array(quad, np.float64).reshape(-1, 2) @ matrix[:2, :2].T + matrix[:2, 2]
    return tuple(points.ravel().tolist())


@dataclass(frozen=True)
class Document:
    """A document in a page: Chromium's id of its frame, the session with it, and the backend id of
    the frame's element in the document around it, `parent` (0 and None for the page's own).
    `failed` is the address that could not be loaded, else empty."""

    frame: str
    session: FrameSession
    parent: Document | None = None
    owner: int = 0
    failed: str = ""

    def to_viewport(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the page's viewport at a point of the document's, as they lie now.
        Raises Playwright's Error if its frame is gone."""
        if self.parent is None:
            return x, y
        around = self.parent.session
        point = around.to_viewport() @ around.inside(self.owner)[0] @ (x, y, 1.0)
        return float(point[0]), float(point[1])


@dataclass(frozen=True)
class Placement:
    """Where a document lies: the matrix (3, 3) that takes a point of its viewport to the page's,
    and the part of it that the frames around it leave in view (left, top, right, bottom)."""

    matrix: NDArray[np.float64]
    clip: tuple[float, float, float, float]


def place(documents: Sequence[Document], size: tuple[int, int]) -> dict[str, Placement]:
    """Return where documents lie now, by their frames; those without a box are left out. `size` is
    the page's viewport (width, height; pixels)."""
    from playwright.sync_api import Error

    placed: dict[str, Placement] = {}
    surfaces: dict[FrameSession, NDArray[np.float64]] = {}
    for document in documents:
        around = document.parent
        if around is None:
            placement = Placement(np.eye(3), (0.0, 0.0, float(size[0]), float(size[1])))
        else:
            try:
                inner, area = around.session.inside(document.owner)
                matrix = surfaces[around.session]
                placement = Placement(
                    matrix @ inner, _cut(move(area, matrix), placed[around.frame])
                )
            except (Error, KeyError):
                continue
        placed[document.frame] = placement
        surfaces.setdefault(document.session, placement.matrix)
    return placed


def _cut(area: Quad, around: Placement) -> tuple[float, float, float, float]:
    """Return the part of an area that lies in the view of the document around it."""
    xs, ys, (left, top, right, bottom) = area[0::2], area[1::2], around.clip
    return max(min(xs), left), max(min(ys), top), min(max(xs), right), min(max(ys), bottom)


class Frames:
    """Finds the documents of a page. A page without frames costs no call."""

    def __init__(self, page: Page, cdp: CDPSession) -> None:
        self._page = page
        self._main = FrameSession(cdp)
        self._own: dict[Frame, FrameSession] = {}
        self._owners: dict[str, int] = {}
        self._end = 0.0
        self._id: str = cdp.send("Page.getFrameTree")["frameTree"]["frame"]["id"]

    def documents(self) -> list[Document]:
        """Return the documents, the page's own first and each after that around it; at most
        MAX_FRAMES besides it. A frame that is about to go is left out."""
        main = Document(self._id, self._main)
        frames = self._page.frames[1 : MAX_FRAMES + 1]
        if not frames:
            return [main]
        found = {main.frame: main}
        self._end = time.monotonic() + FRAMES_S
        self._collect(_walk(self._tree(self._main)), found, self._main)
        self._own = {frame: own for frame, own in self._own.items() if frame in frames}
        if len(found) <= len(frames):
            self._collect_own(frames, found)
        self._owners = {d.frame: d.owner for d in found.values() if d.parent}
        return list(found.values())

    def _collect(
        self, tree: Iterator[dict[str, Any]], found: dict[str, Document], session: FrameSession
    ) -> None:
        """Add the documents of a session that are not found yet."""
        from playwright.sync_api import Error

        for frame in tree:
            around = found.get(frame.get("parentId", ""))
            if around is None or frame["id"] in found or len(found) > MAX_FRAMES:
                continue
            if time.monotonic() > self._end:
                break
            with suppress(Error):
                owner = self._owner(frame, around.session)
                failed = frame.get("unreachableUrl", "")
                found[frame["id"]] = Document(frame["id"], session, around, owner, failed)

    def _collect_own(self, frames: Sequence[Frame], found: dict[str, Document]) -> None:
        """Add the documents of frames that have a process of their own, and those in them."""
        from playwright.sync_api import Error

        for frame in frames:
            if time.monotonic() > self._end:
                break
            with suppress(Error):  # it has none, or is about to go
                session, tree = self._session(frame, found)
                self._collect(_walk(tree), found, session)

    def _session(
        self, frame: Frame, found: dict[str, Document]
    ) -> tuple[FrameSession, dict[str, Any]]:
        """Return the session with a frame of a process of its own, and its frame tree. Raises
        Playwright's Error if it has none."""
        from playwright.sync_api import Error

        known = self._own.pop(frame, None)
        if known is not None:
            with suppress(Error):  # it may have got another process since
                tree = self._tree(known)
                self._own[frame] = known
                return known, tree
        cdp = self._page.context.new_cdp_session(frame)
        tree = cdp.send("Page.getFrameTree")["frameTree"]
        around = found.get(tree["frame"].get("parentId", ""))
        if around is None:
            raise Error("the document around the frame is not there")
        owner = self._owner(tree["frame"], around.session)
        self._own[frame] = FrameSession(cdp, around.session, owner)
        return self._own[frame], tree

    def _owner(self, frame: dict[str, Any], session: FrameSession) -> int:
        """Return the backend id of a frame's element, which stays the same."""
        known = self._owners.get(frame["id"])
        if known is None:
            answer = session.cdp.send("DOM.getFrameOwner", {"frameId": frame["id"]})
            known = self._owners[frame["id"]] = answer["backendNodeId"]
        return known

    @staticmethod
    def _tree(session: FrameSession) -> dict[str, Any]:
        tree: dict[str, Any] = session.cdp.send("Page.getFrameTree")["frameTree"]
        return tree


def size_of(page: Page) -> tuple[int, int]:
    """Return the width and height of a page's viewport, in pixels."""
    size = page.viewport_size
    assert size is not None, "contexts are made with a viewport"
    return size["width"], size["height"]


def _walk(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the frames of an answer of `Page.getFrameTree`, each after its parent."""
    yield tree["frame"]
    for child in tree.get("childFrames", ()):
        yield from _walk(child)
