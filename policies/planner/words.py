"""The words of tabletop skills: what a planner may say, and how things are called.

A planner knows no simulator: these are the words that the benchmark's instructions and captions
are written in (the LoHoRavens and CLIPort vocabularies), and nothing of any scene.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

COLORS = (
    *("blue", "red", "green", "orange", "yellow", "purple"),
    *("pink", "cyan", "brown", "white", "gray"),
)
SIZES = ("bigger", "smaller")
KINDS = ("block", "bowl", "zone", "box", "ring", "stand", "pellet")
MOVABLE = ("block", "ring")
AREAS = ("center", "top left", "top right", "bottom left", "bottom right")
PEGS = ("left", "middle", "right")
SIDES = ("left", "right", "top", "bottom")

SYNONYMS = {
    "grey": "gray",
    **dict.fromkeys(("big", "large", "larger"), "bigger"),
    **dict.fromkeys(("small", "little", "tiny"), "smaller"),
}
PREPOSITIONS = {"bowl": "in", "box": "in"}
"""How a place of a kind is spoken of; `on` for any other."""


@dataclass(frozen=True)
class Phrase:
    """ "the bigger red block in the top left area"; size and area may be missing (empty)."""

    color: str
    kind: str
    size: str = ""
    area: str = ""
    article: str = "the"

    @property
    def words(self) -> str:
        return " ".join(filter(None, (self.size, self.color, self.kind)))

    def __str__(self) -> str:
        within = f" in the {self.area} area" if self.area else ""
        return f"{self.article} {self.words}{within}"


def thing(name: str) -> str:
    """Return the pattern of a thing, its groups named after `name`; plurals and no article too."""
    return (
        rf"(?:(?P<{name}_article>the|an?|\d+) )?(?:(?P<{name}_size>{_any(SIZES)}) )?"
        rf"(?P<{name}_color>{_any(COLORS)}) (?P<{name}_kind>{_any(KINDS)})(?:e?s)?"
        rf"(?: (?:in|from) the (?P<{name}_area>{_any(AREAS)}) area)?"
    )


def phrase(found: re.Match[str], name: str) -> Phrase:
    """Return what `thing(name)` matched."""
    groups = found.groupdict()
    return Phrase(
        groups[f"{name}_color"],
        groups[f"{name}_kind"],
        groups[f"{name}_size"] or "",
        groups[f"{name}_area"] or "",
        "the" if groups[f"{name}_article"] in (None, "the") else "a",
    )


def normal(text: str) -> str:
    """Return a text in small letters, without marks around it, synonyms in the words above."""
    plain = " ".join(text.lower().strip(" \t\r\n.!*`\"'-").split())
    return re.sub(r"\w+", lambda word: SYNONYMS.get(word[0], word[0]), plain)


def _any(words: tuple[str, ...]) -> str:
    return "|".join(words)


AREA = rf"(?:the )?(?P<area>{_any(AREAS)}) area"
PEG = rf"(?:the )?(?P<peg>{_any(PEGS)}) peg"
SIDE = rf"to the (?P<side>{_any(SIDES)}) of {thing('beside')}"
PLACE = (
    rf"(?:(?:in|into|on|onto|to|at) (?:{AREA}|{PEG})|{SIDE}|"
    rf"(?:in|into|inside|on|onto|over|on top of|to) {thing('place')})"
)
STEP = re.compile(
    rf"(?:step )?(?:\d+[.):] *)?(?:pick up|pick|take|grab|put|place|move|stack) {thing('pick')}"
    rf"(?:,? (?:and|then|and then) (?:place|put|move|stack|drop) it)? {PLACE}"
)
"""One sentence of the closed grammar of skills."""

DONE = ("done", "stop", "finished")
