"""The text of a video, page by page, with menus, captions and content separated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from longhaul.webagents.video.contract import Line

WORD_PATTERN = re.compile(r"\w+")

MENU_SHARE = 0.5
"""A word on more than this share of a video's pages belongs to its menus. Chosen here."""

MIN_PAGES = 4
"""The fewest pages from which menus can be told from content. Chosen here."""

SAME_PAGE_SHARE = 0.7
"""Two successive frames with more than this share of their lines in common show the same page. It
counts once, so that a page that stays for long is not taken for a menu. Chosen here."""

CAPTION_TOP = 0.92
"""A line below this share of a video's height is a caption (tutorials.draw puts them there)."""


@dataclass(frozen=True)
class Page:
    """The lines read at one time (seconds), without the menus, from top to bottom."""

    start: float
    lines: tuple[Line, ...]
    captions: tuple[Line, ...] = ()
    """Those of the lines at the very bottom, by which a tutorial describes a page."""
    new: frozenset[str] = frozenset()
    """The texts that were not on the previous page; on the first page all are new."""


def read_pages(lines: Sequence[Line]) -> list[Page]:
    """Return the pages of the lines from a screen, in order of time.

    A line is menu if all of its words are on most pages. Whole lines cannot be compared, since the
    OCR joins and splits the entries of a menu differently on every frame.
    """
    moments: dict[float, list[Line]] = {}
    for line in lines:
        if line.source == "screen":
            moments.setdefault(line.start, []).append(line)
    starts = sorted(moments)
    texts = [{line.text for line in moments[start]} for start in starts]
    menu = _menu(texts)
    low = CAPTION_TOP * max((line.box[3] for line in lines if line.box), default=0)
    pages = []
    for index, start in enumerate(starts):
        kept = tuple(line for line in moments[start] if not menu.issuperset(_words(line.text)))
        new = texts[index] - texts[index - 1] if index else texts[index]
        captions = tuple(line for line in kept if line.box and line.box[1] > low)
        pages.append(Page(start, kept, captions, frozenset(new)))
    return pages


def _menu(pages: Sequence[set[str]]) -> set[str]:
    """Return the words that are on most pages; a page is the set of its lines of text."""
    distinct = [
        page
        for index, page in enumerate(pages)
        if not index
        or len(page & pages[index - 1]) <= SAME_PAGE_SHARE * len(page | pages[index - 1])
    ]
    if len(distinct) < MIN_PAGES:
        return set()
    counts = Counter(
        word for page in distinct for word in {word for text in page for word in _words(text)}
    )
    return {word for word, count in counts.items() if count > MENU_SHARE * len(distinct)}


def _words(text: str) -> list[str]:
    return WORD_PATTERN.findall(text.lower())
