"""The moves that furnish a room: put a thing against a wall, beside, before or on another thing, or
hang it.

Each method draws a model of a category, tries places, and returns the thing. It returns None where
the thing fits nowhere, and the house then lacks that thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from longhaul.navgen.houses.model import Furniture, Model, Support
from longhaul.navgen.houses.openings import overlap
from longhaul.navgen.houses.space import Box, Space, Thing, Wall
from longhaul.navgen.houses.story import Rect

WALL_GAP_M = 0.01
"""The distance (m) between a thing and the wall behind it."""

DEFAULT_VARIANTS = 2
CATEGORY_VARIANTS = {
    "chair": 1,
    "nightstand": 1,
    "radiator": 1,
    "ceiling lamp": 1,
    "picture": 6,
    "book": 4,
}
"""How many different models of a category one house has at most: by default, and by category (all
chairs of a house match, its pictures don't)."""

FITTED_CATEGORIES = ("kitchen counter", "kitchen sink", "kitchen cabinet", "dishwasher")
"""The units of a fitted kitchen, which match each other."""

STYLE_WOODS = ("oak", "walnut", "pine", "cherry")
STYLE_FABRICS = (
    "charcoal",
    "navy",
    "sage",
    "rust",
    "mustard",
    "beige",
    "teal",
    "burgundy",
    "lilac",
)
"""The paints of wood, of which a house uses two, and of fabrics, of which it uses three."""


class Stock:
    """The furniture models of one house in one style: two woods, three fabrics, one kitchen."""

    def __init__(self, catalog: Mapping[str, Furniture], rng: np.random.Generator) -> None:
        self.catalog = catalog
        self._rng = rng
        self._models: dict[str, list[tuple[Model, np.ndarray, np.ndarray]]] = {}
        woods = rng.choice(STYLE_WOODS, 2, replace=False)
        fabrics = rng.choice(STYLE_FABRICS, 3, replace=False)
        self._style = {wood: str(woods[int(rng.random() < 0.25)]) for wood in STYLE_WOODS}
        self._style |= {f"{wood} grain": f"{self._style[wood]} grain" for wood in STYLE_WOODS}
        self._style |= {fabric: str(rng.choice(fabrics)) for fabric in STYLE_FABRICS}
        self._kitchen = int(rng.integers(2**32))

    def take(self, category: str) -> Thing:
        """Return a thing that has no place yet; raise KeyError for an unknown category."""
        furniture = self.catalog[category]
        models = self._models.setdefault(category, [])
        if len(models) < CATEGORY_VARIANTS.get(category, DEFAULT_VARIANTS):
            # units of a fitted kitchen match if they are built from one seed
            fitted = category in FITTED_CATEGORIES
            rng = np.random.default_rng(self._kitchen) if fitted else self._rng
            model = self._styled(furniture, furniture.build(rng))
            models.append((model, *model.bounds()))
            chosen = models[-1]
        else:
            chosen = models[int(self._rng.integers(len(models)))]
        return Thing(furniture, *chosen)

    def _styled(self, furniture: Furniture, model: Model) -> Model:
        if furniture.category not in FITTED_CATEGORIES and not furniture.portable:
            model.solids = [
                replace(solid, paint=self._style.get(solid.paint, solid.paint))
                for solid in model.solids
            ]
        return model


class Furnisher:
    """Furnishes one room. All lengths and heights are in meters, turns in radians."""

    def __init__(self, space: Space, stock: Stock, rng: np.random.Generator) -> None:
        self.space, self.stock, self.rng = space, stock, rng

    def chance(self, share: float) -> bool:
        """Return True with a probability."""
        return bool(self.rng.random() < share)

    def against(
        self,
        category: str,
        front: float = 0.4,
        walls: Sequence[Wall] | None = None,
        corner: float = 0.5,
        gap: float = WALL_GAP_M,
    ) -> Thing | None:
        """Stand a thing with its back to a wall and `front` meters of free floor before it.

        `corner` is the probability that corners are tried first.
        """
        thing = self.stock.take(category)
        order = list(walls or self.space.walls)
        if walls is None:
            order = [order[int(i)] for i in self.rng.permutation(len(order))]
        for wall in order:
            low, high = 0.02 - float(thing.low[0]), wall.length - 0.02 - float(thing.high[0])
            if high < low:
                continue
            spots = list(self.rng.permutation(np.linspace(low, high, 9)))
            if self.rng.random() < corner:
                spots = [low, high, *spots]
            elif corner == 0.0:
                spots = [(low + high) / 2, *sorted(spots, key=lambda s: abs(s - wall.length / 2))]
            for spot in spots:
                if self.stand(thing, wall, float(spot), front, gap):
                    return thing
        return None

    def stand(self, thing: Thing, wall: Wall, spot: float, front: float, gap: float) -> bool:
        """Stand a thing against a wall, `spot` meters from the wall's start, if it fits there."""
        x, z = wall.point(spot)
        self._pose(thing, x, z, wall.yaw, -float(thing.low[2]) + gap)
        return self.place(thing, front)

    def _pose(self, thing: Thing, x: float, z: float, yaw: float, ahead: float) -> None:
        """Set a thing's pose `ahead` meters before a point."""
        thing.x, thing.z, thing.yaw = x, z, yaw
        thing.x, thing.z = thing.world(0.0, ahead)

    def place(
        self,
        thing: Thing,
        front: float = 0.0,
        against: Sequence[Thing] = (),
        zones: Sequence[Rect] | None = None,
    ) -> bool:
        """Add a thing at its pose to the room, if it fits there. See `Space.fits`."""
        if not self.space.fits(thing.box(), against, zones):
            return False
        zone = self._front(thing, front)
        if front and not self.space.fits(zone, against, ()):
            return False
        if not self.space.add(thing):
            return False
        if front:
            self.space.ahead.append(zone.rect)
        return True

    def reserve(self, thing: Thing, depth: float) -> None:
        """Keep the floor before a thing free of things that are placed later."""
        self.space.ahead.append(self._front(thing, depth).rect)

    def _front(self, thing: Thing, depth: float) -> Box:
        ahead = replace(
            thing,
            low=np.array([thing.low[0] + 0.05, 0.05, thing.high[2]]),
            high=np.array([thing.high[0] - 0.05, 0.8, thing.high[2] + depth]),
        )
        return ahead.box()

    def near(
        self,
        thing: Thing | None,
        category: str,
        x: float,
        z: float,
        turn: float = 0.0,
        front: float = 0.0,
        tuck: bool = False,
    ) -> Thing | None:
        """Stand a new thing at (x, z) in the frame of `thing`, turned by `turn` from its yaw; with
        `tuck` it may reach under `thing`, as a chair under a table."""
        if thing is None:
            return None
        other = self.stock.take(category)
        other.x, other.z = thing.world(x, z)
        other.yaw = thing.yaw + turn
        if tuck:
            return other if self.place(other, front, [thing], self.space.keep) else None
        return other if self.place(other, front) else None

    def beside(
        self, thing: Thing | None, category: str, side: int, gap: float = 0.04
    ) -> Thing | None:
        """Stand a new thing to the left (-1) or right (1) of `thing`, with their backs in line."""
        if thing is None:
            return None
        other = self.stock.take(category)
        edge = (
            thing.high[0] + gap - other.low[0] if side > 0 else thing.low[0] - gap - other.high[0]
        )
        other.x, other.z = thing.world(float(edge), float(thing.low[2] - other.low[2]))
        other.yaw = thing.yaw
        return other if self.place(other) else None

    def before(
        self, thing: Thing | None, category: str, gap: float, turn: float = 0.0
    ) -> Thing | None:
        """Stand a new thing before the middle of `thing`, `gap` meters away."""
        if thing is None:
            return None
        other = self.stock.take(category)
        other.yaw = thing.yaw + turn
        depth = float(-other.low[2] if round(np.cos(turn)) == 1 else other.high[2])
        other.x, other.z = thing.world(0.0, float(thing.high[2]) + gap + depth)
        return other if self.place(other) else None

    def center(self, category: str, turn: float | None = None) -> Thing | None:
        """Stand a thing in the middle of the room, or as near to it as it fits."""
        thing = self.stock.take(category)
        x0, z0, x1, z1 = self.space.inner.bounds
        yaw = (0.0 if x1 - x0 > z1 - z0 else np.pi / 2) if turn is None else turn
        shifts = [
            (a, b) for a in (0.5, 0.42, 0.58, 0.34, 0.66) for b in (0.5, 0.42, 0.58, 0.34, 0.66)
        ]
        for a, b in shifts:
            thing.x, thing.z, thing.yaw = x0 + a * (x1 - x0), z0 + b * (z1 - z0), yaw
            if self.place(thing):
                return thing
        return None

    def lay(
        self, category: str, thing: Thing | None, x: float = 0.0, z: float = 0.0
    ) -> Thing | None:
        """Lay a rug at (x, z) in a thing's frame, unless it would lie on another rug."""
        if thing is None:
            return None
        rug = self.stock.take(category)
        rug.x, rug.z = thing.world(x, z)
        rug.yaw = thing.yaw
        body = rug.box()
        others = [item.box() for item in self.space.things if item.furniture.mount == "flat"]
        if any(overlap(body.rect, item.rect) for item in others):
            return None
        return rug if self.place(rug, against=self.space.things, zones=()) else None

    def hang(
        self, category: str, wall: Wall, spot: float, height: float, gap: float = 0.0
    ) -> Thing | None:
        """Hang a thing on a wall, with its lower edge at a height."""
        thing = self.stock.take(category)
        x, z = wall.point(spot)
        self._pose(thing, x, z, wall.yaw, gap)
        thing.y = height
        return thing if self.place(thing) else None

    def somewhere(self, category: str, height: float, tries: int = 8) -> Thing | None:
        """Hang a thing at a random place on a random wall."""
        for _ in range(tries):
            wall = self.space.walls[int(self.rng.integers(len(self.space.walls)))]
            if wall.length > 1.2:
                spot = float(self.rng.uniform(0.5, wall.length - 0.5))
                thing = self.hang(category, wall, spot, height)
                if thing is not None:
                    return thing
        return None

    def above(self, thing: Thing | None, category: str, height: float) -> Thing | None:
        """Hang a new thing on the wall behind `thing`, over its middle, if there is a wall."""
        if thing is None:
            return None
        back = shapely.Point(*thing.world(0.0, float(thing.low[2])))
        away = float(self.space.inner.exterior.distance(back))
        if away > 0.1:
            return None
        other = self.stock.take(category)
        other.x, other.z = thing.world(0.0, float(thing.low[2]) - away)
        other.yaw, other.y = thing.yaw, height
        return other if self.place(other) else None

    def curtains(self) -> None:
        """Hang curtains at the wide windows."""
        for window in self.space.windows:
            wall = self.wall_of(window.along, window.const, window.center)
            if window.width > 1.0 and wall is not None:
                middle = window.center - wall.start[0 if window.along == "x" else 1]
                thing = self.stock.take("curtain")
                x, z = wall.point(abs(middle))
                self._pose(thing, x, z, wall.yaw, 0.0)
                thing.y = window.sill + window.height + 0.08 - float(thing.high[1])
                self._over_window(thing)

    def _over_window(self, thing: Thing) -> None:
        panes, self.space.panes = self.space.panes, []
        self.place(thing)
        self.space.panes = panes

    def wall_of(self, along: str, const: float, center: float) -> Wall | None:
        """Return the inner face of the wall that holds an opening; None if no wall does."""
        axis, other = (0, 1) if along == "x" else (1, 0)
        for wall in self.space.walls:
            low, high = sorted((wall.point(0.0)[axis], wall.point(wall.length)[axis]))
            if wall.along[axis] and abs(wall.start[other] - const) < 0.1 and low < center < high:
                return wall
        return None

    def radiators(self) -> None:
        """Hang a radiator below each wide window where nothing stands."""
        for window in self.space.windows:
            wall = self.wall_of(window.along, window.const, window.center)
            if window.width > 1.0 and wall is not None:
                spot = abs(window.center - wall.start[0 if window.along == "x" else 1])
                self.hang("radiator", wall, spot, 0.25)

    def light(self, category: str, x: float | None = None, z: float | None = None) -> Thing | None:
        """Hang a lamp from the ceiling at (x, z), by default in the middle of the room."""
        spots = [(x, z)] if x is not None and z is not None else self._middles()
        for spot in spots:
            thing = self._lamp(category, *spot)
            if self.place(thing):
                return thing
        return None

    def lights(self, category: str, most: int) -> None:
        """Hang at most `most` lamps in a room, three meters or more apart."""
        hung: list[Thing] = []
        for x, z in self._middles():
            thing = self._lamp(category, x, z)
            apart = all(np.hypot(x - lamp.x, z - lamp.z) > 3.0 for lamp in hung)
            if len(hung) < most and apart and self.place(thing):
                hung.append(thing)

    def _lamp(self, category: str, x: float, z: float) -> Thing:
        thing = self.stock.take(category)
        thing.x, thing.z = x, z
        thing.y = self.space.room.ceiling - self.space.room.floor
        return thing

    def _middles(self) -> list[tuple[float, float]]:
        """Return points (x, z) of the room's bounding box, from its middle outwards."""
        x0, z0, x1, z1 = self.space.inner.bounds
        shares = (0.5, 0.35, 0.65, 0.2, 0.8)
        return [(x0 + a * (x1 - x0), z0 + b * (z1 - z0)) for a in shares for b in shares]

    def on(
        self, thing: Thing | None, category: str, u: float | None = None, v: float | None = None,
        turn: float | None = None, level: int = 0,
    ) -> Thing | None:  # fmt: skip
        """Put a small thing on a support of another at (u, v), -1 to 1 from left to right and from
        back to front; a coordinate that is None is drawn."""
        if thing is None or level >= len(thing.model.supports):
            return None
        support = thing.model.supports[level]
        for _ in range(6):
            item = self.stock.take(category)
            item.yaw = float(self.rng.uniform(-0.5, 0.5)) if turn is None else turn
            if self._on(thing, support, item, u, v):
                return item
        return None

    def _on(
        self, thing: Thing, support: Support, item: Thing, u: float | None, v: float | None
    ) -> bool:
        x0, z0, x1, z1 = item.box().rect
        low = np.array([support.x[0] - x0, support.z[0] - z0])
        high = np.array([support.x[1] - x1, support.z[1] - z1])
        open_above = support.y > thing.high[1] - 0.1
        tall = item.high[1] - item.low[1] > support.head and not open_above
        if (low > high).any() or tall:
            return False
        share = [self.rng.random() if s is None else (s + 1) / 2 for s in (u, v)]
        x, z = low + (high - low) * np.array(share)
        item.x, item.z = thing.world(float(x), float(z))
        item.y, item.on, item.yaw = thing.y + support.y, thing, item.yaw + thing.yaw
        others = [other for other in self.space.things if other.on is thing]
        body = item.box()
        hits = any(body.meets(other.box(), 5e-3) for other in (*others, *self._walled(thing)))
        return not hits and self.space.add(item)

    def _walled(self, thing: Thing) -> list[Thing]:
        """Return the things that hang on walls: a tall thing on a support could touch them."""
        return [item for item in self.space.things if item.y > 0.3 and item.on is None]

    def drop(self, category: str, tries: int = 6) -> Thing | None:
        """Leave a thing on the floor near a wall, at a random angle."""
        for _ in range(tries):
            thing = self.stock.take(category)
            wall = self.space.walls[int(self.rng.integers(len(self.space.walls)))]
            spot = float(self.rng.uniform(0.2, max(wall.length - 0.2, 0.3)))
            x, z = wall.point(spot)
            reach = float(np.hypot(*np.maximum(-thing.low, thing.high)[[0, 2]]))
            self._pose(thing, x, z, wall.yaw, reach + float(self.rng.uniform(0.02, 0.5)))
            thing.yaw += float(self.rng.uniform(-0.7, 0.7))
            if self.place(thing):
                return thing
        return None
