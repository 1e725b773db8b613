"""Portals against lines of sight that shapely draws in a plan: what is seen is never left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from longhaul.envs.lhvln.portals import Portals, Sighted

PLAN: dict[str, Any] = {
    "rooms": [
        {"id": 4, "polygon_xz": [[0, 0], [4, 0], [4, 3], [0, 3]], "aabb_min": [0, 0, 0]},
        {"id": 7, "polygon_xz": [[4, 0], [9, 0], [9, 3], [4, 3]], "aabb_min": [4, 0, 0]},
        {
            "id": 2,
            "polygon_xz": [[0, 3], [9, 3], [9, 4.2], [6, 4.2], [6, 8], [0, 8]],
            "aabb_min": [0, 0, 3],
        },
        {"id": 3, "polygon_xz": [[6, 4.2], [9, 4.2], [9, 8], [6, 8]], "aabb_min": [6, 0, 4.2]},
        {
            "id": 9,
            "polygon_xz": [[0, 0], [9, 0], [9, 8], [0, 8]],
            "aabb_min": [0, 2.8, 0],
            "storey": 1,
        },
    ],
    "doors": [
        {"along": "x", "const": 3, "center": 1.0, "width": 0.9, "rooms": [4, 2]},
        {"along": "z", "const": 4, "center": 1.5, "width": 0.8},
        {"along": "x", "const": 3, "center": 8.2, "width": 0.9},
        {"along": "x", "const": 4.2, "center": 7.0, "width": 1.4, "rooms": [2, 3]},
        {"along": "z", "const": 0, "center": 1.5, "width": 0.9, "rooms": [4, None]},
    ],
    "stairs": [
        {
            "foot": [1.0, 0, 7.0],
            "yaw": np.pi / 2,
            "width": 1.0,
            "run": 0.27,
            "steps": 14,
            "rooms": [2, 9],
        }
    ],
}
for _room in PLAN["rooms"]:
    _room["aabb_max"] = [9, _room["aabb_min"][1] + 2.6, 8]

GROUND = PLAN["rooms"][:4]


def walls() -> shapely.Geometry:
    """Return the walls of the ground floor, without their doors."""
    outlines = shapely.union_all([shapely.Polygon(room["polygon_xz"]).exterior for room in GROUND])
    holes = []
    for door in PLAN["doors"][:4]:
        ends = np.array([-0.5, 0.5]) * door["width"] + door["center"]
        ways = [
            (end, door["const"]) if door["along"] == "x" else (door["const"], end) for end in ends
        ]
        holes.append(shapely.LineString(ways).buffer(1e-6))
    return outlines.difference(shapely.union_all(holes))


WALLS = walls()
PORTALS = Portals(PLAN)

places = st.tuples(st.floats(0.05, 8.95), st.floats(0.05, 7.95))


def shown(eye: tuple[float, float], box: tuple[float, float], y: float = 1.0) -> bool:
    low = np.array([[box[0] - 0.01, 0.2, box[1] - 0.01]])
    found = Sighted(PORTALS, low, low + 0.02).shown(eye[0], y, eye[1])
    assert found is not None
    return bool(found[0])


@given(places, places)
@settings(deadline=None, max_examples=300)
def test_what_a_line_of_sight_reaches_is_shown(
    eye: tuple[float, float], box: tuple[float, float]
) -> None:
    assume(not shapely.LineString([eye, box]).intersects(WALLS))
    assert shown(eye, box)


def test_what_no_door_shows_is_left_out() -> None:
    corner, behind, through = (0.3, 0.3), (8.7, 7.0), (1.2, 4.5)
    assert not shown(corner, behind)
    assert shown((1.0, 1.0), through)
    assert not shown((3.7, 0.2), (0.2, 3.2))


def test_most_of_a_house_is_left_out() -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform([0.05, 0.05], [8.95, 7.95], (200, 2))
    low = np.column_stack([points[:, 0], np.full(200, 0.2), points[:, 1]])
    sighted = Sighted(PORTALS, low, low + 0.02)
    shares = [sighted.shown(x, 1.0, z).mean() for x, z in points]  # type: ignore[union-attr]
    assert 0.2 < np.mean(shares) < 0.7


def test_stories_see_each_other_by_the_well_of_their_stairs() -> None:
    upstairs = np.array([[2.5, 3.0, 6.9], [8.0, 3.0, 1.0]])
    sighted = Sighted(PORTALS, upstairs, upstairs + 0.1)
    beside = sighted.shown(3.0, 1.0, 6.0)
    assert beside is not None and beside[0]
    far = sighted.shown(8.0, 1.0, 7.0)
    assert far is not None and not far.any()


@pytest.mark.parametrize("eye", [(20.0, 1.0, 1.0), (1.0, 9.0, 1.0)])
def test_outside_of_rooms_nothing_is_left_out(eye: tuple[float, float, float]) -> None:
    assert PORTALS.windows(*eye) is None


def test_a_room_without_a_ceiling_may_show_anything() -> None:
    rooms = [{**room, "ceiling": room["id"] != 7} for room in PLAN["rooms"]]
    portals = Portals({**PLAN, "rooms": rooms})
    assert portals.windows(5.0, 1.0, 1.5) is None
    assert portals.windows(8.7, 1.0, 7.8) is not None
