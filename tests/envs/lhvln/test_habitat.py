"""The builtin simulator against what habitat-sim 0.2.2 returned for a house (golden/habitat).

habitat-sim's floor is a level of its navmesh, up to a level above the real floor, on which ours
is: heights are brought down by the difference before they are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from longhaul.envs.lhvln.builtin import BuiltinSimulator
from longhaul.envs.lhvln.navmesh.contours import build_surface
from longhaul.envs.lhvln.navmesh.navigation import SurfaceNavigation
from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.navmesh.surface import Surface
from longhaul.envs.lhvln.scene import load_scene
from longhaul.envs.lhvln.simulator import MOTIONS, Cameras, Pose, moved
from tests.shared import golden, golden_folders

pytestmark = pytest.mark.golden

HOUSES = golden_folders("habitat")
RADII = {"r010": 0.1, "r020": 0.2}

Case = tuple[SurfaceNavigation, Path, str]


@cache
def from_meshes(house: str, radius: str) -> SurfaceNavigation:
    scene = load_scene(golden(house))
    settings = Settings(agent_radius=RADII[radius])
    return SurfaceNavigation(build_surface(*scene.triangles(), settings))


@cache
def from_habitat(house: str, radius: str) -> SurfaceNavigation:
    with np.load(golden(house) / f"navmesh_{radius}.npz") as data:
        return SurfaceNavigation(Surface(data["vertices"], data["triangles"]))


@pytest.fixture(params=RADII)
def radius(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=HOUSES)
def house(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=("meshes", "habitat"))
def case(request: pytest.FixtureRequest, house: str, radius: str) -> Case:
    made = {"meshes": from_meshes, "habitat": from_habitat}[request.param](house, radius)
    return made, golden(house), radius


def arrays(folder: Path, name: str) -> dict[str, NDArray[Any]]:
    with np.load(folder / f"{name}.npz") as data:
        return dict(data)


def lowered(navigation: SurfaceNavigation, queries: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """Return the probes, by the height of habitat-sim's main floor above ours lower."""
    start = queries["pair_start"][0]
    floor = navigation.snap(start)
    assert floor is not None
    lower: NDArray[Any] = queries["probe"] - [0.0, start[1] - floor[1], 0.0]
    return lower


def level_is_sure(navigation: SurfaceNavigation, point: NDArray[Any]) -> bool:
    """Say whether a point is clearly nearer to the surface than 0.5 m, or clearly not: a top that
    habitat-sim rounds up to its next level may be on the other side."""
    spot = navigation.snap(point)
    return spot is None or abs(abs(spot[1] - point[1]) - 0.5) > 0.2


def test_geodesics_are_habitats(case: Case) -> None:
    navigation, folder, radius = case
    queries = arrays(folder, f"nav_{radius}")
    pairs = zip(queries["pair_start"], queries["pair_goal"], strict=True)
    ours = np.array([navigation.distance(start, goal) for start, goal in pairs])
    theirs = queries["pair_geodesic"]
    assert (np.isfinite(ours) == np.isfinite(theirs)).all()
    ways = np.isfinite(theirs)
    near = np.abs(ours[ways] - theirs[ways]) <= 0.03 * theirs[ways] + 1e-6
    assert near.mean() >= 0.95


def test_a_path_is_as_long_as_the_distance(case: Case) -> None:
    navigation, folder, radius = case
    queries = arrays(folder, f"nav_{radius}")
    for start, goal in zip(queries["pair_start"][:60], queries["pair_goal"][:60], strict=True):
        path = navigation.path(start, goal)
        assert path is not None
        length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
        assert length == pytest.approx(navigation.distance(start, goal), abs=1e-9)


def test_the_same_points_are_navigable(case: Case) -> None:
    navigation, folder, radius = case
    queries = arrays(folder, f"nav_{radius}")
    clearance, size = queries["probe_clearance"], RADII[radius]
    sure = (clearance < size - 0.04) | (clearance > size + 0.08)
    points = lowered(navigation, queries)
    ours = np.array([navigation.is_navigable(point) for point in points])
    sure &= [level_is_sure(navigation, point) for point in points]
    assert sure.mean() >= 0.7
    assert (ours == queries["probe_is_navigable"])[sure].all()


