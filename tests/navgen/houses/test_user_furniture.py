"""A user's own models: read, scaled, grounded, painted as they were, or refused in one line."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image
from trimesh.visual.material import PBRMaterial

from longhaul.navgen.houses import gallery, user_furniture
from longhaul.navgen.houses.check import check_house
from longhaul.navgen.houses.furniture import CATALOG
from longhaul.navgen.houses.house import Placed
from longhaul.navgen.houses.instances import instances
from longhaul.navgen.houses.make import make_house
from longhaul.navgen.houses.user_furniture import category_of, read_furniture, read_user_furniture
from tests.navgen.houses.made import small_house

RED, BLUE = (200, 30, 40), (20, 40, 210)


def block(size: tuple, at: tuple, color: tuple) -> trimesh.Trimesh:
    """Return a box of a size that stands on a point, in a material of one color."""
    shape = trimesh.creation.box(size)
    shape.apply_translation(np.add(at, (0.0, size[1] / 2, 0.0)))
    material = PBRMaterial(baseColorFactor=[*color, 255])
    uv = np.zeros((len(shape.vertices), 2))
    shape.visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
    return shape


def table(path: Path, scale: float = 1.0) -> Path:
    """Write a red board on a blue foot, away from the origin, 1.2 x 0.75 x 0.8 m."""
    foot, board = (
        block((0.1, 0.7, 0.1), (5, 2, 1), BLUE),
        block((1.2, 0.05, 0.8), (5, 2.7, 1), RED),
    )
    scene = trimesh.Scene([foot, board])
    scene.apply_scale(scale)
    path.write_bytes(scene.export(file_type="glb"))
    return path


def test_categories_come_from_file_names() -> None:
    names = ["office_chair.glb", "Office-Chair 02.glb", "sofa3.glb", "42.glb"]
    assert [category_of(Path(name)) for name in names] == [
        "office chair", "office chair", "sofa", "42",
    ]  # fmt: skip


def test_a_known_category_belongs_where_ours_belongs(tmp_path: Path) -> None:
    item = read_furniture(table(tmp_path / "dining_table_2.glb"))
    assert (item.category, item.mount, item.portable) == ("dining table", "floor", False)
    model = item.build(np.random.default_rng(0))
    low, high = model.bounds()
    assert low == pytest.approx([-0.6, 0.0, -0.4], abs=1e-6)
    assert high == pytest.approx([0.6, 0.75, 0.4], abs=1e-6)
    (support,) = model.supports
    assert support.y == pytest.approx(0.75, abs=1e-3)
    assert support.x == pytest.approx((-0.48, 0.48)) and support.z == pytest.approx((-0.32, 0.32))


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_sizes_that_cannot_be_meters_become_ours(tmp_path: Path, scale: float) -> None:
    item = read_furniture(table(tmp_path / "dining table.glb", scale))
    low, high = item.build(np.random.default_rng(0)).bounds()
    bottom, top = CATALOG["dining table"].build(np.random.default_rng(0)).bounds()
    assert (high - low).max() == pytest.approx((top - bottom).max())
    assert low[1] == 0.0


def test_an_unknown_category_is_carried_if_small(tmp_path: Path) -> None:
    large = read_furniture(table(tmp_path / "altar.glb"))
    small = read_furniture(table(tmp_path / "doll table.glb", 0.1))
    assert (large.mount, large.portable) == ("floor", False)
    assert (small.mount, small.portable) == ("surface", True)


def test_colors_stay_where_they_were(tmp_path: Path) -> None:
    """Also a picture's upper and lower half, beside a material of one color."""
    shape = trimesh.creation.box((1.0, 1.0, 1.0))
    shape.unmerge_vertices()
    halves = np.repeat([[RED], [BLUE]], 64, axis=0).repeat(128, axis=1).astype(np.uint8)
    material = PBRMaterial(baseColorTexture=Image.fromarray(halves))
    uv = shape.vertices[:, [0, 1]] * 0.9 + 0.5
    shape.visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
    scene = trimesh.Scene([shape, block((0.4, 0.4, 0.4), (0, 0.5, 0), (10, 220, 10))])
    (tmp_path / "monolith.glb").write_bytes(scene.export(file_type="glb"))
    item = read_furniture(tmp_path / "monolith.glb")
    (solid,) = item.build(np.random.default_rng(0)).solids
    height, width = item.texture.shape[:2]
    middles = solid.uvs[solid.faces].mean(axis=1)
    columns = (middles[:, 0] * width).astype(int)
    rows = ((1.0 - middles[:, 1]) * height).astype(int)
    found = item.texture[rows, columns].astype(int)
    tops = solid.positions[solid.faces][:, :, 1]
    assert max(item.texture.shape) <= 512
    assert np.abs(found[tops.min(axis=1) > 1.001] - (10, 220, 10)).max() <= 3
    upper = np.isclose(tops, 1.0).all(axis=1) & (solid.normals[solid.faces][:, :, 1] > 0.9).all(
        axis=1
    )
    assert np.abs(found[upper] - RED).max() <= 3
    bottom = np.isclose(tops.max(axis=1), 0.0)
    assert np.abs(found[bottom] - BLUE).max() <= 3


