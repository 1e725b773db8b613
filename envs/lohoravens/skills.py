"""Skills in words, grounded in the true scene; they take the place of a learned actor.

A skill is one JSON object: `{"pick": THING, "place": PLACE}`, and optionally `"relation"`.
THING is the name that captions and steps use: "the red block", "a bigger blue block", "the red
block in the top left area", "the red block on the blue zone" (the topmost there). With "a" any of
several may be meant; with "the" exactly one must be visible. PLACE is a thing, two of them ("the
red block and the blue block"), an area ("top left area", "center area") or a peg ("left peg"). The
relation is one of on, in, zone, area, peg, left, right, top and bottom; without it, the kind of
place determines it (in a bowl, on a block, ...).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from longhaul.envs.lohoravens.geometry import AREAS, PEGS, pegs
from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.grasp import carry
from longhaul.envs.lohoravens.relations import RELATIONS, Scene
from longhaul.envs.lohoravens.spots import Blocked, Spot, spot_for
from longhaul.envs.lohoravens.things import Pose, TableState
from longhaul.envs.lohoravens.vocabulary import SIZE_WORDS

Reason = Literal["malformed", "unknown", "ambiguous", "infeasible"]

RELATION_OF_KIND = {"bowl": "in", "box": "in", "zone": "zone"}
"""The relation that a kind of target implies; for any other thing it is `on`."""

THING_PATTERN = re.compile(
    r"(?:(?P<article>the|an?) )?(?P<words>.+?)"
    r"(?: in the (?P<area>.+?) area| (?:on|in) (?P<below>(?:the|an?) .+))?"
)


class Refusal(Exception):  # noqa: N818  it is an answer, not a fault
    """Why a skill cannot be carried out: `reason`, and a sentence for the policy."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(f"{reason}: {sentence}")
        self.reason = reason


@dataclass(frozen=True)
class Skill:
    """A parsed skill; `relation` is empty if the place implies it."""

    pick: str
    place: str
    relation: str = ""


class Grounded(NamedTuple):
    """Where to pick and where to place, and the atom that is to hold then."""

    start: Pose
    end: Pose
    atom: Atom


def parse(text: str) -> Skill:
    """Return the skill that a text says. Raises Refusal."""
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal("malformed", f"a skill is a JSON object, and this is none: {error}") from None
    if not isinstance(data, dict) or not {"pick", "place"} <= data.keys():
        raise Refusal("malformed", 'a skill is {"pick": ..., "place": ...}')
    known = {key: data[key] for key in ("pick", "place", "relation") if key in data}
    if known != data or not all(isinstance(value, str) for value in known.values()):
        raise Refusal("malformed", "a skill has texts for pick, place and relation, and no more")
    skill = Skill(**known)
    if skill.relation and skill.relation not in RELATIONS:
        valid = ", ".join(RELATIONS)
        raise Refusal("unknown", f"there is no relation {skill.relation!r}; valid: {valid}")
    return skill


def ground(text: str, state: TableState, generator: np.random.Generator) -> Grounded:
    """Return the poses and the atom of a skill in a state. Raises Refusal."""
    skill, scene = parse(text), Scene(state)
    mover = _free_one(_things(skill.pick, scene), skill.pick, scene)
    relation, targets = _place(skill, mover, scene)
    atom = Atom(relation, (mover,), targets)
    if relation == "peg":
        return Grounded(*carry(mover, _on_peg(mover, targets[0], scene), scene), atom)
    spot = spot_for(atom, mover, targets[0], scene, generator)
    if isinstance(spot, Blocked):
        raise Refusal("infeasible", f"a {_called(spot.name, scene)} is in the way at {skill.place}")
    if spot is None:
        raise Refusal("infeasible", f"there is no room at {skill.place}")
    return Grounded(*carry(mover, spot, scene), atom)


def _things(phrase: str, scene: Scene) -> list[str]:
    """Return the things that a phrase may mean: one, or several if it says "a"."""
    if phrase in scene.things:
        return [phrase]
    found = THING_PATTERN.fullmatch(phrase.lower().strip())
    if found is None:
        raise Refusal("unknown", "there is no thing without a name on the table")
    words = set(found["words"].split())
    names = [name for name in scene.things if words <= _words(name, scene)]
    if found["area"]:
        names = _in_area(names, found["area"], scene)
    elif found["below"]:
        names = _topmost(names, _things(found["below"], scene), scene)
    names = [name for name in names if not scene.hidden(name)] or names
    if not names:
        raise Refusal("unknown", f"there is no {phrase!r} on the table")
    if len(names) > 1 and found["article"] not in ("a", "an"):
        raise Refusal("ambiguous", f"{len(names)} things are {phrase!r}; say which area, or 'a'")
    return names


