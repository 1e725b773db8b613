"""Every relation on states made by hand: what holds, and what only just does not."""

from __future__ import annotations

import numpy as np
import pytest

from longhaul.envs.lohoravens.geometry import AREAS, QUADRANTS, in_area, is_beside
from longhaul.envs.lohoravens.relations import PEG_TOLERANCE_M, RELATIONS, REST_TOLERANCE_M
from longhaul.envs.lohoravens.things import WORKSPACE_BOUNDS_M
from tests.envs.lohoravens.hand import put, scene

BASE = put("block_0", 0.5, 0.1)


@pytest.mark.parametrize(
    ("upper", "touching", "holds"),
    [
        (put("block_1", 0.5, 0.1, 0.06), True, True),
        (put("block_1", 0.52, 0.1, 0.06, yaw=0.5), True, True),
        (put("block_1", 0.5, 0.125, 0.06), True, True),  # the upper layer of a pyramid
        (put("block_1", 0.5, 0.1, 0.07, edge=0.06), True, True),
        (put("block_1", 0.5, 0.1, 0.06), False, False),  # no contact
        (put("block_1", 0.5, 0.137, 0.06), True, False),  # at the very edge
        (put("block_1", 0.5, 0.141, 0.02), True, False),  # beside it
        (put("block_1", 0.5, 0.1, 0.06 + REST_TOLERANCE_M + 0.002), True, False),  # above it
    ],
)
def test_on_needs_contact_overlap_and_height(upper, touching: bool, holds: bool) -> None:
    pairs = [("block_0", "block_1")] if touching else []
    found = scene(BASE, upper, touching=pairs)
    assert found.on("block_1", "block_0") is holds
    assert not found.on("block_0", "block_1")


def test_what_the_cup_holds_is_nowhere() -> None:
    placed = (BASE, put("block_1", 0.5, 0.1, 0.06), put("zone_0", 0.5, 0.1))
    held = scene(*placed, held="block_1")
    free = scene(*placed)
    for relation, target in (("on", "block_0"), ("zone", "zone_0"), ("area", "bottom right")):
        assert RELATIONS[relation](free, "block_1", target)
        assert not RELATIONS[relation](held, "block_1", target)


@pytest.mark.parametrize(
    ("block", "holds"),
    [
        (put("block_0", 0.4, 0.0, 0.024), True),
        (put("block_0", 0.43, 0.0, 0.03), True),  # leaning against the wall
        (put("block_0", 0.4, 0.0, 0.055), False),  # across the rim
        (put("block_0", 0.45, 0.0, 0.03), False),  # with its middle over the wall
        (put("block_0", 0.48, 0.0, 0.02), False),  # beside the bowl
    ],
)
def test_in_a_bowl_is_below_its_rim(block, holds: bool) -> None:
    found = scene(put("bowl_0", 0.4, 0.0), block, touching=[("bowl_0", "block_0")])
    assert found.inside("block_0", "bowl_0") is holds


def test_in_a_bowl_needs_contact_with_it_or_with_what_lies_in_it() -> None:
    placed = (
        put("box_0", 0.5, 0.0),
        put("block_0", 0.5, 0.0, 0.024),
        put("block_1", 0.5, 0.02, 0.05),
    )
    inside = [("box_0", "block_0"), ("block_0", "block_1")]
    assert scene(*placed, touching=inside).inside("block_1", "box_0")
    assert not scene(*placed, touching=inside[:1]).inside("block_1", "box_0")
    stranger = [("block_1", "block_2")]
    assert not scene(*placed, put("block_2", 0.5, 0.12), touching=stranger).inside(
        "block_1", "box_0"
    )


def test_in_a_turned_box_is_within_its_walls() -> None:
    box = put("box_0", 0.5, 0.0, yaw=np.pi / 2)  # 0.16 m along x, 0.2 m along y
    for x, y, holds in ((0.5, 0.08, True), (0.58, 0.0, False), (0.55, 0.0, True)):
        block = put("block_0", x, y, 0.024)
        assert (
            scene(box, block, touching=[("box_0", "block_0")]).inside("block_0", "box_0") is holds
        )


@pytest.mark.parametrize(
    ("x", "yaw", "holds"),
    [(0.5, 0.0, True), (0.555, 0.0, True), (0.566, 0.0, False), (0.5, 1.0, True)],
)
def test_in_a_zone_is_more_than_half_of_the_footprint(x: float, yaw: float, holds: bool) -> None:
    found = scene(put("zone_0", 0.5, 0.0), put("block_0", x, 0.0, yaw=yaw))
    assert found.in_zone("block_0", "zone_0") is holds


def test_a_turned_zone_is_where_it_is_seen() -> None:
    corner = put("block_0", 0.5 + 0.05, 0.05)
    assert scene(put("zone_0", 0.5, 0.0), corner).in_zone("block_0", "zone_0")
    assert not scene(put("zone_0", 0.5, 0.0, yaw=np.pi / 4), corner).in_zone("block_0", "zone_0")


