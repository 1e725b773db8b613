"""The generated scenes: complete, repeatable, and the official ones' equal where it matters.

The official files are calvin_env's data folder; what is compared are numbers that Bullet gives
for both, never the files.
"""

from __future__ import annotations

import multiprocessing
import os
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pybullet
import pytest
import trimesh

from longhaul.envs.calvin import assets
from longhaul.envs.calvin.assets import cache
from tests.envs.calvin import bullet_probe as probe
from tests.shared import data

SCENES = sorted(assets.LAYOUTS)
TABLE_LINKS = ["button", "switch", "slide", "drawer", "led", "light", "plank"]
# Rest pose and the TCP it gives (m), as calvin_env reports them after a reset.
REST = (-1.21779206, 1.03987646, 2.11978261, -2.34205014, -0.87015947, 1.64119353, 0.55344866)
REST_TCP = (0.0259, -0.2313, 0.5713)

Client = Callable[[], int]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("assets")
    for scene in SCENES:
        root = assets.build(scene, parent)
    return root


@pytest.fixture
def client() -> Iterator[Client]:
    """Opens physics servers and closes them after the test."""
    opened: list[int] = []

    def connect() -> int:
        opened.append(pybullet.connect(pybullet.DIRECT))
        return opened[-1]

    yield connect
    for server in opened:
        pybullet.disconnect(server)


@pytest.fixture(scope="module")
def official() -> Path:
    return data("calvin_env")


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_loads_with_calvins_links(folder: Path, client: Client, scene: str) -> None:
    server = client()
    table = probe.load_table(server, folder, scene)
    joints = [probe.joint(server, table, index) for index in range(len(TABLE_LINKS))]
    assert [joint.link for joint in joints] == [f"{name}_link" for name in TABLE_LINKS]
    assert [joint.name for joint in joints] == [f"base__{name}" for name in TABLE_LINKS]
    kinds = [pybullet.JOINT_PRISMATIC] * 4 + [pybullet.JOINT_FIXED] * 3
    assert [joint.kind for joint in joints] == kinds
    # Travel after CALVIN's global scaling of 0.8 (conf/scene/calvin_scene_X.yaml).
    slide = {"A": 0.28, "B": 0.304, "C": 0.24, "D": 0.28}[scene]
    assert [joint.upper for joint in joints[:4]] == pytest.approx([0.02, 0.088, slide, 0.22])


def test_the_robot_has_fingers_camera_and_tcp_where_calvin_looks_for_them(
    folder: Path, client: Client
) -> None:
    server = client()
    robot = probe.load_robot(server, folder)
    links = {index: probe.joint(server, robot, index).link for index in range(16)}
    assert (links[9], links[11]) == ("panda_leftfinger", "panda_rightfinger")
    assert (links[14], links[15]) == ("gripper_cam", "tcp")
    for index, angle in enumerate(REST):
        pybullet.resetJointState(robot, index, angle, physicsClientId=server)
    tcp = pybullet.getLinkState(robot, 15, physicsClientId=server)[0]
    np.testing.assert_allclose(tcp, REST_TCP, atol=1e-4)


@pytest.mark.golden
@pytest.mark.parametrize("scene", SCENES)
def test_table_joints_equal_the_official_ones(
    folder: Path, official: Path, client: Client, scene: str
) -> None:
    servers = [client(), client()]
    tables = [
        probe.load_table(server, root, scene)
        for server, root in zip(servers, (official, folder), strict=True)
    ]
    for index in range(-1, len(TABLE_LINKS)):
        theirs, ours = (
            probe.link_facts(server, table, index)
            for server, table in zip(servers, tables, strict=True)
        )
        assert ours.words == theirs.words
        np.testing.assert_allclose(ours.numbers, theirs.numbers, atol=2e-5)


@pytest.mark.golden
def test_the_robots_joints_masses_and_friction_equal_the_official_ones(
    folder: Path, official: Path, client: Client, tmp_path: Path
) -> None:
    urdf = probe.robot_without_missing_meshes(official, tmp_path)
    servers = [client(), client()]
    theirs = probe.load(servers[0], urdf, fixed=True)
    ours = probe.load(servers[1], folder / probe.ROBOT, fixed=True)
    assert pybullet.getNumJoints(theirs, servers[0]) == pybullet.getNumJoints(ours, servers[1])
    for index in range(-1, 16):
        facts = [
            probe.link_facts(server, robot, index)
            for server, robot in zip(servers, (theirs, ours), strict=True)
        ]
        assert facts[1].words == facts[0].words
        np.testing.assert_allclose(facts[1].numbers, facts[0].numbers, atol=1e-6)
        if index not in probe.TIPS:
            # Bullet computes them from the collision shapes, so these are compared too.
            np.testing.assert_allclose(facts[1].inertia, facts[0].inertia, rtol=0.01, atol=1e-9)


@pytest.mark.golden
def test_forward_kinematics_equal_the_official_ones(
    folder: Path, official: Path, client: Client, tmp_path: Path
) -> None:
    urdf = probe.robot_without_missing_meshes(official, tmp_path)
    poses = []
    angles = np.random.default_rng(3).uniform(-2, 2, (5, 12))
    for path in (urdf, folder / probe.ROBOT):
        server = client()
        robot = probe.load(server, path, fixed=True)
        poses.append([probe.link_poses(server, robot, row) for row in angles])
    np.testing.assert_allclose(poses[1], poses[0], atol=1e-6)