def test_own_furniture_stands_in_a_house_in_its_own_colors(tmp_path: Path) -> None:
    item = read_furniture(table(tmp_path / "altar.glb"))
    house = small_house()
    model = item.build(np.random.default_rng(0))
    placed = Placed(item, model, 1, (7.0, 0.0, 4.0), 0.0)
    found, pictures = instances(replace(house, objects=(*house.objects, placed)))
    last = found[-1]
    assert last.node.endswith("_altar") and last.piece.picture == "altar.glb"
    assert np.array_equal(pictures["altar.glb"], item.texture)
    assert last.piece.mesh.positions.min(axis=0) == pytest.approx([6.4, 0.0, 3.6], abs=1e-5)


def test_a_folder_gives_its_files_by_name(tmp_path: Path) -> None:
    for name in ("stool.glb", "altar.glb"):
        table(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not a model")
    assert [item.category for item in read_user_furniture(tmp_path)] == ["altar", "stool"]


@pytest.mark.parametrize(
    "content", [b"", b"glTF", b"no model at all", b"glTF\2\0\0\0" + b"\xff" * 40]
)
def test_what_is_no_glb_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "chair.glb").write_bytes(content)
    with pytest.raises(
        ValueError, match=r"own furniture .*chair\.glb: can't be read as GLB"
    ) as caught:
        read_user_furniture(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_file_that_names_another_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(np.eye(3, dtype="<f4").tobytes())
    text = (
        b'{"asset":{"version":"2.0"},"buffers":[{"uri":"secret.bin","byteLength":36}],'
        b'"bufferViews":[{"buffer":0,"byteLength":36}],"accessors":[{"bufferView":0,'
        b'"componentType":5126,"count":3,"type":"VEC3"}],"meshes":[{"primitives":[{"attributes":'
        b'{"POSITION":0}}]}],"nodes":[{"mesh":0}],"scenes":[{"nodes":[0]}],"scene":0}'
    )
    text += b" " * (-len(text) % 4)
    size = np.array([2, 20 + len(text), len(text)], "<u4").tobytes()
    (tmp_path / "chair.glb").write_bytes(b"glTF" + size + b"JSON" + text)
    with pytest.raises(ValueError, match="can't be read as GLB"):
        read_furniture(tmp_path / "chair.glb")


def test_absurd_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"altar\.glb: 120 m large, which has to be between"):
        read_furniture(table(tmp_path / "altar.glb", 100.0))
    with pytest.raises(ValueError, match=r"sofa\.glb: 12000 m large, ours is"):
        read_furniture(table(tmp_path / "sofa.glb", 10000.0))
    monkeypatch.setattr(user_furniture, "MAX_TRIANGLES", 20)
    with pytest.raises(ValueError, match=r"stool\.glb: 24 triangles; it needs 1 to 20"):
        read_furniture(table(tmp_path / "stool.glb"))


def test_a_file_without_triangles_is_refused(tmp_path: Path) -> None:
    line = trimesh.load_path([[[0, 0, 0], [1, 0, 0]]])
    (tmp_path / "rope.glb").write_bytes(trimesh.Scene([line]).export(file_type="glb"))
    with pytest.raises(ValueError, match=r"rope\.glb: 0 triangles"):
        read_furniture(tmp_path / "rope.glb")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"own furniture .*: no such folder, or no \.glb"):
        read_user_furniture(tmp_path / "missing")


def test_the_gallery_shows_own_furniture_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    table(tmp_path / "own" / "altar.glb")
    out = tmp_path / "gallery.png"
    monkeypatch.setattr("sys.argv", ["gallery", str(out), "--own", str(tmp_path / "own")])
    gallery.main()
    with Image.open(out) as image:
        sheet = np.asarray(image)
    rows = -(-(len(CATALOG) + 1) // gallery.TILE_COLUMNS)
    assert sheet.shape[0] == rows * (gallery.TILE_PX + gallery.LABEL_PX)
    column = len(CATALOG) % gallery.TILE_COLUMNS
    tile = sheet[-gallery.TILE_PX - gallery.LABEL_PX :, column * gallery.TILE_PX :][
        :, : gallery.TILE_PX
    ]
    assert (np.abs(tile.astype(int) - RED).max(axis=2) < 8).mean() > 0.05


def test_the_gallery_says_what_is_wrong_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sofa.glb").write_bytes(b"junk")
    for given in ([str(tmp_path / "no" / "x.png")], ["x.png", "--own", str(tmp_path)]):
        assert gallery.main(given) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ") and str(tmp_path) in line


def test_own_furniture_is_mixed_into_houses(tmp_path: Path) -> None:
    for name in ("sofa.glb", "stone altar.glb", "amulet.glb"):
        table(tmp_path / name, scale=0.1 if name == "amulet.glb" else 1.0)
    own = read_user_furniture(tmp_path)
    houses = [make_house(seed, furniture=own) for seed in range(6)]
    placed = [thing.furniture for house in houses for thing in house.objects]
    assert {"stone altar", "amulet"} <= {item.category for item in placed}
    sofas = {item in own for item in placed if item.category == "sofa"}
    assert sofas == {True, False}
    again = make_house(3, furniture=own)
    assert [t.position for t in again.objects] == [t.position for t in houses[3].objects]
    for house in houses:
        check_house(house)
