"""The true scene in words, from the same table of places as sentences and goals."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from longhaul.envs.lohoravens.geometry import PEGS
from longhaul.envs.lohoravens.language import listed, named
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.things import TableState


def describe(state: TableState) -> str:
    """Return what is on the table, how many of each kind and where each is, without hidden things.

    Things have the names that skills understand: "the bigger red block", or, if several look
    alike, "a red block in the top left area".
    """
    seen = visible(state)
    scene = Scene(seen)
    kinds = Counter(thing.kind for thing in seen.things.values())
    counts = [f"{count} {_plural(kind, count)}" for kind, count in sorted(kinds.items())]
    verb = "is" if len(counts) == 1 and 1 in kinds.values() else "are"
    sentences = [f"There {verb} {listed(counts)}." if counts else "There is nothing."]
    facts = Counter((named(name, seen), _place(name, scene)) for name in seen.things)
    return " ".join([*sentences, *(_sentence(*fact, count) for fact, count in facts.items())])


def _sentence(subject: str, place: str, count: int) -> str:
    """Return where one thing is, or where several of the same name are."""
    if subject.endswith(place):
        subject = subject.removesuffix(f" {place}").replace("the ", "a ", 1)
    article, phrase = subject.split(" ", 1)
    if count == 1:
        return f"{article.capitalize()} {phrase} is {place}."
    head, *area = phrase.split(" in the ", 1)
    within = "".join(f" in the {words}" for words in area)
    return f"{count} {_plural(head, count)}{within} are {place}."


def visible(state: TableState) -> TableState:
    """Return the state without the things that others cover."""
    scene = Scene(state)
    things = {name: thing for name, thing in state.things.items() if not scene.hidden(name)}
    return replace(
        state,
        things=things,
        poses={name: state.poses[name] for name in things},
        touching=frozenset(pair for pair in state.touching if pair <= things.keys()),
    )


def _place(name: str, scene: Scene) -> str:
    """Return where a thing is: held, in or on another, or in an area of the table."""
    things = scene.things
    if name == scene.state.held:
        return "held by the suction cup"
    if things[name].kind == "ring":
        for peg in PEGS:
            if scene.on_peg(name, peg):
                return f"on the {peg} peg"
    for other, thing in things.items():
        if thing.kind in ("bowl", "box") and scene.inside(name, other):
            return f"in {named(other, scene.state)}"
    below = [named(other, scene.state) for other in things if scene.on(name, other)]
    if below:
        return f"on {listed(below)}"
    if things[name].kind not in ("zone", "bowl", "box", "stand"):
        for other, thing in things.items():
            if thing.kind == "zone" and scene.on_zone(name, other):
                return f"on {named(other, scene.state)}"
    area = scene.area(name)
    return "out of reach" if area is None else f"in the {area} area"


def _plural(phrase: str, count: int) -> str:
    return phrase if count == 1 else f"{phrase}es" if phrase.endswith("x") else f"{phrase}s"
