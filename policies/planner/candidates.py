"""The steps that a planner may choose from: all that are feasible in the scene that it knows.

They come from a caption, or from the vocabulary if there is none; never from the simulator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from longhaul.policies.planner.scene import Scene
from longhaul.policies.planner.skills import Refusal, Skill, ground
from longhaul.policies.planner.words import (
    AREA_NAMES,
    MOVABLE_KINDS,
    PEG_NAMES,
    SIDE_NAMES,
    SIDE_PATTERN,
    THING_COLORS,
    Phrase,
)

BESIDE_PATTERN = re.compile(SIDE_PATTERN)
PLACE_KINDS = ("block", "bowl", "zone")
"""The kinds of things that one may place at, if nothing is known of the table."""


def candidates(scene: Scene, goal: str, covered: bool = False) -> list[Skill]:
    """Return the feasible steps, in the order of the caption; `covered` see skills.ground.

    Places beside a thing are among them only if the goal speaks of such a place, since they would
    be four times as many as all others.
    """
    if not scene.things:
        return list(_imaginable())
    beside = BESIDE_PATTERN.search(goal.lower()) is not None
    found = [
        skill
        for skill in _all(scene, beside)
        if not isinstance(ground(skill, scene, covered), Refusal) and _is_open(skill, scene)
    ]
    return list(dict.fromkeys(found))


def _all(scene: Scene, beside: bool) -> Iterator[Skill]:
    for mover in (thing for thing in scene.things if thing.name.kind in MOVABLE_KINDS):
        if mover.name.kind == "ring":
            yield from (Skill(mover.name, f"{peg} peg") for peg in PEG_NAMES)
            continue
        for target in scene.things:
            if target.name.kind not in ("ring", "stand", "pellet"):
                yield Skill(mover.name, target.name)
            if beside:
                yield from (Skill(mover.name, target.name, side) for side in SIDE_NAMES)
        yield from (Skill(mover.name, f"{area} area") for area in AREA_NAMES)


def _is_open(skill: Skill, scene: Scene) -> bool:
    """Return whether there is room on top of the place; bowls, boxes and zones hold several."""
    if isinstance(skill.place, str) or skill.side or skill.place.kind != "block":
        return True
    return any(not scene.above(thing) for thing in scene.find(skill.place))


def _imaginable() -> Iterator[Skill]:
    for color in THING_COLORS:
        block = Phrase(color, "block")
        for other in THING_COLORS:
            for kind in PLACE_KINDS:
                if (other, kind) != (color, "block"):
                    yield Skill(block, Phrase(other, kind))
        yield from (Skill(block, f"{area} area") for area in AREA_NAMES)
