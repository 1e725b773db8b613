"""The vocabulary of tabletop skills: the words that a planner may use.

These are the words of the benchmark's instructions and captions (the LoHoRavens and CLIPort
vocabularies). They say nothing of any scene, since a planner does not see the simulator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

THING_COLORS = (
    *("blue", "red", "green", "orange", "yellow", "purple"),
    *("pink", "cyan", "brown", "white", "gray"),
)
THING_SIZES = ("bigger", "smaller")
THING_KINDS = ("block", "bowl", "zone", "box", "ring", "stand", "pellet")
MOVABLE_KINDS = ("block", "ring")
AREA_NAMES = ("center", "top left", "top right", "bottom left", "bottom right")
PEG_NAMES = ("left", "middle", "right")
SIDE_NAMES = ("left", "right", "top", "bottom")

SYNONYMS = {
    "grey": "gray",
    **dict.fromkeys(("big", "large", "larger"), "bigger"),
    **dict.fromkeys(("small", "little", "tiny"), "smaller"),
}
PLACE_PREPOSITIONS = {"bowl": "in", "box": "in"}
"""The preposition for a place, by its kind; `on` for any other."""


@dataclass(frozen=True)
class Phrase:
    """A noun phrase such as "the bigger red block in the top left area"; size and area may be
    empty."""

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
    """Return the pattern of a thing, with groups whose names begin with `name`. It also matches
    plurals, and things without an article."""
    return (
        rf"(?:(?P<{name}_article>the|an?|\d+) )?(?:(?P<{name}_size>{_any(THING_SIZES)}) )?"
        rf"(?P<{name}_color>{_any(THING_COLORS)}) (?P<{name}_kind>{_any(THING_KINDS)})(?:e?s)?"
        rf"(?: (?:in|from) the (?P<{name}_area>{_any(AREA_NAMES)}) area)?"
    )


def phrase(found: re.Match[str], name: str) -> Phrase:
    """Return the phrase that `thing(name)` matched."""
    groups = found.groupdict()
    return Phrase(
        groups[f"{name}_color"],
        groups[f"{name}_kind"],
        groups[f"{name}_size"] or "",
        groups[f"{name}_area"] or "",
        "the" if groups[f"{name}_article"] in (None, "the") else "a",
    )


def normal(text: str) -> str:
    """Return a text in lower case, without punctuation around it, with synonyms replaced."""
    plain = " ".join(text.lower().strip(" \t\r\n.!*`\"'-").split())
    return re.sub(r"\w+", lambda word: SYNONYMS.get(word[0], word[0]), plain)


def _any(words: tuple[str, ...]) -> str:
    return "|".join(words)


AREA_PATTERN = rf"(?:the )?(?P<area>{_any(AREA_NAMES)}) area"
PEG_PATTERN = rf"(?:the )?(?P<peg>{_any(PEG_NAMES)}) peg"
SIDE_PATTERN = rf"to the (?P<side>{_any(SIDE_NAMES)}) of {thing('beside')}"
PLACE_PATTERN = (
    rf"(?:(?:in|into|on|onto|to|at) (?:{AREA_PATTERN}|{PEG_PATTERN})|{SIDE_PATTERN}|"
    rf"(?:in|into|inside|on|onto|over|on top of|to) {thing('place')})"
)
STEP_PATTERN = re.compile(
    rf"(?:step )?(?:\d+[.):] *)?(?:pick up|pick|take|grab|put|place|move|stack) {thing('pick')}"
    rf"(?:,? (?:and|then|and then) (?:place|put|move|stack|drop) it)? {PLACE_PATTERN}"
)
"""Matches one step: a sentence of the closed grammar of skills."""

DONE_WORDS = ("done", "stop", "finished")
"""The replies that say that the goal is reached."""
