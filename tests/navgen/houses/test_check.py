"""Houses that can't be built are refused in one line that says what and where."""

from dataclasses import replace
from typing import Any

import pytest

from longhaul.navgen.houses.check import check_house
from longhaul.navgen.houses.export import house_files
from longhaul.navgen.houses.house import House, Opening
from tests.navgen.houses.made import small_house


def test_a_house_that_can_be_built_passes() -> None:
    check_house(small_house())


def door(**changes: Any) -> House:
    house = small_house()
    return replace(house, doors=(replace(house.doors[0], **changes), *house.doors[1:]))


@pytest.mark.parametrize(
    ("house", "message"),
    [
        (door(const=5.9), r"door along z at 5.9, 2.5: no wall of room 0 \(living room\)"),
        (door(center=4.8), r"no wall of room 0 \(living room\) holds 4.35 to 5.25 m"),
        (door(along="x"), r"door along x at 6, 2.5: no wall of room 0"),
        (door(height=2.7), r"door along z at 6, 2.5: higher than room 0: lower it"),
    ],
)
def test_doors_need_a_wall(house: House, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        house_files(house)


def test_openings_must_not_overlap() -> None:
    house = small_house()
    window = Opening("z", 6.0, 3.3, 0.8, 1.0, 0.9, 0, (0, None))
    with pytest.raises(ValueError, match=r"door along z at 6, 2.5 and window along z at 6, 3.3"):
        check_house(replace(house, windows=(window,)))


def test_stairs_must_end_at_the_upper_floor() -> None:
    house = small_house()
    short = replace(house.stairs[0], steps=15)
    with pytest.raises(ValueError, match=r"15 steps of 0.175 m end at 2.625 m, the upper floor"):
        check_house(replace(house, stairs=(short,)))


def test_objects_need_a_room_and_something_below() -> None:
    house = small_house()
    vase = house.objects[3]
    with pytest.raises(ValueError, match=r"object 0 \(vase\) is in room 0, on 1"):
        check_house(replace(house, objects=(vase,)))
    with pytest.raises(ValueError, match=r"object 0 \(sofa\) is in room 9, on None"):
        check_house(replace(house, objects=(replace(house.objects[0], room=9),)))


def test_rooms_need_numbers_of_their_own() -> None:
    house = small_house()
    with pytest.raises(ValueError, match="house small: two rooms have the same id"):
        check_house(replace(house, rooms=house.rooms + house.rooms[:1]))
