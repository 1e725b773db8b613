"""The accessibility tree as an agent reads it: a line for each element, `[12] link 'Cart'`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SKIPPED_ROLES = {"InlineTextBox", "LineBreak"}
"""Roles that only repeat their parent's text and have no children; they get no line."""

STRUCTURAL_ROLES = {
    *("none", "generic", "paragraph", "Section", "LabelText", "MenuListPopup", "list"),
    *("LayoutTable", "LayoutTableRow", "LayoutTableCell", "rowgroup"),
}
"""Roles that get a line only if they have a name."""

STATE_PROPERTIES = ("checked", "disabled", "expanded", "focused", "pressed", "required", "selected")
"""Properties that a line lists if they hold."""

INTERACTIVE_ROLES = {
    *("link", "button", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio"),
    *("switch", "slider", "spinbutton", "tab", "menuitem", "menuitemcheckbox", "menuitemradio"),
    *("option", "DisclosureTriangle", "treeitem", "gridcell", "ColorWell", "Date", "DateTime"),
}
"""Roles that are marked on a screenshot."""

MAX_NAME_CHARS = 400
"""The most characters of a name that are shown. Chosen here."""


@dataclass(frozen=True)
class Element:
    """A line of the tree: `number` is the number that actions use, `backend` Chromium's id of its
    DOM node (valid in this document only)."""

    number: int
    role: str
    name: str
    backend: int
    line: str


def read_tree(nodes: Sequence[Mapping[str, Any]], limit: int) -> tuple[str, list[Element]]:
    """Return the text and the elements of an answer of `Accessibility.getFullAXTree`.

    The text has at most `limit` characters: lines that do not fit are left out at the end, and
    the last one says how many. Ignored nodes, `InlineTextBox` and text that its parent's name
    already holds have no line. Numbers begin at 1, in the tree's order.
    """
    by_id = {node["nodeId"]: node for node in nodes}
    elements: list[Element] = []
    stack: list[tuple[str, int, str]] = [(nodes[0]["nodeId"], 0, "")] if nodes else []
    while stack:
        node_id, depth, above = stack.pop()
        node = by_id.get(node_id)
        if node is None:
            continue
        role, name = _value(node, "role"), _clean(_value(node, "name"))
        if role in SKIPPED_ROLES:
            continue
        if _is_shown(node, role, name, above):
            number = len(elements) + 1
            line = f"{'  ' * depth}[{number}] {_describe(node, role, name)}"
            backend = int(node.get("backendDOMNodeId", 0))
            elements.append(Element(number, role, name, backend, line))
            depth, above = depth + 1, name or above
        stack += [(child, depth, above) for child in reversed(node.get("childIds", ()))]
    return _bounded([element.line for element in elements], limit), elements


def _is_shown(node: Mapping[str, Any], role: str, name: str, above: str) -> bool:
    if node.get("ignored") or not role:
        return False
    if role == "StaticText":
        return bool(name) and name not in above
    return bool(name) if role in STRUCTURAL_ROLES else True


def _describe(node: Mapping[str, Any], role: str, name: str) -> str:
    if len(name) > MAX_NAME_CHARS:
        name = name[: MAX_NAME_CHARS - 3] + "..."
    words = [role, f"'{name}'"] if name else [role]
    value = _clean(_value(node, "value"))
    if value and value != name:
        words.append(f"value: '{value[:MAX_NAME_CHARS]}'")
    properties = {p["name"]: p["value"].get("value") for p in node.get("properties", ())}
    for state in STATE_PROPERTIES:
        held = properties.get(state)
        if state == "expanded" and held is not None:
            words.append("expanded" if held in (True, "true") else "collapsed")
        elif held in (True, "true", "mixed"):
            words.append(state)
    return " ".join(words)


def _value(node: Mapping[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value", ""))


def _clean(text: str) -> str:
    """Return a text in one line, without the private characters of icon fonts."""
    plain = "".join(c for c in text if not "\ue000" <= c <= "\uf8ff")
    return " ".join(plain.split())


def _bounded(lines: Sequence[str], limit: int) -> str:
    size = 0
    for count, line in enumerate(lines):
        size += len(line) + 1
        if size > limit:
            return "\n".join([*lines[:count], f"... {len(lines) - count} more elements"])
    return "\n".join(lines)
