"""Reads what the documents of a page hold: their accessibility nodes and their visible text."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from longhaul.webagents.browser.frames import FRAMES_S, Document, FrameSession
from longhaul.webagents.browser.hidden import with_hidden_texts
from longhaul.webagents.browser.scripts import NEAR, SURVEY
from longhaul.webagents.browser.settle import Isolated
from longhaul.webagents.browser.tree import Part

MAX_NODES = 20_000
"""The most DOM nodes of a page whose tree is read as a whole; that of a larger page could have
hundreds of megabytes. Chosen here."""

MAX_COUNTED = 200_000
"""The most DOM nodes that are counted. In a document of more, only texts are read: Chromium takes
ten seconds to find the roles in one of 750,000. Chosen here."""

NEAR_NODES, GROUP_NODES, NEAR_VIEWS = 2_000, 300, 2.0
"""What is read of a larger page: the most nodes, the most of them in one part, and how many views
away they may lie. Chosen here."""

MAX_PART_CHARS = 400
"""The most characters of a part of which only the text is read. Chosen here."""

PART_TEXT = "function() { return (this.innerText ?? this.data ?? '').trim() }"


@dataclass(frozen=True)
class Survey:
    """What a document says of itself: its number of nodes, whether texts are `hidden` from its
    accessibility tree, how far it is scrolled, its height (pixels), and its visible text."""

    nodes: int
    hidden: bool
    title: str
    top: int
    height: int
    text: str


def survey(isolated: Isolated, characters: int) -> Survey:
    """Return what a document says of itself, with at most so many characters of its text."""
    return Survey(**isolated.call(SURVEY, MAX_COUNTED, characters))


def read_page(
    documents: Sequence[Document], first: Survey, isolated: Isolated, characters: int
) -> tuple[Part, str, bool]:
    """Return the nodes of a page with those of the frames that it shows, its text with theirs, and
    whether some of its nodes are left out as they are too many.

    `first` and `isolated` are the page's own, `characters` the most of its text. A frame that goes
    on to another document meanwhile is shown without content.
    """
    from playwright.sync_api import Error

    main = documents[0]
    left, end = MAX_NODES - first.nodes, time.monotonic() + FRAMES_S
    parts = {main.frame: _read(main, first, isolated)}
    texts = {main.frame: first.text}
    all_read = left > 0
    for document in documents[1:]:
        around = parts.get(document.parent.frame) if document.parent else None
        if around is None or document.owner not in _backends(around):
            continue  # it is hidden
        part = Part(document, ())
        try:
            if not document.failed and time.monotonic() < end:
                inner = Isolated(document.session.cdp, document.frame)
                told = survey(inner, max(characters - sum(map(len, texts.values())), 0))
                left -= told.nodes
                all_read = all_read and left > 0
                part = _read(document, told, inner, whole=left > 0)
                texts[document.frame] = told.text
        except Error:
            part = Part(document, ())
        parts[document.frame] = around.frames[document.owner] = part
    return parts[main.frame], _text(parts[main.frame], texts), all_read


def _text(part: Part, texts: Mapping[str, str]) -> str:
    """Return the text of a part, followed by those of its frames."""
    inner = [_text(frame, texts) for frame in part.frames.values()]
    return "\n\n".join(filter(None, [texts.get(part.document.frame, ""), *inner]))


def _backends(part: Part) -> set[int]:
    return {int(node.get("backendDOMNodeId", 0)) for node in part.nodes}


def _read(document: Document, told: Survey, isolated: Isolated, whole: bool = True) -> Part:
    """Return the nodes of a document, or those near the view if they are too many."""
    cdp = document.session.cdp
    if told.nodes >= MAX_NODES or not whole:
        return Part(document, _near_nodes(document.session, told, isolated))
    answer = cdp.send("Accessibility.getFullAXTree", {"frameId": document.frame})
    nodes = answer["nodes"]
    if told.hidden:
        nodes = with_hidden_texts(nodes, document)
    return Part(document, nodes)


def _near_nodes(session: FrameSession, told: Survey, isolated: Isolated) -> list[dict[str, Any]]:
    """Return the nodes near the view of a document with too many, below one for the document: as
    many as are read within FRAMES_S."""
    read = _text_of if told.nodes >= MAX_COUNTED else _subtree_of
    array = isolated.array(NEAR, NEAR_NODES, GROUP_NODES, NEAR_VIEWS)
    end = time.monotonic() + FRAMES_S
    nodes: list[dict[str, Any]] = []
    for each in _members(session, array):
        if time.monotonic() > end:
            break
        nodes += read(session, each)
    known = {node["nodeId"] for node in nodes}
    tops = [node["nodeId"] for node in nodes if node.get("parentId") not in known]
    root = {
        "nodeId": "document",
        "role": {"value": "RootWebArea"},
        "name": {"value": told.title},
        "childIds": tops,
    }
    return [root, *nodes]


def _members(session: FrameSession, handle: str) -> list[dict[str, Any]]:
    """Return the objects in an array or object, as `Runtime.getProperties` tells of them."""
    answer = session.cdp.send("Runtime.getProperties", {"objectId": handle, "ownProperties": True})
    values = (member.get("value", {}) for member in answer["result"])
    return [
        value
        for value in values
        if value.get("subtype") == "node" or value.get("className") == "Object"
    ]


def _subtree_of(session: FrameSession, group: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the accessibility nodes of a group of NEAR."""
    if group.get("subtype") != "node":
        (alone,) = _members(session, group["objectId"])
        call = {"objectId": alone["objectId"], "fetchRelatives": False}
        answer = session.cdp.send("Accessibility.getPartialAXTree", call)
    else:
        answer = session.cdp.send("Accessibility.queryAXTree", {"objectId": group["objectId"]})
    nodes: list[dict[str, Any]] = answer["nodes"]
    return nodes


def _text_of(session: FrameSession, group: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a node with the text of a group of NEAR."""
    if group.get("subtype") != "node":
        (group,) = _members(session, group["objectId"])
    cdp, handle = session.cdp, group["objectId"]
    answer = cdp.send(
        "Runtime.callFunctionOn",
        {"objectId": handle, "functionDeclaration": PART_TEXT, "returnByValue": True},
    )
    backend = cdp.send("DOM.describeNode", {"objectId": handle})["node"]["backendNodeId"]
    text = str(answer["result"].get("value", ""))[:MAX_PART_CHARS]
    return [
        {
            "nodeId": handle,
            "role": {"value": "StaticText"},
            "name": {"value": text},
            "backendDOMNodeId": backend,
        }
    ]
