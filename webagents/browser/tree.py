"""The accessibility tree as an agent reads it: one line an element, `[12] link 'Cart'`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NOISE = {"InlineTextBox", "LineBreak"}
"""Roles that only repeat the text above them; nothing is below."""

STRUCTURE = {
    *("none", "generic", "paragraph", "Section", "LabelText", "MenuListPopup", "list"),
    *("LayoutTable", "LayoutTableRow", "LayoutTableCell", "rowgroup"),
}
"""Roles that are worth a line only with a name."""

STATES = ("checked", "disabled", "expanded", "focused", "pressed", "required", "selected")
"""Properties that are said where they hold."""

INTERACTIVE = {
    *("link", "button", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio"),
    *("switch", "slider", "spinbutton", "tab", "menuitem", "menuitemcheckbox", "menuitemradio"),
    *("option", "DisclosureTriangle", "treeitem", "gridcell", "ColorWell", "Date", "DateTime"),
}
"""Roles that are marked on a screenshot."""

LONGEST_NAME = 400
"""Characters of a name that are shown."""


@dataclass(frozen=True)
class Element:
    """A line of the tree: `number` is what actions call it, `backend` Chromium's id of its DOM
    node (of this document only)."""

    number: int
    role: str
    name: str
    backend: int
    line: str


def read_tree(nodes: Sequence[Mapping[str, Any]], limit: int) -> tuple[str, list[Element]]:
    """Return the text and the elements of what `Accessibility.getFullAXTree` answered.

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
        if role in NOISE:
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
    return bool(name) if role in STRUCTURE else True


def _describe(node: Mapping[str, Any], role: str, name: str) -> str:
    if len(name) > LONGEST_NAME:
        name = name[: LONGEST_NAME - 3] + "..."
    words = [role, f"'{name}'"] if name else [role]
    value = _clean(_value(node, "value"))
    if value and value != name:
        words.append(f"value: '{value[:LONGEST_NAME]}'")
    properties = {p["name"]: p["value"].get("value") for p in node.get("properties", ())}
    for state in STATES:
        held = properties.get(state)
        if state == "expanded" and held is not None:
            words.append("expanded" if held in (True, "true") else "collapsed")
        elif held in (True, "true", "mixed"):
            words.append(state)
    return " ".join(words)


def _value(node: Mapping[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value", ""))


def _clean(text: str) -> str:
    """Return a text in one line, without the characters that icon fonts put there."""
    plain = "".join(c for c in text if not "\ue000" <= c <= "\uf8ff")
    return " ".join(plain.split())


def _bounded(lines: Sequence[str], limit: int) -> str:
    size = 0
    for count, line in enumerate(lines):
        size += len(line) + 1
        if size > limit:
            return "\n".join([*lines[:count], f"... {len(lines) - count} more elements"])
    return "\n".join(lines)
