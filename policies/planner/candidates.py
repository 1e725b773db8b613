"""The steps that a planner may choose from: all that what it knows of the table admits.

They come from a caption, or, where there is none, from the vocabulary: never from the simulator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from longhaul.policies.planner.scene import Scene
from longhaul.policies.planner.skills import Refusal, Skill, ground
from longhaul.policies.planner.words import AREAS, COLORS, MOVABLE, PEGS, SIDE, SIDES, Phrase

BESIDE = re.compile(SIDE)
PLACES = ("block", "bowl", "zone")
"""Kinds that things are placed at where nothing is known of the table."""


def candidates(scene: Scene, goal: str, covered: bool = False) -> list[Skill]:
    """Return the feasible steps, in the order of the caption; `covered` see skills.ground.

    Places beside a thing are among them only if the goal speaks of one: they would be four times
    as many as all others.
    """
    if not scene.things:
        return list(_imaginable())
    beside = BESIDE.search(goal.lower()) is not None
    found = [
        skill
        for skill in _all(scene, beside)
        if not isinstance(ground(skill, scene, covered), Refusal) and _is_open(skill, scene)
    ]
    return list(dict.fromkeys(found))


def _all(scene: Scene, beside: bool) -> Iterator[Skill]:
    for mover in (thing for thing in scene.things if thing.name.kind in MOVABLE):
        if mover.name.kind == "ring":
            yield from (Skill(mover.name, f"{peg} peg") for peg in PEGS)
            continue
        for target in scene.things:
            if target.name.kind not in ("ring", "stand", "pellet"):
                yield Skill(mover.name, target.name)
            if beside:
                yield from (Skill(mover.name, target.name, side) for side in SIDES)
        yield from (Skill(mover.name, f"{area} area") for area in AREAS)


def _is_open(skill: Skill, scene: Scene) -> bool:
    """Return whether there is room on top of the place; bowls, boxes and zones hold several."""
    if isinstance(skill.place, str) or skill.side or skill.place.kind != "block":
        return True
    return any(not scene.above(thing) for thing in scene.find(skill.place))


def _imaginable() -> Iterator[Skill]:
    for color in COLORS:
        block = Phrase(color, "block")
        for other in COLORS:
            for kind in PLACES:
                if (other, kind) != (color, "block"):
                    yield Skill(block, Phrase(other, kind))
        yield from (Skill(block, f"{area} area") for area in AREAS)
