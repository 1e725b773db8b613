"""Text of others in Markdown: it is shown as it is, whatever it holds."""

from __future__ import annotations

from collections.abc import Sequence

from longhaul.errors import single_line


def code(text: str) -> str:
    """Return text in the form in which Markdown shows it unchanged, in one line."""
    plain = single_line(text.replace("`", "'"), most=10 * len(text) + 3)
    return f"`{plain}`"


def row(cells: Sequence[str]) -> str:
    """Return a row of a table; what a cell holds is text, neither a column's end nor HTML."""
    plain = (single_line(cell, most=10 * len(cell) + 3) for cell in cells)
    told = (cell.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|") for cell in plain)
    return f"| {' | '.join(told)} |"
