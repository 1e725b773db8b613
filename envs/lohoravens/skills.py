"""Skills in words, grounded in the true scene: what stands in for a learned actor.

A skill is one JSON object: `{"pick": THING, "place": PLACE}`, and optionally `"relation"`.
THING is what captions call a thing: "the red block", "a bigger blue block", "the red block in the
top left area"; with "a" any of several will do, with "the" there must be one. PLACE is a thing, an
area ("top left area", "center area") or a peg ("left peg"). The relation is one of on, in, zone,
area, peg, left, right, top and bottom; without it, it is what the place is for.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from envs.lohoravens.geometry import AREAS, PEGS, pegs, turned
from envs.lohoravens.goals import Atom
from envs.lohoravens.meshes import RING_HOLE
from envs.lohoravens.relations import RELATIONS, Scene
from envs.lohoravens.spots import Blocked, Spot, spot_for
from envs.lohoravens.things import Pose, TableState
from envs.lohoravens.vocabulary import SIZE_WORDS

Reason = Literal["malformed", "unknown", "ambiguous", "infeasible"]

PLACES = {"bowl": "in", "box": "in", "zone": "zone"}
"""The relation that a kind of place is for; to any other thing it is `on`."""

PHRASE = re.compile(r"(?:(?P<article>the|an?) )?(?P<words>.+?)(?: in the (?P<area>.+?) area)?")


class Refusal(Exception):  # noqa: N818  it is an answer, not a fault
    """Why a skill cannot be carried out: `reason`, and a sentence for whoever asked for it."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(f"{reason}: {sentence}")
        self.reason = reason


@dataclass(frozen=True)
class Skill:
    """`relation` is empty where the place says it."""

    pick: str
    place: str
    relation: str = ""


class Grounded(NamedTuple):
    """Where to pick and where to place, and what is to hold then."""

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
    """Return what a skill comes to in a state. Raises Refusal."""
    skill, scene = parse(text), Scene(state)
    mover = _free_one(_things(skill.pick, scene), skill.pick, scene)
    relation, target = _place(skill, mover, scene)
    atom = Atom(relation, (mover,), (target,))
    if relation == "peg":
        return Grounded(*_poses(mover, _on_peg(mover, target, scene), scene), atom)
    spot = spot_for(atom, mover, target, scene, generator)
    if isinstance(spot, Blocked):
        raise Refusal("infeasible", f"a {_called(spot.name, scene)} is in the way at {skill.place}")
    if spot is None:
        raise Refusal("infeasible", f"there is no room at {skill.place}")
    return Grounded(*_poses(mover, spot, scene), atom)


def _things(phrase: str, scene: Scene) -> list[str]:
    """Return the things that a phrase may mean: one, or several if it says "a"."""
    if phrase in scene.things:
        return [phrase]
    found = PHRASE.fullmatch(phrase.lower().strip())
    words = set(found["words"].split()) if found else set()
    names = [name for name in scene.things if words and words <= _words(name, scene)]
    if found and found["area"]:
        if found["area"] not in AREAS:
            raise Refusal("unknown", f"there is no {found['area']} area; valid: {', '.join(AREAS)}")
        names = [name for name in names if scene.in_area(name, found["area"])]
    if not names:
        raise Refusal("unknown", f"there is no {phrase!r} on the table")
    if len(names) > 1 and found and found["article"] not in ("a", "an"):
        raise Refusal("ambiguous", f"{len(names)} things are {phrase!r}; say which area, or 'a'")
    return names


def _words(name: str, scene: Scene) -> set[str]:
    thing = scene.things[name]
    words = {thing.colour, thing.kind}
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


def _place(skill: Skill, mover: str, scene: Scene) -> tuple[str, str]:
    """Return relation and target of a skill."""
    words = skill.place.lower().strip().removeprefix("the ")
    area, peg = words.removesuffix(" area"), words.removesuffix(" peg")
    if area in AREAS and skill.relation in ("", "area"):
        return "area", area
    if peg in PEGS and skill.relation in ("", "peg"):
        return "peg", peg
    if skill.relation in ("area", "peg"):
        valid = ", ".join(AREAS if skill.relation == "area" else PEGS)
        raise Refusal("unknown", f"there is no {skill.relation} {skill.place!r}; valid: {valid}")
    names = [name for name in _things(skill.place, scene) if name != mover]
    if not names:
        raise Refusal("infeasible", f"{skill.pick} cannot be placed on itself")
    kind = scene.things[names[0]].kind
    relation = skill.relation or PLACES.get(kind, "on")
    if relation in ("in", "zone") and PLACES.get(kind) != relation:
        raise Refusal("infeasible", f"{skill.place} is nothing to be put {relation!r}")
    empty = [name for name in names if not scene.resting_on(name)]
    return relation, (empty or names)[0]


def _on_peg(mover: str, peg: str, scene: Scene) -> Spot:
    stand = next((n for n, thing in scene.things.items() if thing.kind == "stand"), None)
    if stand is None:
        raise Refusal("unknown", "there are no pegs on the table")
    if scene.things[mover].kind != "ring":
        raise Refusal("infeasible", f"a {_called(mover, scene)} does not go on a peg")
    return Spot(*pegs(scene.things[stand], scene.poses[stand])[peg], scene.top(stand))


def _poses(mover: str, spot: Spot, scene: Scene) -> tuple[Pose, Pose]:
    """Return the cup's poses: on the middle of a thing's top, or on the rim of a ring."""
    x, y = scene.xy(mover)
    thing = scene.things[mover]
    off = (thing.size[0] / 2 + RING_HOLE) / 2 if thing.kind == "ring" else 0.0
    turn = 0.0 if spot.yaw is None else spot.yaw - scene.yaw(mover)
    turn -= np.pi / 2 * round(turn / (np.pi / 2))
    start = Pose((x + off, y, scene.top(mover)))
    return start, Pose(
        (spot.x + off * float(np.cos(turn)), spot.y + off * float(np.sin(turn)), spot.z),
        turned(turn),
    )


def _called(name: str, scene: Scene) -> str:
    thing = scene.things[name]
    return f"{thing.colour} {thing.kind}"
