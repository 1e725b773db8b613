"""Furniture stands as in a home: apart, off the doors, along the walls, and within reach."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from hashlib import sha256
from itertools import combinations

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from longhaul.navgen.houses.check import check_house
from longhaul.navgen.houses.house import House, Placed
from longhaul.navgen.houses.openings import clearance
from longhaul.navgen.houses.plan import stairwell
from tests.navgen.houses.planned import SEEDS, footprint, heights, house

SEATS = ("chair", "office chair")
WALL = 0.05
"""Half a wall's thickness (m)."""


def standing(made: House) -> list[Placed]:
    """Return what takes up room: no rugs, and nothing that another thing carries."""
    return [item for item in made.objects if item.on is None and item.furniture.mount != "flat"]


@pytest.mark.parametrize("seed", SEEDS)
def test_houses_can_be_built(seed):
    check_house(house(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_is_inside_its_room(seed):
    made = house(seed)
    for item in made.objects:
        room = made.rooms[item.room]
        inner = Polygon(room.polygon).buffer(-WALL + 2e-3, join_style="mitre")
        low, high = heights(item)
        assert inner.covers(footprint(item)), item.furniture.category
        assert room.floor - 0.02 < low and high < room.ceiling + 1e-6, item.furniture.category


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_overlaps_but_chairs_and_their_tables(seed):
    made = house(seed)
    for room in made.rooms:
        items = [item for item in standing(made) if item.room == room.id]
        for a, b in combinations(items, 2):
            (low, high), (bottom, top) = heights(a), heights(b)
            if min(high, top) - max(low, bottom) < 5e-3:
                continue
            shared = footprint(a).intersection(footprint(b))
            if {a.furniture.category, b.furniture.category} & set(SEATS):
                assert shared.area < 0.2, (a.furniture.category, b.furniture.category)
            else:
                assert shared.area < 5e-3, (a.furniture.category, b.furniture.category)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_stands_on_a_thing_is_borne_by_it(seed):
    made = house(seed)
    for item in made.objects:
        if item.on is not None:
            below = made.objects[item.on]
            assert below.room == item.room and below.on is None
            assert footprint(below).buffer(0.01).covers(footprint(item)), item.furniture.category
            levels = [below.position[1] + support.y for support in below.model.supports]
            assert min(abs(item.position[1] - level) for level in levels) < 1e-9
    for a, b in combinations([item for item in made.objects if item.on is not None], 2):
        if a.on == b.on and abs(a.position[1] - b.position[1]) < 1e-9:
            assert footprint(a).intersection(footprint(b)).area < 2e-3


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_stands_before_doors_and_no_tall_thing_before_windows(seed):
    made = house(seed)
    for item in standing(made):
        floor = made.rooms[item.room].floor
        low, high = (height - floor for height in heights(item))
        for door in made.doors:
            if item.room in door.rooms and low < 2.05:
                shared = footprint(item).intersection(box(*clearance(door)))
                assert shared.area < 1e-3, (item.furniture.category, door)
        for window in made.windows:
            pane = box(*clearance(window, 0.2))
            hides = item.room in window.rooms and item.furniture.category != "curtain"
            if hides and high > window.sill + 0.4 and low < window.sill + window.height:
                assert footprint(item).intersection(pane).area < 1e-3, item.furniture.category


@pytest.mark.parametrize("seed", SEEDS)
def test_what_hangs_on_a_wall_touches_one(seed):
    made = house(seed)
    for item in made.objects:
        if item.furniture.mount == "wall":
            faces = (
                Polygon(made.rooms[item.room].polygon).buffer(-WALL, join_style="mitre").exterior
            )
            back = shapely.Point(item.position[0], item.position[2])
            assert faces.distance(back) < 1e-6, item.furniture.category


def walkable(made: House, story: int, radius: float) -> list[Polygon]:
    """Return the pieces of floor where a disc's center may be: rooms, doors, less all things."""
    rooms = [room for room in made.rooms if room.story == story]
    inner = [Polygon(room.polygon).buffer(-WALL, join_style="mitre") for room in rooms]
    gaps = [
        box(*clearance(door, 0.01))
        for door in made.doors
        if door.story == story and None not in door.rooms
    ]
    floor = shapely.union_all([*inner, *gaps])
    here = {room.id: room for room in rooms}
    obstacles = [
        footprint(item)
        for item in standing(made)
        if item.room in here and heights(item)[0] - here[item.room].floor < 1.5
    ]
    obstacles += [box(*stairwell(stairs)) for stairs in made.stairs]
    free = floor.difference(shapely.union_all(obstacles)).buffer(-radius, quad_segs=16)
    return [piece for piece in shapely.get_parts(free) if piece.area > 0.02]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_robot_reaches_everything(seed):
    made = house(seed)
    for story in {room.story for room in made.rooms}:
        (free,) = walkable(made, story, 0.25)
        for item in made.objects:
            if made.rooms[item.room].story != story:
                continue
            if item.on is not None:
                assert footprint(item).centroid.distance(free) < 0.81, item.furniture.category
            elif item.furniture.mount == "floor":
                assert footprint(item).distance(free) < 0.8, item.furniture.category


@pytest.mark.parametrize("seed", SEEDS)
def test_each_room_has_what_makes_it_one(seed):
    needed = {
        "bedroom": ("bed",),
        "kids room": ("single bed", "bunk bed"),
        "bathroom": ("toilet",),
        "living room": ("sofa",),
        "dining room": ("dining table", "round table"),
        "kitchen": ("kitchen sink",),
        "office": ("desk",),
        "laundry room": ("washing machine",),
    }
    made = house(seed)
    for room in made.rooms:
        categories = {item.furniture.category for item in made.objects if item.room == room.id}
        assert categories & set(needed.get(room.kind, categories)), (room.kind, categories)


def test_categories_are_many_and_recur_in_a_house():
    for seed in SEEDS:
        counts = Counter(item.furniture.category for item in house(seed).objects)
        assert len(counts) >= 40 and sum(count > 1 for count in counts.values()) >= 10
    seen = {item.furniture.category for seed in SEEDS for item in house(seed).objects}
    portable = {
        item.furniture.category
        for seed in SEEDS
        for item in house(seed).objects
        if item.furniture.portable
    }
    assert len(seen) >= 100 and len(portable) >= 40


DIGEST = """
import sys
from tests.navgen.houses.test_furnish import digest
from longhaul.navgen.houses.make import make_house
print(digest(make_house(int(sys.argv[1]))))
"""


def digest(made: House) -> str:
    """Return a hash of all numbers of a house, models included."""
    state = sha256(repr((made.rooms, made.doors, made.windows, made.stairs)).encode())
    for item in made.objects:
        state.update(repr((item.furniture.category, item.position, item.yaw, item.on)).encode())
        for solid in item.model.solids:
            state.update(solid.paint.encode() + np.ascontiguousarray(solid.positions).tobytes())
    return state.hexdigest()


def test_a_seed_gives_the_same_house_in_another_process():
    done = subprocess.run(
        [sys.executable, "-c", DIGEST, "3"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == digest(house(3))
