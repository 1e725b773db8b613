"""An empty table to put things on, at random but never one in another's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.lohoravens.geometry import Points, in_area, turned
from longhaul.envs.lohoravens.placement import FreeSpace
from longhaul.envs.lohoravens.rest import at_rest
from longhaul.envs.lohoravens.things import (
    UPRIGHT_QUATERNION,
    Layout,
    Pose,
    TableState,
    Thing,
    Vector,
)
from longhaul.envs.lohoravens.vocabulary import (
    BOWL_EXTENTS_M,
    SMALL_EDGE_M,
    ZONE_EDGE_M,
    ZONE_THICKNESS_M,
)

THING_GAP_M = 0.015
"""Least room between things on the table."""

Where = Callable[[Points], NDArray[np.bool_]]
"""Says which points (n, 2) of the table are wanted."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Within:
    """Points of an area of the table, `margin` (m) or more inside its borders."""

    area: str
    margin: float = 0.03

    def __call__(self, points: Points) -> NDArray[np.bool_]:
        return in_area(points, self.area, self.margin)


class Table:
    """Things are added one by one; each method returns the new thing's name.

    `colors` are those of the palette in random order. `attempt` counts how often this episode
    found no room before: a task may ask for less then. All methods that add raise NoRoomError.
    """

    def __init__(
        self, generator: np.random.Generator, palette: Sequence[str], attempt: int = 0
    ) -> None:
        self.generator, self.attempt = generator, attempt
        self.colors = self.shuffled(palette)
        self.things: dict[str, Thing] = {}
        self.poses: dict[str, Pose] = {}
        self._free = FreeSpace()

    def number(self, low: int, high: int) -> int:
        """Return a random integer from `low` to `high`, both included."""
        return int(self.generator.integers(low, high + 1))

    def one_of(self, items: Sequence[Item]) -> Item:
        return items[int(self.generator.integers(len(items)))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        return [items[index] for index in self.generator.permutation(len(items))]

    def block(self, color: str, edge: float = SMALL_EDGE_M, where: Where | None = None) -> str:
        """Put a cube on the table, turned at random."""
        return self.put("block", color, (edge, edge, edge), where)

    def bowl(self, color: str, where: Where | None = None) -> str:
        return self.put("bowl", color, BOWL_EXTENTS_M, where, fixed=True)

    def zone(self, color: str, edge: float = ZONE_EDGE_M) -> str:
        return self.put("zone", color, (edge, edge, ZONE_THICKNESS_M), fixed=True)

    def put(
        self,
        kind: str,
        color: str,
        size: Vector,
        where: Where | None = None,
        fixed: bool = False,
        turn: bool = True,
    ) -> str:
        """Put a thing where there is room for it, turned at random or not at all."""
        thing = Thing(f"{kind}_{len(self.things)}", kind, color, size, fixed)
        return self.place(thing, self.spot(thing, where, turn))

    def spot(self, thing: Thing, where: Where | None = None, turn: bool = True) -> Pose:
        """Return a random pose on the table where there is room for a thing."""
        quaternion = (
            turned(float(self.generator.uniform(0, np.pi / 2))) if turn else UPRIGHT_QUATERNION
        )
        wanted = None if where is None else where(self._free.points)
        x, y = self._free.draw(self.generator, thing, quaternion, wanted)
        return Pose((x, y, thing.size[2] / 2), quaternion)

    def tower(self, *cubes: tuple[str, float]) -> list[str]:
        """Put cubes of these colors and edges on each other, the lowest first, where the largest
        one has room, and return their names."""
        edge = max(edge for _, edge in cubes)
        spot = self.spot(Thing("tower", "block", cubes[0][0], (edge, edge, edge)))
        (x, y, _), height = spot.position, 0.0
        names = []
        for color, edge in cubes:
            cube = Thing(f"block_{len(self.things)}", "block", color, (edge, edge, edge))
            pose = Pose((x, y, height + edge / 2), spot.quaternion)
            names.append(self.place(cube, pose))
            height += edge
        return names

    def place(self, thing: Thing, pose: Pose) -> str:
        """Put a thing at a pose, whatever is there."""
        self.things[thing.name], self.poses[thing.name] = thing, pose
        self._free.take(thing, pose, THING_GAP_M)
        return thing.name

    def distractors(self, count: int, colors: Sequence[str], kinds: Sequence[str]) -> list[str]:
        """Put small blocks and bowls about, of random kinds and of colors that are not in use."""
        made = []
        for color in list(colors)[:count]:
            kind = self.one_of(kinds)
            made.append(self.block(color) if kind == "block" else self.bowl(color))
        return made

    def color(self, name: str) -> str:
        return self.things[name].color

    def edge(self, name: str) -> float:
        return self.things[name].size[0]

    def layout(self, tool: str = "suction") -> Layout:
        return Layout(tuple(self.things.values()), self.poses, tool)

    def state(self) -> TableState:
        """Return the table as it will have settled."""
        return at_rest(self.layout())