def test_moves_over_habitats_triangles_end_where_they_did(house: str, radius: str) -> None:
    navigation = from_habitat(house, radius)
    queries = arrays(golden(house), f"nav_{radius}")
    for result, sliding in (("step_result", True), ("step_result_no_sliding", False)):
        moves = zip(queries["step_start"], queries["step_end"], strict=True)
        ends = np.array([navigation.move(start, end, sliding) for start, end in moves])
        off = np.linalg.norm((ends - queries[result])[:, [0, 2]], axis=1)
        assert (off <= 1e-3).mean() >= 0.99


def test_clearance_is_habitats(house: str, radius: str) -> None:
    navigation = from_habitat(house, radius)
    queries = arrays(golden(house), f"nav_{radius}")
    ours = [navigation.clearance(point, 2.0) for point in queries["obstacle_query"]]
    off = np.abs(np.array(ours) - queries["obstacle_distance"])
    assert (off <= 1e-3).mean() >= 0.99


def rolled(
    navigation: SurfaceNavigation, folder: Path, radius: str
) -> Iterator[tuple[float, list[bool], NDArray[np.bool_]]]:
    """Yield for every rollout how far its end is from habitat-sim's (m), and which of its moves
    forward collided here and there."""
    data = arrays(folder, f"rollouts_{radius}")
    names = [str(name) for name in data["action_names"]]
    assert set(names) <= set(MOTIONS)
    for k, actions in enumerate(data["actions"]):
        (_, y, _, w), collided = data["rotation_xyzw"][k, 0], []
        x, height, z = (float(value) for value in data["position"][k, 0])
        pose = Pose((x, height, z), 2 * math.atan2(y, w))
        for action in actions:
            pose, hit = moved(navigation, pose, MOTIONS[MOTIONS.index(names[action])])  # type: ignore[arg-type]
            collided.append(hit)
        forward = actions == names.index("move_forward")
        off = np.subtract(pose.position, data["position"][k, -1])[[0, 2]]
        hits = [hit for hit, counts in zip(collided, forward, strict=True) if counts]
        yield float(np.linalg.norm(off)), hits, data["collided"][k][forward]


def test_random_walks_over_habitats_triangles(house: str, radius: str) -> None:
    found = list(rolled(from_habitat(house, radius), golden(house), radius))
    assert np.mean([off <= 0.05 for off, _, _ in found]) >= 0.8


def test_random_walks_over_our_surface(house: str, radius: str) -> None:
    found = list(rolled(from_meshes(house, radius), golden(house), radius))
    assert np.median([off for off, _, _ in found]) <= 0.06
    ours = np.concatenate([hits for _, hits, _ in found])
    theirs = np.concatenate([hits for _, _, hits in found])
    assert abs(ours.mean() - theirs.mean()) <= 0.05


def test_pictures_are_habitats(house: str) -> None:
    folder = golden(house)
    views, colors = arrays(folder, "views"), arrays(folder, "views_rgb")["rgb"]
    order = ("front", "left", "right")
    same = {"rgb": 0.0, "depth": 0.0, "ids": 0.0}
    for height in np.unique(views["camera_height"]):
        cameras = Cameras(size=colors.shape[2], ids=True)
        simulator = BuiltinSimulator(folder, cameras)
        simulator.camera_height = float(height)
        for k in np.flatnonzero(views["camera_height"] == height):
            simulator.set_pose(views["agent_position"][k], views["agent_yaw_rad"][k])
            seen = simulator.observe()
            for j, name in enumerate(order):
                picture = seen[name]
                assert picture.depth is not None and picture.ids is not None
                levels = np.abs(picture.rgb.astype(int) - colors[k, j]).max(axis=-1)
                off = np.abs(picture.depth - views["depth"][k, j].astype(np.float32))
                same["rgb"] += (levels <= 2).mean()
                same["depth"] += (off <= 0.01).mean()
                same["ids"] += (picture.ids == views["semantic"][k, j]).mean()
        simulator.close()
    count = len(views["depth"]) * len(order)
    assert same["rgb"] / count >= 0.98
    assert same["depth"] / count >= 0.995
    assert same["ids"] / count >= 0.995
