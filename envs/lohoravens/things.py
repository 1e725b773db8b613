"""The things on the table and their poses: plain data for physics, goals, captions and oracle.

Frame: the base of the arm at the origin, x away from it, y to the right in the front camera's
picture, z up, meters; the table's top is z = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]

UPRIGHT_QUATERNION: Quaternion = (0.0, 0.0, 0.0, 1.0)
WORKSPACE_BOUNDS_M = ((0.25, 0.75), (-0.5, 0.5), (0.0, 0.28))
"""Ranges of x, y and z of the workspace: CLIPort's tasks/task.py, with z as in its agents."""


@dataclass(frozen=True)
class Pose:
    """Center of a thing's bounding box (m) and its orientation (quaternion xyzw), in the world."""

    position: Vector
    quaternion: Quaternion = UPRIGHT_QUATERNION


@dataclass(frozen=True)
class Thing:
    """One thing: `name` is unique within an episode and never shown to a policy.

    `kind` is block, bowl, zone, ...; `color` a name of the vocabulary; `size` its full extents
    in its own frame (m); a `fixed` thing never moves.
    """

    name: str
    kind: str
    color: str
    size: Vector
    fixed: bool = False


COLOR_KEY = {"color": "colour"}
"""The field of a Thing that an Episode's file spells otherwise."""


@dataclass(frozen=True)
class Layout:
    """The start of an episode: what is where, and the tool at the arm (suction or spatula)."""

    things: tuple[Thing, ...]
    poses: Mapping[str, Pose]
    tool: str = "suction"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON: an Episode's `start`.

        Its key for the color is spelled `colour`, as version 0.1 wrote it, so that an episode that
        was recorded then equals the one that is made now.
        """
        items = [{**asdict(thing), **asdict(self.poses[thing.name])} for thing in self.things]
        items = [{COLOR_KEY.get(key, key): v for key, v in item.items()} for item in items]
        lists = ("size", "position", "quaternion")
        things = [{**item, **{key: list(item[key]) for key in lists}} for item in items]
        return {"things": things, "tool": self.tool}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Layout:
        """Return the layout of an Episode's `start`."""
        things, poses = [], {}
        for item in data["things"]:
            name, kind, color = item["name"], item["kind"], item[COLOR_KEY["color"]]
            things.append(Thing(name, kind, color, tuple(item["size"]), item["fixed"]))
            poses[name] = Pose(tuple(item["position"]), tuple(item["quaternion"]))
        return cls(tuple(things), poses, data["tool"])


@dataclass(frozen=True)
class TableState:
    """Where everything is once it has settled.

    `touching` holds unordered pairs of names (frozensets of two) in contact; what the suction cup
    holds is `held`.
    """

    things: Mapping[str, Thing]
    poses: Mapping[str, Pose]
    touching: frozenset[frozenset[str]] = field(default_factory=frozenset)
    held: str | None = None
