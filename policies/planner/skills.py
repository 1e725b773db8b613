"""Skills with typed arguments, and the closed grammar that reads them from a model's text.

What a model writes is untrusted: it becomes a skill whose words are all known, or a refusal that
can be sent back to the model. It is never run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from longhaul.language.errors import one_line
from longhaul.policies.planner.scene import Scene, Thing
from longhaul.policies.planner.words import (
    DONE_WORDS,
    MOVABLE_KINDS,
    PLACE_PREPOSITIONS,
    SIDE_NAMES,
    STEP_PATTERN,
    Phrase,
    normal,
    phrase,
)

Reason = Literal[
    "empty",
    "declined",
    "cut",
    "too_long",
    "malformed",
    "not_a_skill",
    "several",
    "unknown",
    "ambiguous",
    "infeasible",
]

MAX_REPLY_CHARS = 4096
"""The most characters of a reply that is read; one step takes about 100."""

SKILL_FORM = "pick up the <color> <kind> and place it <in|on|to the left of> the <color> <kind>"
"""The form of a step, as prompts and refusals say it."""


@dataclass(frozen=True)
class Refusal:
    """The reason why a text is no valid step; `detail` is one line for the model."""

    reason: Reason
    detail: str


@dataclass(frozen=True)
class Done:
    """The planner says that the goal is reached. Whether it is, the env judges."""


@dataclass(frozen=True)
class Skill:
    """Pick a thing and place it: at a thing, in an area ("top left area") or on a peg.

    `side` puts it beside the place instead: left, right, top or bottom of it.
    """

    pick: Phrase
    place: Phrase | str
    side: str = ""

    def __str__(self) -> str:
        return f"pick up {self.pick} and place it {self._where}"

    @property
    def _where(self) -> str:
        if isinstance(self.place, str):
            return f"{'in' if self.place.endswith('area') else 'on'} the {self.place}"
        if self.side:
            return f"to the {self.side} of {self.place}"
        return f"{PLACE_PREPOSITIONS.get(self.place.kind, 'on')} {self.place}"

    def to_json(self) -> str:
        """Return the skill in the form that worker part `skills: oracle` takes."""
        data = {"pick": str(self.pick), "place": str(self.place)}
        return json.dumps(data | ({"relation": self.side} if self.side else {}))


SKILL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "done": {"type": "boolean"},
        "pick": {"type": "string", "maxLength": 80},
        "relation": {"enum": ["in", "on", *(f"to the {side} of" for side in SIDE_NAMES)]},
        "place": {"type": "string", "maxLength": 80},
    },
    "required": ["done", "pick", "relation", "place"],
    "additionalProperties": False,
}
"""The JSON schema of a step in `plan_mode=json`; if `done` is true the rest is ignored."""


def sentence(data: Mapping[str, Any]) -> str:
    """Return what an object of SKILL_SCHEMA says, as a sentence."""
    if data["done"]:
        return DONE_WORDS[0]
    return f"pick up {data['pick']} and place it {data['relation']} {data['place']}"


def parse(text: str, scene: Scene, covered: bool = False) -> Skill | Done | Refusal:
    """Return the one step that a text contains, with its things found in the scene (see `ground`).

    Lines that are no step are ignored, so that a model may write its reasoning first. An empty
    scene means that nothing is known of the table; then all words of the vocabulary are accepted.
    """
    if not text.strip():
        return Refusal("empty", "the reply is empty")
    if len(text) > MAX_REPLY_CHARS:
        return Refusal(
            "too_long", f"the reply has {len(text)} characters, at most {MAX_REPLY_CHARS}"
        )
    lines = [normal(line) for line in text.splitlines()]
    steps = list(
        dict.fromkeys(line for line in lines if line in DONE_WORDS or STEP_PATTERN.fullmatch(line))
    )
    if not steps:
        return Refusal(
            "not_a_skill", f'"{one_line(text, 80)}" is no step; say: {SKILL_FORM}; or: done'
        )
    if len(steps) > 1:
        return Refusal("several", f"{len(steps)} steps at once; say the next one only")
    found = STEP_PATTERN.fullmatch(steps[0])
    return Done() if found is None else ground(_skill(found), scene, covered)


def _skill(found: re.Match[str]) -> Skill:
    pick = phrase(found, "pick")
    if found["area"]:
        return Skill(pick, f"{found['area']} area")
    if found["peg"]:
        return Skill(pick, f"{found['peg']} peg")
    if found["side"]:
        return Skill(pick, phrase(found, "beside"), found["side"])
    return Skill(pick, phrase(found, "place"))


def ground(skill: Skill, scene: Scene, covered: bool = False) -> Skill | Refusal:
    """Return a skill whose things have unambiguous names, or a refusal that says why it cannot be
    done.

    With `covered` a thing on which another lies may be picked, since the planner clears it first.
    """
    if skill.pick.kind not in MOVABLE_KINDS:
        return Refusal("infeasible", f"a {skill.pick.kind} cannot be moved")
    if not scene.things:
        return skill
    mover = _one(skill.pick, scene)
    if isinstance(mover, Refusal):
        return mover
    lying = scene.above(mover)
    if lying and not covered:
        return Refusal("infeasible", f"{lying[0].name} lies on {mover.name}")
    if isinstance(skill.place, str):
        if skill.place.removesuffix(" area") == mover.spot:
            return Refusal("infeasible", f"{mover.name} is in the {skill.place} already")
        return Skill(mover.name, skill.place)
    target = _one(skill.place, scene)
    if isinstance(target, Refusal):
        return target
    if target == mover:
        return Refusal("infeasible", f"{mover.name} cannot be placed on itself")
    if not skill.side and any(target.fits(support) for support in mover.supports):
        return Refusal("infeasible", f"{mover.name} is there already")
    return Skill(mover.name, target.name, skill.side)


def believed(skill: Skill, scene: Scene) -> Scene:
    """Return the scene after a skill that is assumed to have succeeded. The area of a thing placed
    beside another is then unknown."""
    movers = scene.find(skill.pick)
    if not movers:
        return scene
    if isinstance(skill.place, str):
        return scene.after(movers[0], skill.place)
    places = [thing for thing in scene.find(skill.place) if thing != movers[0]]
    return scene.after(movers[0], "" if skill.side or not places else places[0])


def _one(wanted: Phrase, scene: Scene) -> Thing | Refusal:
    """Return the thing that a phrase means; with "a" the first of several."""
    found = scene.find(wanted)
    if not found:
        return Refusal("unknown", f"there is no {wanted.words} that {wanted} could mean")
    if len(found) > 1 and wanted.article == "the":
        names = ", ".join(str(thing.name) for thing in found)
        return Refusal("ambiguous", f"{wanted} may be any of {names}; say which")
    if wanted.article == "a":
        free = [thing for thing in found if not scene.above(thing)]
        return (free or found)[0]
    return found[0]
