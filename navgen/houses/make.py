"""Makes a whole house from a seed: plan, openings, furniture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from longhaul.navgen.houses.furnish import Furnisher, Stock
from longhaul.navgen.houses.furniture import CATALOG
from longhaul.navgen.houses.house import House, Opening, Placed
from longhaul.navgen.houses.model import Furniture
from longhaul.navgen.houses.openings import place_doors, place_windows
from longhaul.navgen.houses.plan import Plan, draw_plan
from longhaul.navgen.houses.rooms import ROOM_FURNISHERS, place_unknown
from longhaul.navgen.houses.space import Space, Thing
from longhaul.navgen.houses.user_furniture import mixed

CLEAR_HEIGHTS_M = (2.5, 2.6, 2.7)
"""The heights (m) from floor to ceiling that a house is drawn from."""

ROOMS_WITHOUT_UNKNOWN = ("hallway", "bathroom")
"""The kinds of rooms that get no furniture of unknown categories."""

MAX_PLANS, MAX_DOOR_TRIES = 60, 4
"""How many plans are drawn until every door of one has a place, and how often each is tried."""


def make_house(
    seed: int,
    stories: int | None = None,
    bedrooms: int | None = None,
    furniture: Sequence[Furniture] = (),
) -> House:
    """Return the furnished house of a seed; one seed gives the same house in every process.

    `stories` (1 or 2) and `bedrooms` (1 to 4; 2 to 4 on two stories) are drawn if they are not
    given; `furniture` is the user's furniture, which is mixed with ours (see `user_furniture`).
    Raises ValueError for other numbers of stories or bedrooms.
    """
    rng = np.random.default_rng([seed, 0])
    stories = stories or (2 if rng.random() < 0.35 and (bedrooms or 2) > 1 else 1)
    shares = [0.15, 0.35, 0.35, 0.15] if stories == 1 else [0.0, 0.1, 0.5, 0.4]
    bedrooms = bedrooms or int(rng.choice([1, 2, 3, 4], p=shares))
    plan, doors = _plan(rng, stories, bedrooms)
    windows = place_windows(plan, doors, rng)
    catalog = mixed(furniture, np.random.default_rng([seed, 3])) if furniture else CATALOG
    stock = Stock(catalog, np.random.default_rng([seed, 1]))
    more = _unknown_categories(catalog, plan, np.random.default_rng([seed, 4]))
    things: list[tuple[int, Thing]] = []
    for room in plan.rooms:
        space = Space(room, doors, windows, plan.stairs)
        furnisher = Furnisher(space, stock, np.random.default_rng([seed, 2, room.id]))
        ROOM_FURNISHERS[room.kind](furnisher)
        place_unknown(furnisher, more.get(room.id, ()))
        space.drop_unreachable()
        things += [(room.id, thing) for thing in space.things]
    return House(
        name=f"house_{seed:05d}",
        seed=seed,
        rooms=plan.rooms,
        doors=doors,
        windows=windows,
        stairs=plan.stairs,
        objects=_placed(plan, things),
    )


def _unknown_categories(
    catalog: Mapping[str, Furniture], plan: Plan, rng: np.random.Generator
) -> dict[int, list[str]]:
    """Return, by room id, the categories that no room's rules know; each is in one or two rooms."""
    found: dict[int, list[str]] = {}
    rooms = [room.id for room in plan.rooms if room.kind not in ROOMS_WITHOUT_UNKNOWN]
    for category in sorted(catalog.keys() - CATALOG.keys()):
        for room in rng.choice(rooms, min(2, len(rooms)), replace=False).tolist():
            found.setdefault(room, []).append(category)
    return found


def _plan(
    rng: np.random.Generator, stories: int, bedrooms: int
) -> tuple[Plan, tuple[Opening, ...]]:
    clear = float(rng.choice(CLEAR_HEIGHTS_M))
    for _ in range(MAX_PLANS):
        plan = draw_plan(rng, stories, bedrooms, clear)
        for _ in range(MAX_DOOR_TRIES):
            doors = place_doors(plan, rng)
            if doors is not None:
                return plan, doors
    raise ValueError(f"stories={stories}, bedrooms={bedrooms}: no doors fit in {MAX_PLANS} plans")


def _placed(plan: Plan, things: list[tuple[int, Thing]]) -> tuple[Placed, ...]:
    """Return the objects of a house: heights are above the ground, a carrier is an index."""
    index = {id(thing): number for number, (_, thing) in enumerate(things)}
    return tuple(
        Placed(
            thing.furniture,
            thing.model,
            room,
            (thing.x, plan.rooms[room].floor + thing.y, thing.z),
            thing.yaw,
            None if thing.on is None else index[id(thing.on)],
        )
        for room, thing in things
    )
