"""What is written in a video, page by page: menus, captions and content told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from longhaul.webagents.video.contract import Line

WORD = re.compile(r"\w+")

MOSTLY = 0.5
"""A word on more than this share of a video's pages belongs to its menus."""

FEWEST = 4
"""Of fewer pages nobody can tell what is menu and what is content."""

SAME = 0.7
"""Two moments with more than this share of their lines in common show one page, and it counts
once: what stays in view for long is no menu."""


LOW = 0.92
"""What stands lower than this share of a video's height is a caption."""


@dataclass(frozen=True)
class Page:
    """The lines read at one moment (seconds), less the menus, from top to bottom."""

    start: float
    lines: tuple[Line, ...]
    captions: tuple[Line, ...] = ()
    """Those of the lines that stand at the very bottom: what a film tells of a page."""
    new: frozenset[str] = frozenset()
    """The texts that were not on the page before; on the first page all are new."""


def read_pages(lines: Sequence[Line]) -> list[Page]:
    """Return the pages of what was read off a screen, in the order of time.

    A line all of whose words stand on most pages is menu: the OCR joins and parts the entries of
    a menu anew on every frame, so that whole lines do not tell.
    """
    moments: dict[float, list[Line]] = {}
    for line in lines:
        if line.source == "screen":
            moments.setdefault(line.start, []).append(line)
    starts = sorted(moments)
    texts = [{line.text for line in moments[start]} for start in starts]
    menu = _menu(texts)
    low = LOW * max((line.box[3] for line in lines if line.box), default=0)
    pages = []
    for index, start in enumerate(starts):
        kept = tuple(line for line in moments[start] if not menu.issuperset(_words(line.text)))
        new = texts[index] - texts[index - 1] if index else texts[index]
        captions = tuple(line for line in kept if line.box and line.box[1] > low)
        pages.append(Page(start, kept, captions, frozenset(new)))
    return pages


def _menu(pages: Sequence[set[str]]) -> set[str]:
    """Return the words that stand on most pages, of pages given as their lines of text."""
    distinct = [
        page
        for index, page in enumerate(pages)
        if not index or len(page & pages[index - 1]) <= SAME * len(page | pages[index - 1])
    ]
    if len(distinct) < FEWEST:
        return set()
    counts = Counter(
        word for page in distinct for word in {word for text in page for word in _words(text)}
    )
    return {word for word, count in counts.items() if count > MOSTLY * len(distinct)}


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())
