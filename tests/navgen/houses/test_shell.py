"""The building of a small house: closed, outward, walkable, and light."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from longhaul.navgen.houses.bake import Piece
from longhaul.navgen.houses.house import House, Room
from longhaul.navgen.houses.outline import corners, inset, level, room_outline, stairwell
from longhaul.navgen.houses.shell import build_shell
from longhaul.navgen.houses.stairs import flight
from tests.navgen.houses.made import CEILING, STORY, small_house
from tests.navgen.houses.rays import first_hits


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    return build_shell(small_house())[0]


def of(pieces: list[Piece], category: str) -> list[Piece]:
    return [piece for piece in pieces if piece.category == category]


def shape(piece: Piece) -> trimesh.Trimesh:
    made = trimesh.Trimesh(piece.mesh.positions, piece.mesh.faces, process=False)
    made.merge_vertices(merge_tex=True, merge_norm=True)
    return made


def test_categories_and_their_number(pieces: list[Piece]) -> None:
    found = {name: len(of(pieces, name)) for name in dict.fromkeys(p.category for p in pieces)}
    # 16 edges of rooms and 4 of the facade of either story.
    assert found == {
        "floor": 4, "ceiling": 4, "wall": 24, "door frame": 3, "door": 1, "window": 3,
        "stairs": 1, "railing": 1,
    }  # fmt: skip
    assert sum(len(piece.mesh.faces) for piece in pieces) < 2000


def test_slabs_and_walls_are_closed_and_outward(pieces: list[Piece]) -> None:
    for piece in of(pieces, "floor"):
        assert shape(piece).is_watertight and shape(piece).is_winding_consistent
    house = small_house()
    slab = house.floor_thickness - 0.01
    areas = [30.0, 20.0, 30.0 - stairwell(house.stairs[0]).area, 20.0]
    volumes = [shape(piece).volume for piece in of(pieces, "floor")]
    assert volumes == pytest.approx([area * slab for area in areas], rel=1e-5)
    for piece in of(pieces, "wall"):
        assert piece.mesh.is_closed()


def test_walls_have_the_volume_of_the_plan_less_the_openings(pieces: list[Piece]) -> None:
    house, half = small_house(), 0.05
    ground = [piece for piece in of(pieces, "wall") if piece.room in (0, 1)]
    doors = [(door, 2 if None not in door.rooms else 1) for door in house.doors if not door.story]
    windows = [(item, 1) for item in house.windows if not item.story]
    holes = sum(item.width * item.height * halves for item, halves in (*doors, *windows))
    rings = sum(
        outline.area - outline.buffer(-half, join_style="mitre").area
        for outline in (Polygon(room.polygon) for room in house.rooms[:2])
    )
    expected = rings * CEILING - holes * half
    assert sum(shape(piece).volume for piece in ground) == pytest.approx(expected, rel=1e-4)


def test_ceilings_are_seen_from_below_only(pieces: list[Piece]) -> None:
    for piece in of(pieces, "ceiling"):
        assert np.allclose(shape(piece).face_normals, [0.0, -1.0, 0.0])
    areas = [shape(piece).area for piece in of(pieces, "ceiling")]
    assert areas == pytest.approx([30.0 - 4.0, 20.0, 30.0, 20.0], rel=1e-5)


def test_all_triangles_agree_with_their_normals(pieces: list[Piece]) -> None:
    for piece in pieces:
        made = trimesh.Trimesh(piece.mesh.positions, piece.mesh.faces, process=False)
        normals = piece.mesh.normals[piece.mesh.faces].mean(axis=1)
        assert np.einsum("fi,fi->f", made.face_normals, normals).min() > 0.5


def test_doorways_are_open_and_the_front_door_is_shut(pieces: list[Piece]) -> None:
    """A horizontal line at breast height passes doorways, and nothing else of the shell."""
    corners = np.concatenate([piece.mesh.positions[piece.mesh.faces] for piece in pieces])
    assert not crossed(corners, (5.0, 1.1, 2.5), (7.0, 1.1, 2.5))
    assert not crossed(corners, (5.0, STORY + 1.1, 2.5), (7.0, STORY + 1.1, 2.5))
    assert crossed(corners, (5.0, 1.1, 4.0), (7.0, 1.1, 4.0))
    assert crossed(corners, (5.0, 2.3, 2.5), (7.0, 2.3, 2.5))
    assert crossed(corners, (0.9, 1.1, 4.0), (0.9, 1.1, 6.0))


def crossed(corners: np.ndarray, start: tuple, end: tuple) -> bool:
    """Return whether a segment meets any of the triangles (F, 3, 3)."""
    return bool(first_hits(corners, np.array([start]), np.subtract([end], start))[0][0] < 1.0)


@pytest.mark.parametrize("height", [0.5, 1.0, 1.6])
def test_nobody_inside_sees_through_the_shell(pieces: list[Piece], height: float) -> None:
    """Every ray from a room ends at a front: cameras that hide backs see no hole."""
    corners = np.concatenate([piece.mesh.positions[piece.mesh.faces] for piece in pieces])
    rng = np.random.default_rng(0)
    for x, z in ((3.0, 3.0), (0.6, 4.5), (8.0, 2.5), (5.6, 0.5)):
        for floor in (0.0, STORY):
            ways = rng.normal(size=(150, 3))
            eyes = np.tile([x, floor + height, z], (150, 1))
            distance, facing = first_hits(corners, eyes, ways)
            assert np.isfinite(distance).all()
            assert (facing > 0.0).all()


def test_stairs_can_be_climbed(pieces: list[Piece]) -> None:
    (stairs,) = of(pieces, "stairs")
    treads = stairs.mesh.positions[stairs.mesh.normals[:, 1] > 0.9]
    heights = np.unique(treads[:, 1].round(5))
    assert heights[-1] == pytest.approx(STORY, abs=1e-5)
    assert np.diff([0.0, *heights]).max() <= 0.2
    run = [np.ptp(treads[np.isclose(treads[:, 1], y, atol=1e-4), 0]) for y in heights]
    assert min(run) >= 0.25 - 1e-5
    low, high = flight(small_house().stairs[0]).bounds()
    assert low == pytest.approx([1.0, 0.0, 0.1]) and high == pytest.approx([5.0, STORY, 1.1])


def test_railings_stand_on_open_sides_only(pieces: list[Piece]) -> None:
    """The flight has the wall on its left; above, its head stays free."""
    (railing,) = of(pieces, "railing")
    points = railing.mesh.positions
    above = points[points[:, 1] > STORY - 1e-6]
    assert above.min(axis=0) == pytest.approx([0.975, STORY, 0.1], abs=0.04)
    assert above[:, 1].max() == pytest.approx(STORY + 0.95, abs=0.05)
    assert above[above[:, 0] > 4.7][:, 2].min() > 1.0
    beside = points[points[:, 1] < STORY - 0.2]
    assert beside[:, 2].min() > 1.0 and beside[:, 2].max() < 1.12
    assert beside[:, 1].min() == pytest.approx(STORY / 16, abs=1e-5)


def test_a_room_that_crosses_itself_is_refused() -> None:
    bow = ((0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0))
    house = replace(small_house(), rooms=(Room(7, "office", 0, bow, 0.0, 2.6),), stairs=())
    with pytest.raises(ValueError, match=r"room 7 \(office\): its polygon crosses itself"):
        build_shell(house)


LENGTH = st.floats(1.0, 6.0)


@given(LENGTH, LENGTH, st.floats(0.2, 0.8), st.floats(0.2, 0.8), st.booleans())
def test_an_l_shaped_outline(width: float, depth: float, u: float, v: float, turn: bool) -> None:
    """Its inset and its triangles have the areas that shapely's buffer says."""
    x, z = u * width, v * depth
    points = ((0, 0), (width, 0), (width, z), (x, z), (x, depth), (0, depth), (0, depth / 2))
    room = Room(0, "office", 0, points[::-1] if turn else points, 0.0, 2.6)
    outline = room_outline(room)
    assert len(outline) == 6
    inner = Polygon(inset(outline, 0.05))
    expected = Polygon(points).buffer(-0.05, join_style="mitre")
    assert inner.symmetric_difference(expected).area == pytest.approx(0.0, abs=1e-4)
    assert len(corners(Polygon(inner).exterior)) == 6
    top = level(Polygon(points), 1.0, "oak", up=True)
    shape = trimesh.Trimesh(top.positions, top.faces, process=False)
    assert shape.area == pytest.approx(Polygon(points).area, rel=1e-5)
    assert np.allclose(shape.face_normals, [0.0, 1.0, 0.0])


def test_a_story_smaller_than_the_one_below_has_its_own_facade() -> None:
    house: House = small_house()
    smaller = replace(house, rooms=house.rooms[:3], doors=(), windows=(), objects=())
    facade = [piece for piece in build_shell(smaller)[0] if piece.room is None]
    assert len(facade) == 8
    assert max(piece.mesh.positions[:, 0].max() for piece in facade[4:]) == pytest.approx(6.05)
