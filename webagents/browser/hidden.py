"""Texts that a person sees and the accessibility tree leaves out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from longhaul.webagents.browser.frames import Document
from longhaul.webagents.browser.layout import STYLES, cut, edges_of, find_clips

HIDING = {"inert": None, "aria-hidden": "true"}
"""The attributes that hide an element from the accessibility tree only, and the value that does;
None means any."""

UNREAD_TAG = "RT"
"""The element whose text Chromium leaves out: the reading beside a character."""


def with_hidden_texts(
    nodes: Sequence[Mapping[str, Any]], document: Document
) -> list[Mapping[str, Any]]:
    """Return accessibility nodes with one more for each visible text of `document` that is hidden
    from them (`aria-hidden`, `inert`, the readings of characters), at its place."""
    snapshot = document.session.cdp.send(
        "DOMSnapshot.captureSnapshot", {"computedStyles": [*STYLES, "visibility"]}
    )
    strings: list[str] = snapshot["strings"]
    for each in snapshot["documents"]:
        if strings[each["frameId"]] == document.frame:
            return _merged(nodes, each, strings)
    return list(nodes)


def _merged(
    nodes: Sequence[Mapping[str, Any]], document: Mapping[str, Any], strings: Sequence[str]
) -> list[Mapping[str, Any]]:
    """Return the nodes with those of the hidden texts of a document in a DOM snapshot."""
    dom = document["nodes"]
    parents, backends = dom["parentIndex"], dom["backendNodeId"]
    place = {backend: index for index, backend in enumerate(backends)}
    by_backend = {node.get("backendDOMNodeId"): node for node in nodes}
    read = {node.get("backendDOMNodeId") for node in nodes if not node.get("ignored")}
    added: dict[str, list[tuple[int, str]]] = defaultdict(list)
    made: list[Mapping[str, Any]] = []
    for index, text in _hidden_texts(document, strings):
        around = parents[index]
        while around >= 0 and backends[around] not in by_backend:
            around = parents[around]
        if around < 0 or backends[index] in read:
            continue
        name = f"hidden-{index}"
        made.append(
            {
                "nodeId": name,
                "role": {"value": "StaticText"},
                "name": {"value": text},
                "backendDOMNodeId": backends[index],
            }
        )
        added[by_backend[backends[around]]["nodeId"]].append((index, name))
    indices = {node["nodeId"]: place.get(node.get("backendDOMNodeId"), -1) for node in nodes}
    return [
        {**node, "childIds": _in_order(node, added[node["nodeId"]], indices)}
        if node["nodeId"] in added
        else node
        for node in nodes
    ] + made


def _in_order(
    node: Mapping[str, Any], added: Sequence[tuple[int, str]], indices: Mapping[str, int]
) -> list[str]:
    """Return a node's children with the added ones, in the document's order."""
    children = [(indices.get(child, -1), child) for child in node.get("childIds", ())]
    for index, name in added:
        later = [at for at, (child, _) in enumerate(children) if child > index]
        children.insert(later[0] if later else len(children), (index, name))
    return [name for _, name in children]


def _hidden_texts(document: Mapping[str, Any], strings: Sequence[str]) -> list[tuple[int, str]]:
    """Return the visible texts below an element that hides them: their indices, and the texts."""
    dom, layout = document["nodes"], document["layout"]
    hiding: set[int] = set()
    for index, (tag, around) in enumerate(zip(dom["nodeName"], dom["parentIndex"], strict=True)):
        pairs = dom["attributes"][index]
        given = {
            strings[k].lower(): strings[v] for k, v in zip(pairs[::2], pairs[1::2], strict=True)
        }
        own = any(
            name in given and value in (None, given[name].lower()) for name, value in HIDING.items()
        )
        if own or around in hiding or strings[tag] == UNREAD_TAG:
            hiding.add(index)
    clips = find_clips(document, strings, layout["bounds"])
    found = []
    for row, index in enumerate(layout["nodeIndex"]):
        text, styles = layout["text"][row], layout["styles"][row]
        if index not in hiding or text < 0 or not strings[text].strip():
            continue
        left, top, right, bottom = edges_of(layout["bounds"][row])
        if index in clips:
            left, top, right, bottom = cut((left, top, right, bottom), clips[index])
        if left < right and top < bottom and "hidden" not in [strings[s] for s in styles[-1:]]:
            found.append((index, strings[text]))
    return found
