"""Furnishes a kitchen: units in a row along one wall, and along the next wall if one is too
short."""

from __future__ import annotations

from longhaul.navgen.houses.furnish import WALL_GAP_M, Furnisher
from longhaul.navgen.houses.space import QUARTER_TURN_RAD, Thing, Wall

CABINET_HEIGHT_M, HOOD_HEIGHT_M = 1.45, 1.55
"""The heights (m) above the floor of the lower edges of what hangs over a worktop."""

APPLIANCES = ("microwave", "toaster", "coffee machine", "kettle", "knife block", "dish rack")
"""What stands at the back of a worktop."""

FOOD = ("bread", "cereal box", "jar", "fruit bowl", "apple", "bottle", "pot", "pan", "bowl", "cup")
"""What stands at the front of a worktop."""


def kitchen(f: Furnisher) -> None:
    """Place fridge, counter, sink, dishwasher, oven and a counter; hang cabinets and a hood."""
    units = ["fridge", "kitchen counter", "kitchen sink", "dishwasher", "oven", "kitchen counter"]
    placed: list[Thing] = []
    for wall in sorted(f.space.walls, key=lambda wall: -_room(f, wall)):
        if units:
            done = _run(f, wall, units)
            placed += done
            units = units[len(done) :]
    for unit in placed:
        _above(f, unit)
        f.reserve(unit, 0.6)
    tops = [unit for unit in placed if unit.model.supports]
    for index, category in enumerate((*f.rng.permutation(APPLIANCES), *f.rng.permutation(FOOD))):
        if tops and index < 11:
            small = category in FOOD
            f.on(tops[int(f.rng.integers(len(tops)))], str(category), None, 0.7 if small else -0.6)
    _table(f)
    f.drop("trash can")
    f.light("ceiling lamp")
    f.somewhere("wall clock", 1.75)
    f.somewhere("picture", 1.45)


def _room(f: Furnisher, wall: Wall) -> float:
    """Return a wall's length (m) without the doors in it."""
    doors = [
        door for door in f.space.doors if f.wall_of(door.along, door.const, door.center) == wall
    ]
    return wall.length - sum(door.width + 0.4 for door in doors)


def _run(f: Furnisher, wall: Wall, units: list[str]) -> list[Thing]:
    """Stand units side by side from one end of a wall, and return those that fit."""
    done: list[Thing] = []
    backwards = f.chance(0.5)
    spot = 0.02
    for category in units:
        unit = f.stock.take(category)
        width = float(unit.high[0] - unit.low[0])
        while spot + width <= wall.length - 0.01:
            middle = spot - float(unit.low[0])
            if backwards:
                middle = wall.length - spot - float(unit.high[0])
            if f.stand(unit, wall, middle, 0.0, WALL_GAP_M):
                done.append(unit)
                break
            spot += 0.1 if not done else wall.length
        else:
            return done
        spot += width + 0.003
    return done


def _above(f: Furnisher, unit: Thing) -> None:
    """Hang a cabinet over a counter, a hood over the oven."""
    if unit.furniture.category == "oven":
        f.above(unit, "range hood", HOOD_HEIGHT_M)
    elif unit.furniture.category != "fridge":
        f.above(unit, "kitchen cabinet", CABINET_HEIGHT_M)


def _table(f: Furnisher) -> None:
    """Stand a round table with chairs in the room, if there is space for one."""
    table = f.center("round table")
    if table is None:
        return
    for x, z, turn in ((0, 0.62, 2), (0, -0.62, 0), (0.62, 0, 3), (-0.62, 0, 1)):
        f.near(table, "chair", x, z, turn * QUARTER_TURN_RAD, tuck=True)
    f.on(table, "bowl")
    f.on(table, "cup")
