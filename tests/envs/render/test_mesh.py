from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from longhaul.envs.render.mesh import box, join, load_mesh, plane
from tests.envs.render.worlds import DATA

TRIANGLE = "mtllib ../m/t.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\n"


def facing(mesh):
    corners = mesh.positions[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.einsum("fi,fi->f", normals, mesh.normals[mesh.faces[:, 0]])


def test_box_has_its_size_and_looks_outwards():
    mesh = box([1, 2, 3])
    assert np.ptp(mesh.positions, axis=0) == pytest.approx([1, 2, 3])
    assert (np.einsum("vi,vi->v", mesh.normals, mesh.positions) > 0).all()
    assert (facing(mesh) > 0).all()
    assert mesh.is_closed()


def test_open_and_mirrored_meshes_are_not_closed():
    assert not plane([0, 0, 1]).is_closed()
    assert not box([1, 1, 1]).scaled([1, 1, -1]).is_closed()


def without(mesh, faces):
    return replace(mesh, faces=np.delete(mesh.faces, faces, axis=0))


def test_a_missing_face_opens_a_mesh_but_a_slit_or_a_shared_edge_does_not():
    cube = box([1, 1, 1])
    assert not without(cube, [0, 1]).is_closed(), "one side gone"
    assert not without(cube, [0, 1, 2, 3]).is_closed(), "a tube: the two holes must not cancel"
    ball = load_mesh(DATA / "sphere_smooth.obj")
    assert without(ball, [700]).is_closed(), "one of 1792 faces"
    bowl = np.flatnonzero(ball.positions[ball.faces].mean(axis=1)[:, 2] > 0)
    assert not without(ball, bowl).is_closed()
    beside = replace(cube, positions=cube.positions + np.array([1, 1, 0], np.float32))
    assert join([cube, beside]).is_closed(), "four faces meet in one edge"
    apart = replace(cube, positions=cube.positions * 0.5 + 3, faces=cube.faces[:, ::-1])
    assert not join([cube, apart]).is_closed(), "one part is inside out"


def test_scaling_keeps_normals_normal():
    mesh = load_mesh(DATA / "duck.obj").scaled([1.0, 2.0, 0.5])
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1.0, abs=1e-5)
    corners = mesh.positions[mesh.faces].astype(float)
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    agreement = np.einsum("fi,fi->f", flat, mesh.normals[mesh.faces].sum(axis=1))
    assert (agreement > 0).mean() > 0.98


def test_plane_lies_across_its_normal():
    mesh = plane([1, 0, 0], extent=4.0)
    assert np.ptp(mesh.positions, axis=0) == pytest.approx([0, 4, 4], abs=1e-6)
    assert mesh.normals == pytest.approx(np.tile([1, 0, 0], (4, 1)), abs=1e-6)


def test_texture_beside_the_mesh_folder_and_first_one_used(tmp_path):
    for folder in ("o", "m", "i"):
        (tmp_path / folder).mkdir()
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    Image.fromarray(image).save(tmp_path / "i" / "used.png")
    (tmp_path / "m" / "t.mtl").write_text(
        "newmtl unused\nmap_Kd ../i/none.png\nnewmtl used\nKd 1 1 1\nmap_Kd ../i/used.png\n"
    )
    obj = tmp_path / "o" / "t.obj"
    # Bullet looks for images from the mesh's folder, not from the material library's.
    obj.write_text(TRIANGLE + "usemtl used\nf 1/1 2/2 3/3\n")
    mesh = load_mesh(obj)
    assert mesh.texture is not None
    assert (mesh.texture == image).all()
    assert mesh.uvs is not None
    assert len(mesh.faces) == 1


def test_missing_and_empty_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.obj"):
        load_mesh(tmp_path / "nothing.obj")
    (tmp_path / "empty.obj").write_text("v 0 0 0\n")
    with pytest.raises(ValueError, match=r"empty\.obj"):
        load_mesh(tmp_path / "empty.obj")
