"""The text of a tree: whole, or what is near the view where that would be too long."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from longhaul.webagents.browser.layout import Box
from longhaul.webagents.browser.tree import Element

BYTES_PER_CHARACTER = 1.6
"""The most UTF-8 bytes of a text for each character that it may have. With the limit of 20,000
characters a tree fits into the 32,768 bytes of its observation in every script."""

PIECE_CHARS = 400
"""The length in characters of the pieces into which a long text is split. Chosen here."""

SHRINKING = 0.98
"""The part of the lines that is kept where they do not fit with those that say what is left out.
Chosen here."""

GAP = "... {} left out here"
"""The line for elements that are left out between two that are shown."""

ABOVE, BELOW, IN_VIEW, BESIDE = "above", "below", "in view", "beside"


@dataclass(frozen=True)
class Scroll:
    """How far a page is scrolled, and its height, in pixels; `complete` says whether all of its
    elements are known, and not only those near the view."""

    top: int = 0
    height: int = 0
    complete: bool = True


@dataclass(frozen=True)
class Piece:
    """A line of the tree, or a part of a long one: the element's index, and where it lies. `side`
    is above, in view, below or beside, `distance` the pixels from the view."""

    index: int
    text: str
    side: str
    distance: float


class Budget:
    """Counts lines down from a limit in characters, and from one in bytes."""

    def __init__(self, characters: int) -> None:
        self._characters, self._bytes = characters, int(characters * BYTES_PER_CHARACTER)

    def take(self, line: str) -> bool:
        """Count a line; say whether it fits."""
        self._characters -= len(line) + 1
        self._bytes -= len(line.encode(errors="replace")) + 1
        return self._characters >= 0 and self._bytes >= 0


def fits(elements: Sequence[Element], characters: int) -> bool:
    """Say whether the whole tree has at most so many characters."""
    budget = Budget(characters)
    return all(budget.take(element.line) for element in elements)


def whole(elements: Sequence[Element]) -> str:
    """Return the text of a tree."""
    return "\n".join(element.line for element in elements)


def near_view(
    elements: Sequence[Element],
    box_of: Callable[[Element], Box | None],
    size: tuple[int, int],
    scroll: Scroll,
    characters: int,
) -> str:
    """Return the lines that are nearest to the view, in the tree's order, below a line that says
    how much is left out above and below.

    `size` is the viewport's width and height in pixels. An element without a box (an option of a
    closed list) counts as one view further away than what it lies in. A long text is split, and
    its pieces are taken to be spread evenly over its height.
    """
    pieces = _pieces(elements, box_of, size)
    nearest = sorted(range(len(pieces)), key=lambda number: (pieces[number].distance, number))
    budget = Budget(characters)
    count = next(
        (n for n, number in enumerate(nearest) if not budget.take(pieces[number].text)), len(pieces)
    )
    while True:
        shown = [pieces[number] for number in sorted(nearest[:count])]
        lines = [_summary(pieces, shown, size, scroll), *_lines(shown)]
        budget = Budget(characters)
        if not count or all(budget.take(line) for line in lines):
            return "\n".join(lines)
        count = int(count * SHRINKING)


def _pieces(
    elements: Sequence[Element], box_of: Callable[[Element], Box | None], size: tuple[int, int]
) -> list[Piece]:
    """Return the pieces of all lines, in the tree's order."""
    found: list[Piece] = []
    around: list[Piece] = []  # the lines that the present one lies within
    for index, element in enumerate(elements):
        del around[element.depth :]
        box = box_of(element)
        if box is not None:
            piece = Piece(index, element.line, *_distance(box, size))
        elif around:
            above = around[-1]
            piece = Piece(index, element.line, above.side, above.distance + size[1])
        else:
            piece = Piece(index, element.line, IN_VIEW, 0.0)
        around.append(piece)
        texts = _split(element)
        if box is None or len(texts) == 1:
            found += [replace(piece, text=text) for text in texts]
            continue
        left, top, width, height = box
        step = height / len(texts)
        for number, text in enumerate(texts):
            part = (left, top + number * step, width, step)
            found.append(Piece(index, text, *_distance(part, size)))
    return found


def _distance(box: Box, size: tuple[int, int]) -> tuple[str, float]:
    """Return on which side of the view a box lies, and how many pixels away."""
    left, top, width, height = box
    if top + height <= 0:
        return ABOVE, -(top + height)
    if top >= size[1]:
        return BELOW, top - size[1]
    beside = max(-(left + width), left - size[0])
    return (BESIDE, beside) if beside >= 0 else (IN_VIEW, 0.0)


def _split(element: Element) -> list[str]:
    """Return an element's line, in several pieces if it is a long text."""
    if element.role != "StaticText" or len(element.name) <= PIECE_CHARS:
        return [element.line]
    start = f"{'  ' * element.depth}[{element.number}] {element.role}"
    return [f"{start} '{part}'" for part in textwrap.wrap(element.name, PIECE_CHARS)]


def _lines(shown: Sequence[Piece]) -> list[str]:
    """Return the lines of pieces, with one where elements between them are left out."""
    lines = []
    before = -1
    for piece in shown:
        if piece.index > before + 1:
            lines.append(GAP.format(piece.index - before - 1))
        lines.append(piece.text)
        before = piece.index
    return lines


def _summary(
    pieces: Sequence[Piece], shown: Sequence[Piece], size: tuple[int, int], scroll: Scroll
) -> str:
    """Return the line that says what is left out of a page that is too long."""
    seen = {piece.index for piece in shown}
    left_out = Counter(
        {piece.index: piece.side for piece in pieces if piece.index not in seen}.values()
    )
    end = min(scroll.top + size[1], scroll.height)
    others = "most of its elements are not read"
    if scroll.complete:
        counts = (f"{left_out[side]} {side}" for side in (ABOVE, BELOW, IN_VIEW, BESIDE))
        others = f"elements left out: {', '.join(counts)}"
    return (
        "The page is long, and only what is near the view is shown "
        f"(pixels {scroll.top} to {end} of {scroll.height}); {others}."
    )