def _in_area(names: list[str], area: str, scene: Scene) -> list[str]:
    """Return the things that are named after an area; if there is none, those that lie in it."""
    if area not in AREAS:
        raise Refusal("unknown", f"there is no {area} area; valid: {', '.join(AREAS)}")
    called = [name for name in names if scene.area(name) == area]
    return called or [name for name in names if scene.in_area(name, area)]


def _topmost(names: list[str], bases: list[str], scene: Scene) -> list[str]:
    """Return for each base the highest of these things on it or in it."""
    found = []
    for base in bases:
        within = RELATION_OF_KIND.get(
            scene.things[base].kind
        )  # nothing touches a zone, which is flat
        holds = RELATIONS[within] if within else None
        there = [n for n in names if (holds(scene, n, base) if holds else n in scene.above(base))]
        found += sorted(there, key=scene.top)[-1:]
    return found


def _words(name: str, scene: Scene) -> set[str]:
    thing = scene.things[name]
    words = {thing.color, thing.kind}
    if thing.kind == "block" and thing.size[0] in SIZE_WORDS:
        word = SIZE_WORDS[thing.size[0]]
        words |= {word, word.removesuffix("er").removesuffix("g")}
    return words


def _free_one(names: list[str], phrase: str, scene: Scene) -> str:
    movable = [n for n in names if not scene.things[n].fixed and scene.things[n].kind != "zone"]
    if not movable:
        raise Refusal("infeasible", f"{phrase} cannot be moved")
    free = [name for name in movable if not scene.resting_on(name)]
    if not free:
        above = _called(scene.resting_on(movable[0])[0], scene)
        raise Refusal("infeasible", f"a {above} lies on {phrase}")
    return free[0]


def _place(skill: Skill, mover: str, scene: Scene) -> tuple[str, tuple[str, ...]]:
    """Return relation and targets of a skill."""
    words = skill.place.lower().strip().removeprefix("the ")
    area, peg = words.removesuffix(" area"), words.removesuffix(" peg")
    if area in AREAS and skill.relation in ("", "area"):
        return "area", (area,)
    if peg in PEGS and skill.relation in ("", "peg"):
        return "peg", (peg,)
    if skill.relation in ("area", "peg"):
        valid = ", ".join(AREAS if skill.relation == "area" else PEGS)
        raise Refusal("unknown", f"there is no {skill.relation} {skill.place!r}; valid: {valid}")
    both = words.split(" and ")
    if len(both) > 1 and skill.relation in ("", "on"):
        targets = [name for phrase in both for name in _things(phrase, scene)]
        if mover in targets or len(set(targets)) != len(both):
            raise Refusal("infeasible", f"{skill.place} are not {len(both)} things to rest on")
        return "across", tuple(targets)
    names = [name for name in _things(skill.place, scene) if name != mover]
    if not names:
        raise Refusal("infeasible", f"{skill.pick} cannot be placed on itself")
    kind = scene.things[names[0]].kind
    relation = skill.relation or RELATION_OF_KIND.get(kind, "on")
    if relation in ("in", "zone") and RELATION_OF_KIND.get(kind) != relation:
        raise Refusal("infeasible", f"{skill.place} is nothing to be put {relation!r}")
    empty = [name for name in names if not scene.resting_on(name)]
    return relation, ((empty or names)[0],)


def _on_peg(mover: str, peg: str, scene: Scene) -> Spot:
    stand = next((n for n, thing in scene.things.items() if thing.kind == "stand"), None)
    if stand is None:
        raise Refusal("unknown", "there are no pegs on the table")
    if scene.things[mover].kind != "ring":
        raise Refusal("infeasible", f"a {_called(mover, scene)} does not go on a peg")
    return Spot(*pegs(scene.things[stand], scene.poses[stand])[peg], scene.top(stand))


def _called(name: str, scene: Scene) -> str:
    thing = scene.things[name]
    return f"{thing.color} {thing.kind}"
