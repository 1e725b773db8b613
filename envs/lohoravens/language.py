"""How things and places are named, in goals' sentences, in steps and in captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from longhaul.envs.lohoravens.geometry import DIRECTIONS
from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.things import TableState, Thing
from longhaul.envs.lohoravens.vocabulary import SIZE_WORDS


def plain(thing: Thing, things: Mapping[str, Thing]) -> str:
    """Return color and kind, "red block", with the size if the table has blocks of both sizes."""
    sizes = sorted({other.size[0] for other in things.values() if other.kind == "block"})
    words = [thing.color, thing.kind]
    if thing.kind == "block" and sizes == sorted(SIZE_WORDS):
        words.insert(0, SIZE_WORDS[thing.size[0]])
    return " ".join(words)


def named(name: str, state: TableState) -> str:
    """Return "the red block" if there is only one, else also the area in which it lies.

    If several of them lie in that area, the phrase is "a red block in the top left area", which
    means any of them.
    """
    thing = state.things[name]
    phrase = plain(thing, state.things)
    alike = _alike(name, state)
    if len(alike) == 1:
        return f"the {phrase}"
    scene = Scene(state)
    area = scene.area(name)
    if area is None:
        return f"a {phrase}"
    there = [other for other in alike if scene.in_area(other, area)]
    return f"{'the' if len(there) == 1 else 'a'} {phrase} in the {area} area"


def step(atom: Atom, state: TableState) -> str:
    """Return the sentence of one step: "pick up the red block and place it on the blue zone"."""
    mover = atom.movers[0]
    return f"pick up {named(mover, state)} and place it {where(atom, state)}"


def where(atom: Atom, state: TableState) -> str:
    """Return the place to which an atom's reference mover goes: "to the left of the red block".

    If a tower has several blocks of one name, "the red block on the blue zone" is the topmost one.
    """
    target = atom.under[-1][0] if atom.under else atom.targets[0]
    if atom.under and len(_alike(target, state)) > 1:
        phrase = plain(state.things[target], state.things)
        return f"on the {phrase} on {named(atom.targets[0], state)}"
    if atom.relation == "area":
        return f"in the {target} area"
    if atom.relation == "peg":
        return f"on the {target} peg"
    if atom.relation == "across":
        return f"on {listed([named(name, state) for name in atom.targets])}"
    if atom.relation in DIRECTIONS:
        return f"to the {atom.relation} of {named(target, state)}"
    return f"{'in' if atom.relation == 'in' else 'on'} {named(target, state)}"


def listed(items: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]]))


def _alike(name: str, state: TableState) -> list[str]:
    phrase = plain(state.things[name], state.things)
    return [other for other, thing in state.things.items() if plain(thing, state.things) == phrase]
