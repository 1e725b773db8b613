"""No two paints lie in one plane where they are seen: their pixels would flicker."""

import numpy as np
import pytest
from shapely.geometry import Polygon

from longhaul.navgen.houses.furniture import CATALOG
from longhaul.navgen.houses.shell import build_shell
from tests.navgen.houses.made import small_house
from tests.navgen.houses.rays import first_hits

PLANE = 4e-4
"""Meters between planes that a depth buffer may take for one at a few meters' distance."""

SPECK = 1e-5
"""Square meters that nobody would notice."""


@pytest.mark.parametrize("category", CATALOG)
@pytest.mark.parametrize("seed", range(2))
def test_no_two_paints_share_a_plane(category: str, seed: int) -> None:
    item = CATALOG[category]
    solids = item.build(np.random.default_rng(seed)).solids
    corners = np.concatenate([solid.positions[solid.faces] for solid in solids])
    paints = np.concatenate([[solid.paint] * len(solid.faces) for solid in solids])
    # Nobody sees undersides of what stands on a floor.
    assert not flickering(corners, paints, lowest=-0.9 if item.mount == "floor" else -2.0)


def test_no_two_pieces_of_the_shell_share_a_plane() -> None:
    pieces, _ = build_shell(small_house())
    corners = np.concatenate([piece.mesh.positions[piece.mesh.faces] for piece in pieces])
    owners = np.concatenate([[number] * len(p.mesh.faces) for number, p in enumerate(pieces)])
    assert not flickering(corners.astype(float), owners, away=1.0)


def flickering(
    corners: np.ndarray, paints: np.ndarray, lowest: float = -2.0, away: float = 5.0
) -> list[str]:
    """Return where triangles (F, 3, 3) of different paints (F,) share a plane that can be seen.

    Those whose normals point down by more than `lowest` are left out; `away` (m) is from where
    others are looked at.
    """
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    offsets = np.einsum("fi,fi->f", normals, corners[:, 0])
    found = []
    for face in np.flatnonzero(normals[:, 1] > lowest):
        same = (normals @ normals[face] > 0.9999) & (np.abs(offsets - offsets[face]) < PLANE)
        for other in np.flatnonzero(same & (paints != paints[face])):
            spot = shared_spot(corners[face], corners[other], normals[face])
            if other > face and spot is not None and not hidden(corners, spot, normals[face], away):
                found.append(f"{paints[face]} and {paints[other]} at {spot}")
    return found


def shared_spot(first: np.ndarray, second: np.ndarray, normal: np.ndarray) -> np.ndarray | None:
    """Return a point of the overlap of two triangles (3, 3) of one plane, if it is no speck."""
    across = np.cross(normal, [0.3, 0.5, 0.81])
    axes = np.stack([across, np.cross(normal, across)]) / np.linalg.norm(across)
    overlap = Polygon(first @ axes.T).intersection(Polygon(second @ axes.T))
    if overlap.area < SPECK:
        return None
    middle = overlap.representative_point()
    return np.array([middle.x, middle.y]) @ axes + normal * (first[0] @ normal)


def hidden(corners: np.ndarray, spot: np.ndarray, normal: np.ndarray, away: float) -> bool:
    """Return whether something covers a point seen straight on, so far away (m)."""
    distance, _ = first_hits(corners, np.array([spot + away * normal]), np.array([-normal]))
    return bool(distance[0] < away - 2 * PLANE)
