"""A whole house from a seed: plan, openings, furniture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from longhaul.navgen.houses.furnish import Furnisher, Stock
from longhaul.navgen.houses.furniture import CATALOG
from longhaul.navgen.houses.house import House, Opening, Placed
from longhaul.navgen.houses.model import Furniture
from longhaul.navgen.houses.openings import place_doors, place_windows
from longhaul.navgen.houses.own import mixed
from longhaul.navgen.houses.plan import Plan, draw_plan
from longhaul.navgen.houses.rooms import ROOMS, strangers
from longhaul.navgen.houses.space import Space, Thing

HEIGHTS = (2.5, 2.6, 2.7)
"""Clear heights of rooms (m), as in homes."""

BARE = ("hallway", "bathroom")
"""Kinds of rooms in which nothing is put that we do not know."""

DRAWS, TRIES = 60, 4
"""How many plans to draw until one has a place for every door, and how often to try each."""


def make_house(
    seed: int,
    stories: int | None = None,
    bedrooms: int | None = None,
    own: Sequence[Furniture] = (),
) -> House:
    """Return the furnished house of a seed, the same one in every process.

    `stories` (1 or 2) and `bedrooms` (1 to 4; 2 to 4 on two stories) are drawn where not given;
    `own` is the user's furniture, mixed in (longhaul.navgen.houses.own). Raises ValueError for
    other numbers.
    """
    rng = np.random.default_rng([seed, 0])
    stories = stories or (2 if rng.random() < 0.35 and (bedrooms or 2) > 1 else 1)
    shares = [0.15, 0.35, 0.35, 0.15] if stories == 1 else [0.0, 0.1, 0.5, 0.4]
    bedrooms = bedrooms or int(rng.choice([1, 2, 3, 4], p=shares))
    plan, doors = _plan(rng, stories, bedrooms)
    windows = place_windows(plan, doors, rng)
    catalog = mixed(own, np.random.default_rng([seed, 3])) if own else CATALOG
    stock = Stock(catalog, np.random.default_rng([seed, 1]))
    more = _strangers(catalog, plan, np.random.default_rng([seed, 4]))
    things: list[tuple[int, Thing]] = []
    for room in plan.rooms:
        space = Space(room, doors, windows, plan.stairs)
        furnisher = Furnisher(space, stock, np.random.default_rng([seed, 2, room.id]))
        ROOMS[room.kind](furnisher)
        strangers(furnisher, more.get(room.id, ()))
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


def _strangers(
    catalog: Mapping[str, Furniture], plan: Plan, rng: np.random.Generator
) -> dict[int, list[str]]:
    """Return the categories that no room's rules know, each in one or two rooms by their id."""
    found: dict[int, list[str]] = {}
    rooms = [room.id for room in plan.rooms if room.kind not in BARE]
    for category in sorted(catalog.keys() - CATALOG.keys()):
        for room in rng.choice(rooms, min(2, len(rooms)), replace=False).tolist():
            found.setdefault(room, []).append(category)
    return found


def _plan(
    rng: np.random.Generator, stories: int, bedrooms: int
) -> tuple[Plan, tuple[Opening, ...]]:
    clear = float(rng.choice(HEIGHTS))
    for _ in range(DRAWS):
        plan = draw_plan(rng, stories, bedrooms, clear)
        for _ in range(TRIES):
            doors = place_doors(plan, rng)
            if doors is not None:
                return plan, doors
    raise ValueError(f"stories={stories}, bedrooms={bedrooms}: no doors fit in {DRAWS} plans")


def _placed(plan: Plan, things: list[tuple[int, Thing]]) -> tuple[Placed, ...]:
    """Turn things into what a house keeps: heights from the ground, the carrier by its index."""
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
