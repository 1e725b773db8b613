"""The accessibility tree as an agent reads it: a line for each element, `[12] link 'Cart'`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from longhaul.webagents.browser.frames import Document

SKIPPED_ROLES = {"InlineTextBox", "LineBreak"}
"""Roles that only repeat their parent's text and have no children; they get no line."""

STRUCTURAL_ROLES = {
    *("none", "generic", "paragraph", "Section", "LabelText", "MenuListPopup", "list"),
    *("LayoutTable", "LayoutTableRow", "LayoutTableCell", "rowgroup"),
}
"""Roles that get a line only if they have a name."""

FIELD_ROLES = {"textbox", "searchbox", "combobox", "spinbutton"}
"""Roles whose value is the text in them."""

STATE_PROPERTIES = ("checked", "disabled", "expanded", "focused", "pressed", "required", "selected")
"""Properties that a line lists if they hold."""

INTERACTIVE_ROLES = {
    *("link", "button", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio"),
    *("switch", "slider", "spinbutton", "tab", "menuitem", "menuitemcheckbox", "menuitemradio"),
    *("option", "DisclosureTriangle", "treeitem", "gridcell", "ColorWell", "Date", "DateTime"),
}
"""Roles that are marked on a screenshot."""

MAX_NAME_CHARS = 400
"""The most characters of a name or value that are shown; texts are shown whole. Chosen here."""

MAX_ADDRESS_CHARS = 200
"""The most characters of an address that are shown. Chosen here."""


@dataclass(frozen=True)
class Element:
    """A line of the tree: `number` is the number that actions use, `backend` Chromium's id of its
    DOM node (valid in the session of its `document` only, and as long as that is there), `depth`
    the number of lines that it lies within."""

    number: int
    role: str
    name: str
    backend: int
    line: str
    document: Document
    depth: int = 0


@dataclass(frozen=True)
class Part:
    """A document's accessibility nodes, as `Accessibility.getFullAXTree` answers, and the parts of
    the frames in it by the backend ids of their elements."""

    document: Document
    nodes: Sequence[Mapping[str, Any]]
    frames: dict[int, Part] = field(default_factory=dict)


def read_tree(page: Part) -> list[Element]:
    """Return the elements of a page in the tree's order, those of a frame below its element.

    Every text has a line but those that the line above them shows: a name that Chromium computed
    from that content (of a link, a button, an option), or the value of a field. Ignored nodes and
    `InlineTextBox` have none. Numbers begin at 1.
    """
    indices = {id(page): {node["nodeId"]: node for node in page.nodes}}
    elements: list[Element] = []
    stack = [(page, str(node["nodeId"]), 0, "") for node in page.nodes[:1]]
    while stack:
        part, node_id, depth, above = stack.pop()
        node = indices[id(part)].get(node_id)
        if node is None:
            continue
        role, name = _value(node, "role"), _clean(_value(node, "name"))
        if role in SKIPPED_ROLES:
            continue
        backend = int(node.get("backendDOMNodeId", 0))
        inner = part.frames.get(backend)
        if _is_shown(node, role, name, above) and (name or part is page or node_id != _root(part)):
            number = len(elements) + 1
            line = f"{'  ' * depth}[{number}] {_describe(node, role, name)}{_failure(inner)}"
            elements.append(Element(number, role, name, backend, line, part.document, depth))
            depth, above = depth + 1, _repeated(node, role, name, above)
        stack += [(part, child, depth, above) for child in reversed(node.get("childIds", ()))]
        if inner is not None and inner.nodes:
            indices[id(inner)] = {node["nodeId"]: node for node in inner.nodes}
            stack.append((inner, _root(inner), depth, ""))
    return elements


def _root(part: Part) -> str:
    return str(part.nodes[0]["nodeId"])


def _failure(inner: Part | None) -> str:
    """Return what a frame's line says of an address that could not be loaded."""
    failed = inner.document.failed if inner is not None else ""
    return f" (not loaded: {failed[:MAX_ADDRESS_CHARS]})" if failed else ""


def _is_shown(node: Mapping[str, Any], role: str, name: str, above: str) -> bool:
    if node.get("ignored") or not role:
        return False
    if role == "StaticText":
        return bool(name) and name not in above
    return bool(name) if role in STRUCTURAL_ROLES else True


def _repeated(node: Mapping[str, Any], role: str, name: str, above: str) -> str:
    """Return the text that need not be shown below an element's line, as it is in that line."""
    if role in FIELD_ROLES:
        return _clean(_value(node, "value"))[:MAX_NAME_CHARS]
    if not name:
        return above
    used = next((s for s in _sources(node) if "value" in s and not s.get("superseded")), {})
    own = used.get("type") == "contents" or used.get("attribute") == "value"
    return _cut(name) if own else ""


def _sources(node: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return where a node's name may come from, in the order in which Chromium looks."""
    found: Sequence[Mapping[str, Any]] = node.get("name", {}).get("sources", ())
    return found


def _describe(node: Mapping[str, Any], role: str, name: str) -> str:
    words = [role, f"'{name if role == 'StaticText' else _cut(name)}'"] if name else [role]
    value = _clean(_value(node, "value"))
    if value and value != name:
        words.append(f"value: '{value[:MAX_NAME_CHARS]}'")
    hint = "" if value else _placeholder(node)
    if hint and hint != name:
        words.append(f"placeholder: '{_cut(hint)}'")
    properties = {p["name"]: p["value"].get("value") for p in node.get("properties", ())}
    for state in STATE_PROPERTIES:
        held = properties.get(state)
        if state == "expanded" and held is not None:
            words.append("expanded" if held in (True, "true") else "collapsed")
        elif held in (True, "true", "mixed"):
            words.append(state)
    return " ".join(words)


def _placeholder(node: Mapping[str, Any]) -> str:
    found = (s for s in _sources(node) if s.get("type") == "placeholder")
    return _clean(str(next(found, {}).get("attributeValue", {}).get("value", "")))


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAME_CHARS else name[: MAX_NAME_CHARS - 3] + "..."


def _value(node: Mapping[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value", ""))


def _clean(text: str) -> str:
    """Return a text in one line, without the private characters of icon fonts."""
    plain = "".join(c for c in text if not "\ue000" <= c <= "\uf8ff")
    return " ".join(plain.split())