def test_the_second_level_is_in_the_zone_and_does_not_stand_on_it() -> None:
    found = scene(put("zone_0", 0.5, 0.0), put("block_0", 0.5, 0.0), put("block_1", 0.5, 0.0, 0.06))
    assert found.in_zone("block_1", "zone_0") and not found.on_zone("block_1", "zone_0")
    assert found.on_zone("block_0", "zone_0")


@pytest.mark.parametrize(
    ("x", "y", "area"),
    [
        (0.26, -0.49, "top left"),
        (0.26, 0.49, "top right"),
        (0.74, -0.49, "bottom left"),
        (0.74, 0.49, "bottom right"),
    ],
)
def test_quadrants_are_those_of_the_front_picture(x: float, y: float, area: str) -> None:
    found = scene(put("block_0", x, y))
    assert [name for name in AREAS if found.in_area("block_0", name)] == [area]


def test_every_point_of_the_table_is_in_one_quadrant() -> None:
    axes = [np.linspace(low, high, 41) for low, high in WORKSPACE_BOUNDS_M[:2]]
    points = np.stack(np.meshgrid(*axes), -1).reshape(-1, 2)
    assert (sum(in_area(points, area).astype(int) for area in QUADRANTS) == 1).all()
    beyond = [[0.24, 0.1], [0.76, 0.1], [0.4, 0.51], [0.4, -0.51]]
    assert not any(in_area(beyond, area).any() for area in AREAS)


def test_the_center_is_a_square_of_8_cm() -> None:
    assert in_area([[0.539, 0.039], [0.461, -0.039]], "center").all()
    assert not in_area([[0.541, 0.0], [0.5, -0.041]], "center").any()


@pytest.mark.parametrize(
    ("direction", "x", "y"),
    [("left", 0.5, -0.051), ("right", 0.5, 0.051), ("top", 0.449, 0.0), ("bottom", 0.551, 0.0)],
)
def test_beside_is_more_than_5_cm_in_that_direction_only(
    direction: str, x: float, y: float
) -> None:
    found = scene(put("block_0", 0.5, 0.0), put("block_1", x, y))
    holds = [
        word
        for word in ("left", "right", "top", "bottom")
        if found.beside("block_1", word, "block_0")
    ]
    assert holds == [direction]
    nearer = (0.5 + 0.9 * (x - 0.5), 0.9 * y)
    assert not is_beside(nearer, direction, (0.5, 0.0))


@pytest.mark.parametrize(
    ("y", "z", "holds"),
    [
        (-0.12, 0.018, True),
        (-0.12 + PEG_TOLERANCE_M - 0.001, 0.018, True),
        (-0.12 + PEG_TOLERANCE_M + 0.001, 0.018, False),
        (-0.12, 0.066, False),  # on top of the peg
        (0.12, 0.018, False),
    ],
)
def test_around_a_peg_is_low_and_near_to_it(y: float, z: float, holds: bool) -> None:
    found = scene(put("stand_0", 0.5, 0.0, yaw=np.pi / 2), put("ring_0", 0.5, y, z))
    assert found.on_peg("ring_0", "left") is holds


def test_hidden_is_covered_from_above() -> None:
    big = put("block_1", 0.5, 0.1, 0.07, edge=0.06)
    assert scene(BASE, big).hidden("block_0") and not scene(BASE, big).hidden("block_1")
    aside = put("block_1", 0.5, 0.12, 0.07, edge=0.06)
    assert not scene(BASE, aside).hidden("block_0")


def test_two_that_share_the_load_hide_what_neither_hides() -> None:
    halves = [put("block_1", 0.5, 0.08, 0.06), put("block_2", 0.5, 0.121, 0.06)]
    assert scene(BASE, *halves).hidden("block_0")
    assert not scene(BASE, halves[0]).hidden("block_0")


def test_above_names_all_that_would_come_along() -> None:
    found = scene(BASE, put("block_1", 0.5, 0.1, 0.06), put("block_2", 0.5, 0.1, 0.1))
    assert found.above("block_0") == ["block_1", "block_2"]
    assert found.resting_on("block_0") == ["block_1"] and found.above("block_2") == []
    edge = scene(BASE, put("block_1", 0.5, 0.133, 0.06))
    assert edge.resting_on("block_0") == ["block_1"] and not edge.on("block_1", "block_0")


def test_a_toppled_cube_has_the_footprint_of_its_lower_side() -> None:
    thing, pose = put("block_1", 0.5, 0.1, 0.06)
    for axis in ((0.7071068, 0.0, 0.0, 0.7071068), (0.0, 0.7071068, 0.0, 0.7071068)):
        toppled = (thing, type(pose)(pose.position, axis))
        assert scene(BASE, toppled).on("block_1", "block_0")
        assert scene(BASE, toppled).overlap("block_1", "block_0") == 1.0
