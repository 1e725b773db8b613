"""The scene that a planner knows: what a closed grammar reads from a caption, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from longhaul.policies.planner.words import AREA_PATTERN, PEG_PATTERN, Phrase, phrase, thing

SENTENCE = re.compile(rf"{thing('it')} (?:is|are) (?P<place>.+)")
SPOT = re.compile(rf"(?:in|on) (?:{AREA_PATTERN}|{PEG_PATTERN})")
SUPPORT = re.compile(thing("it"))
LIST_SEPARATOR = re.compile(r", and | and |, ")
MAX_CAPTION_CHARS = 16_384
"""The most characters of a caption that are read."""

MAX_COUNT = 100
"""The most things that one sentence can name by a number ("3 red blocks")."""


@dataclass(frozen=True)
class Thing:
    """`name` is the phrase by which a skill names the thing and no other.

    The thing lies on or in `supports`, or in the area or on the peg `spot`.
    """

    name: Phrase
    spot: str = ""
    supports: tuple[Phrase, ...] = ()

    def fits(self, wanted: Phrase) -> bool:
        """Return whether a phrase may mean this thing."""
        mine = self.name
        if (wanted.color, wanted.kind) != (mine.color, mine.kind):
            return False
        area = mine.area or self.spot
        return wanted.size in ("", mine.size) and wanted.area in ("", area)


@dataclass(frozen=True)
class Scene:
    """The things that a caption names; empty if no sentence can be read."""

    things: tuple[Thing, ...] = ()

    def find(self, wanted: Phrase) -> list[Thing]:
        return [thing for thing in self.things if thing.fits(wanted)]

    def above(self, below: Thing) -> list[Thing]:
        """Return what lies on a thing, or in it."""
        return [thing for thing in self.things if any(below.fits(s) for s in thing.supports)]

    def top(self, base: Thing) -> Thing:
        """Return the highest thing above `base`; `base` itself if nothing lies on it."""
        seen = [base]
        while above := [thing for thing in self.above(seen[-1]) if thing not in seen]:
            seen.append(above[0])
        return seen[-1]

    def after(self, mover: Thing, place: Thing | str) -> Scene:
        """Return the scene after a thing was put at another, in an area or on a peg."""
        if isinstance(place, str):
            area = place.removesuffix(" area") if place.endswith("area") else ""
            there = Thing(replace(mover.name, area=area), area or place)
        else:
            area = place.name.area or ("" if place.spot.endswith("peg") else place.spot)
            there = Thing(replace(mover.name, area=area), "", (place.name,))
        others = list(self.things)
        others.remove(mover)
        return _scene([*others, there])


def read_scene(caption: str) -> Scene:
    """Return the scene that a caption describes; sentences outside the grammar are ignored."""
    told: list[Thing] = []
    for sentence in re.split(r"\.(?:\s+|$)", caption[:MAX_CAPTION_CHARS].lower()):
        found = SENTENCE.fullmatch(sentence.strip())
        if found:
            told += [_thing(found)] * _count(found["it_article"])
    return _scene(told)


def _scene(told: Sequence[Thing]) -> Scene:
    alike = Counter(t.name.words for t in told)
    there = Counter(replace(t.name, article="") for t in told)
    named = [_named(t, alike[t.name.words], there[replace(t.name, article="")]) for t in told]
    return Scene(tuple(named))


def _count(article: str | None) -> int:
    return min(int(article), MAX_COUNT) if article and article.isdecimal() else 1


def _thing(found: re.Match[str]) -> Thing:
    name, place = phrase(found, "it"), found["place"]
    spot = SPOT.fullmatch(place)
    if spot:
        area = spot["area"] or ""
        return Thing(replace(name, area=area or name.area), area or f"{spot['peg']} peg")
    names = LIST_SEPARATOR.split(re.sub(r"^(?:on|in) ", "", place))
    matches = [SUPPORT.fullmatch(name) for name in names]
    return Thing(name, "", tuple(phrase(match, "it") for match in matches if match))


def _named(told: Thing, alike: int, there: int) -> Thing:
    """Give a thing the shortest name that distinguishes it from those that look alike, if possible.

    `alike` things have its words, `there` of them lie in its area too.
    """
    if alike == 1:
        return replace(told, name=replace(told.name, area="", article="the"))
    article = "the" if told.name.area and there == 1 else "a"
    return replace(told, name=replace(told.name, article=article))
