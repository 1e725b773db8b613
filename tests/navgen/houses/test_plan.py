"""Plans hold what a house must: rooms that tile it, doors to all of them, stairs that arrive."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from longhaul.navgen.houses.house import House, Opening
from longhaul.navgen.houses.make import make_house
from longhaul.navgen.houses.openings import clearance, landings, place_doors
from longhaul.navgen.houses.plan import draw_plan, stairwell
from longhaul.navgen.houses.story import ROOM_SIZES
from tests.navgen.houses.planned import SEEDS, house


@pytest.mark.parametrize("seed", SEEDS)
def test_rooms_tile_each_story(seed):
    rooms = house(seed).rooms
    for story in {room.story for room in rooms}:
        shapes = [Polygon(room.polygon) for room in rooms if room.story == story]
        whole = shapely.union_all(shapes)
        assert whole.geom_type == "Polygon" and not whole.interiors
        assert whole.area == pytest.approx(sum(shape.area for shape in shapes), abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_rooms_measure_what_homes_do(seed):
    assert 5 <= len(house(seed).rooms) <= 12
    for room in house(seed).rooms:
        shape = Polygon(room.polygon)
        assert not shapely.LinearRing(room.polygon).is_ccw  # ccw from above: z points down
        if room.kind != "hallway":
            low, high = ROOM_SIZES[room.kind].area
            assert low - 1e-6 <= shape.area <= high + 1e-6, room


@pytest.mark.parametrize("seed", SEEDS)
def test_no_room_is_behind_a_bedroom_or_bathroom_but_an_ensuite(seed):
    made = house(seed)
    doors = [set(door.rooms) for door in made.doors] + [set(item.rooms) for item in made.stairs]
    private = {room.id for room in made.rooms if room.kind in ("bedroom", "kids room", "bathroom")}
    seen: set[int | None] = {None}
    while grown := {number for door in doors for number in door if door & (seen - private)} - seen:
        seen |= grown
    unseen = [room for room in made.rooms if room.id not in seen]
    assert all(room.kind == "bathroom" for room in unseen)
    for room in unseen:
        behind = {number for door in doors if room.id in door for number in door} - {room.id}
        assert behind and behind <= seen


@pytest.mark.parametrize("seed", SEEDS)
def test_doors_and_windows_lie_in_walls_and_apart(seed):
    made = house(seed)
    for opening in (*made.doors, *made.windows):
        ends = opening.center - opening.width / 2, opening.center + opening.width / 2
        hole = shapely.LineString(
            [(end, opening.const) if opening.along == "x" else (opening.const, end) for end in ends]
        )
        for number in opening.rooms:
            if number is not None:
                wall = Polygon(made.rooms[number].polygon).exterior
                corners = shapely.MultiPoint(made.rooms[number].polygon)
                assert wall.buffer(1e-6).contains(hole)
                assert corners.distance(hole) > 0.19
    for door in made.doors:
        assert 0.85 <= door.width <= 0.95 or door.width >= 1.1
        for other in made.doors:
            if door is not other and door.story == other.story and door.along == other.along:
                assert door.const != other.const or _apart(door, other)
    assert sum(None in door.rooms for door in made.doors) == 1


def _apart(door: Opening, other: Opening) -> bool:
    return abs(door.center - other.center) > (door.width + other.width) / 2


def two_stories() -> list[House]:
    return [house(seed) for seed in SEEDS if house(seed).stairs]


def test_stairs_lie_in_both_hallways_with_free_ends():
    assert len(two_stories()) >= 4
    for made in two_stories():
        (stairs,) = made.stairs
        assert stairs.rise <= 0.18 + 1e-9 and 0.25 <= stairs.run <= 0.28 and stairs.width >= 1.0
        lower, upper = (made.rooms[number] for number in stairs.rooms)
        assert lower.floor + stairs.rise * stairs.steps == pytest.approx(upper.floor)
        flight = box(*stairwell(stairs))
        for room, landing in zip((lower, upper), landings(stairs), strict=True):
            inside = Polygon(room.polygon).buffer(-0.049, join_style="mitre")
            assert room.kind == "hallway"
            assert inside.covers(flight) and inside.covers(box(*landing))
        for door in made.doors:
            assert box(*clearance(door)).intersection(flight).area < 1e-9


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 2), st.integers(2, 4))
def test_plans_have_the_stories_and_bedrooms_asked_for(seed, stories, bedrooms):
    plan = draw_plan(np.random.default_rng(seed), stories, bedrooms, 2.6)
    assert {room.story for room in plan.rooms} == set(range(stories))
    assert sum(room.kind in ("bedroom", "kids room") for room in plan.rooms) == bedrooms
    doors = place_doors(plan, np.random.default_rng(seed))
    assert doors is None or len(doors) == len(plan.links)


def test_houses_differ_in_plan_size_and_kinds_of_room():
    plans = {tuple(room.polygon for room in house(seed).rooms) for seed in SEEDS}
    counts = Counter(len(house(seed).rooms) for seed in SEEDS)
    kinds = {room.kind for seed in SEEDS for room in house(seed).rooms}
    assert len(plans) == len(SEEDS) and len(counts) >= 4
    assert kinds == {*ROOM_SIZES, "hallway"} - {"entry"}


@pytest.mark.parametrize("numbers", [(3, 2), (2, 1), (1, 5)])
def test_impossible_numbers_are_refused_in_one_line(numbers):
    with pytest.raises(ValueError, match=r"choose 1 story with 1 to 4") as refusal:
        make_house(0, *numbers)
    assert "\n" not in str(refusal.value)