@pytest.mark.golden
@pytest.mark.parametrize("scene", SCENES)
def test_collision_shapes_equal_the_official_ones(
    folder: Path, official: Path, client: Client, scene: str
) -> None:
    """Rays from ten directions at each link go equally far to 5 mm; bounding boxes agree as well.

    Edges may differ by 1.5 mm across a ray's direction.
    """
    joints = (0.005, 0.03, 0.12, 0.15)
    hits, boxes = [], []
    rays = None
    for root in (official, folder):
        server = client()
        table = probe.load_table(server, root, scene, joints)
        boxes.append([probe.bounds(server, table, link) for link in range(-1, 7)])
        rays = rays or [probe.rays(box) for box in boxes[0]]
        hits.append([probe.cast(server, grid) for grid in rays])
    np.testing.assert_allclose(boxes[1], boxes[0], atol=0.005)
    for link in range(-1, 7):
        theirs, ours = hits[0][link + 1], hits[1][link + 1]
        struck = (theirs.link == link) | (ours.link == link)
        near = ours.near(theirs, 0.005)[struck]
        assert struck.sum() > 30
        assert near.mean() >= 0.98, f"link {link}: {near.mean():.3f} of {struck.sum()} rays"


PLACES = {
    "table": (0.05, -0.09, 0.47),
    "shelf": (-0.01, 0.09, 0.47),
    "drawer": (0.14, -0.25, 0.39),
    "ledge": (0.0, 0.16, 0.69),
}
HEIGHTS = {"table": 0.46, "shelf": 0.461, "drawer": 0.36235}


@pytest.mark.parametrize("place", sorted(HEIGHTS))
def test_blocks_rest_at_calvins_heights(folder: Path, client: Client, place: str) -> None:
    height = probe.resting_height(client(), folder, "D", PLACES[place])
    assert height == pytest.approx(HEIGHTS[place], abs=0.001)


@pytest.mark.golden
@pytest.mark.parametrize("scene", ["A", "B"])
def test_blocks_rest_where_the_official_tables_hold_them(
    folder: Path, official: Path, client: Client, scene: str
) -> None:
    for position in PLACES.values():
        theirs, ours = (
            probe.resting_height(client(), root, scene, position) for root in (official, folder)
        )
        assert ours == pytest.approx(theirs, abs=0.001)


def test_a_scene_is_light(folder: Path) -> None:
    def triangles(pattern: str) -> int:
        files = [path for path in folder.glob(pattern) if path.stem not in probe.HULL_FILES]
        assert files
        return sum(len(trimesh.load(f, force="mesh", process=False).faces) for f in files)

    arm = triangles("franka_panda/meshes/visual/*.obj")
    table = triangles("calvin_table_D/meshes/*.obj")
    assert arm <= 6500
    assert arm + table <= 10_000


def test_meshes_face_outwards_and_stay_on_their_texture(folder: Path) -> None:
    files = sorted(folder.glob("calvin_table_*/meshes/*_link.obj"))
    files += sorted(folder.glob("franka_panda/meshes/visual/*.obj"))
    for path in files:
        mesh = trimesh.load(path, force="mesh", process=False)
        corners = mesh.triangles
        area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        stated = np.asarray(mesh.vertex_normals)[mesh.faces].mean(axis=1)
        agree = (area * stated).sum(axis=1) > 0
        # Clustering may fold a few slivers of the arm's meshes; boards and bars have none.
        assert agree.mean() > 0.94 if "panda" in str(path) else agree.all(), path.name
        uv = getattr(mesh.visual, "uv", None)
        assert uv is None or (uv.min() >= 0 and uv.max() <= 1), path.name


def test_every_file_a_urdf_names_is_inside_the_folder(folder: Path) -> None:
    for urdf in folder.rglob("*.urdf"):
        for mesh in ET.parse(urdf).getroot().iter("mesh"):
            path = (urdf.parent / mesh.get("filename", "")).resolve()
            assert path.is_file()
            assert folder.resolve() in path.parents


def test_scenes_differ_in_wood(folder: Path) -> None:
    pictures = {
        scene: (folder / f"calvin_table_{scene}/textures/body.png").read_bytes() for scene in SCENES
    }
    assert len(set(pictures.values())) == len(SCENES)


def test_the_same_bytes_every_time(folder: Path, tmp_path: Path) -> None:
    again = assets.build("C", tmp_path)
    files = sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert len(files) > 50
    for name in files:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_two_processes_may_build_at_once(folder: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=assets.build, args=("A", tmp_path)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    (built,) = tmp_path.iterdir()
    parts = {path.name for path in built.iterdir()}
    assert parts == {"blocks", "calvin_table_A", "franka_panda", "plane"}
    for part in parts:
        assert _names(built / part) == _names(folder / part)


def _names(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*")}


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.mkdir()
        (path / "half").write_text("")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cache.once(tmp_path / "part", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    parent = cache.default_parent()
    assert parent.parent == tmp_path
    assert os.access(parent, os.W_OK)


def test_an_unknown_scene_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'E': one of A, B, C, D"):
        assets.build("E")
