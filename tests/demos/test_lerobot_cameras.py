"""The cameras of somebody else's LeRobot dataset: picture files in its tables, axes in any order,
depth in meters, and what is neither colors nor depth of a declared unit is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from longhaul.demos.cache import build_cache
from longhaul.demos.source import DatasetError
from tests.demos import others
from tests.demos.others import DATA, HEIGHT, KEY, VIDEO, WIDTH, numbers, opened, packed, picture

EXPECTED = [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15, 16, 17]]
RANGE = {
    "is_depth_map": True,
    "video.depth_min": 0.01,
    "video.depth_max": 10.0,
    "video.shift": 3.5,
    "video.use_log": True,
}
ONE = {"shape": [HEIGHT, WIDTH, 1]}


def as_path(number: int) -> dict[str, Any]:
    return {"bytes": None, "path": f"images/{number}.png"}


STORED: dict[str, Callable[[int], Any]] = {
    "a struct": others.struct,
    "bytes": lambda number: packed(picture(number)),
    "a palette": lambda number: others.packed_palette(picture(number)),
    "a JPEG": lambda number: packed(picture(number), "JPEG"),
    "a path in a struct": as_path,
    "a path": lambda number: f"images/{number}.png",
}


@pytest.mark.parametrize("how", STORED)
def test_pictures_in_the_table_are_read(tmp_path: Path, how: str) -> None:
    others.write(tmp_path, "image", stored=STORED[how])
    (tmp_path / "images").mkdir()
    for number in range(18):
        (tmp_path / f"images/{number}.png").write_bytes(packed(picture(number)))
    assert [numbers(tmp_path, index) for index in range(3)] == EXPECTED
    first = next(iter(opened(tmp_path).frames(1, "front")))
    assert (first.shape, first.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)


PICTURES: dict[str, tuple[Callable[[int], Any], str]] = {
    "gray": (lambda n: packed(picture(n)[:, :, 0]), f"{DATA}: a picture of {KEY} is of PIL's mode"),
    "of 16 bits": (
        lambda n: packed(picture(n)[:, :, 0].astype(np.uint16)),
        "is of PIL's mode I;16; colors are RGB, RGBA, P",
    ),
    "of another size": (
        lambda n: packed(picture(n)[1:]),
        rf"{DATA}: pictures of {KEY} are \(31, 48\) pixels high and wide, info.json says \(32, 48",
    ),
    "cut off": (lambda n: packed(picture(n))[:60], f"{DATA}: a picture of {KEY} is broken"),
    "a text": (lambda n: b"<svg/>", f"{DATA}: a picture of {KEY} is broken"),
    "nothing": (lambda n: {"bytes": None, "path": None}, "neither bytes nor a path"),
    "elsewhere": (lambda n: "../0.png", "'../0.png' does not lie in the dataset's folder"),
    "anywhere": (lambda n: "/etc/hostname", "'/etc/hostname' does not lie in the dataset's folder"),
    "missing": (as_path, r"images/0.png: this picture is missing"),
    "a number": (lambda n: n, "neither bytes nor a path"),
}


@pytest.mark.parametrize("how", PICTURES)
def test_a_picture_that_is_none_is_named(tmp_path: Path, how: str) -> None:
    stored, told = PICTURES[how]
    others.write(tmp_path, "image", stored=stored)
    with pytest.raises(DatasetError, match=told) as error:
        numbers(tmp_path, 0)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ([3, HEIGHT, WIDTH], ["channels", "height", "width"]),
        ([3, HEIGHT, WIDTH], ["channel", "height", "width"]),
        ([3, HEIGHT, WIDTH], {"axes": ["c", "h", "w"]}),
        ([3, HEIGHT, WIDTH], None),
        ([HEIGHT, WIDTH, 3], ["height", "width", "channels"]),
        ([HEIGHT, WIDTH, 3], ["height", "width", "channel"]),
        ([HEIGHT, WIDTH, 3], None),
        ([WIDTH, HEIGHT, 3], ["width", "height", "channels"]),
    ],
)
def test_names_tell_axes_apart(written: Path, tmp_path: Path, shape: list[int], names: Any) -> None:
    folder = copied(written, tmp_path, {"shape": shape, "names": names})
    spec = opened(folder).spec.observation.cameras[0]
    assert (spec.height, spec.width, spec.kind) == (HEIGHT, WIDTH, "rgb")
    assert numbers(folder, 1) == EXPECTED[1]


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        ({"names": ["channels", "height", "width"]}, "is 48 high, 3 wide and has 32 channels"),
        ({"shape": [3, 48, 3], "names": None}, r"of shape \(3, 48, 3\) does not say which axis is"),
        ({"shape": [32, 48]}, r"of shape \(32, 48\) is no picture"),
        ({"shape": [32, 48, "3"]}, r"has shape "),
        (ONE, "has 1 channels by its shape and names; a picture has 3, and a depth"),
        ({"shape": [HEIGHT, WIDTH, 4]}, "has 4 channels"),
        ({"dtype": "float32"}, "is of dtype 'float32'; a camera is of video or image"),
        ({"info": {"is_depth_map": True}}, "a depth map whose values mean nothing without video."),
        ({"video_info": {"video.is_depth_map": True}}, "a depth map whose values mean nothing"),
        ({"info": {"video.is_depth_map": True, "depth_unit": "mm"}}, "whose values mean nothing"),
        ({"info": {**RANGE, "video.depth_max": None}}, "a depth map whose values mean nothing"),
        ({"info": {**RANGE, "video.depth_max": 0.01}}, "depth from 0.01 to 0.01 m.* is no range"),
        ({"info": {**RANGE, "video.shift": -1}}, "shifted by -1 m, is no range"),
        ({"dtype": "image", "info": {"is_depth_map": True}}, "of depth_unit 'None'; say in its"),
        ({"dtype": "image", "info": {"is_depth_map": True, "depth_unit": "km"}}, "m or mm"),
    ],
)
def test_what_is_no_camera_is_refused(
    written: Path, tmp_path: Path, feature: dict[str, Any], told: str
) -> None:
    folder = copied(written, tmp_path, feature)
    with pytest.raises(DatasetError, match=rf"meta/info.json: feature {KEY}.*({told})") as error:
        opened(folder)
    assert "\n" not in str(error.value)


def test_a_video_of_another_size_is_named(written: Path, tmp_path: Path) -> None:
    folder = copied(written, tmp_path, {"shape": [WIDTH, HEIGHT, 3]})
    with pytest.raises(DatasetError, match=rf"{VIDEO}: pictures of {KEY} are \(32, 48\) pixels"):
        numbers(folder, 0)


def codes(number: int) -> NDArray[np.uint16]:
    """Return the values of frame `number` of a depth video: 12 bits."""
    return np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH) + 100 * number


@pytest.mark.parametrize("logarithmic", [True, False])
def test_a_depth_video_is_depth_in_meters(written: Path, tmp_path: Path, logarithmic: bool) -> None:
    info = {**RANGE, "video.use_log": logarithmic, "depth_unit": "mm"}
    folder = copied(written, tmp_path / "made", {**ONE, "info": info})
    others.film(folder / VIDEO, [codes(n) for n in range(18)], "gray12le")
    source = opened(folder)
    assert source.spec.observation.cameras[0].kind == "depth" and not source.spec.pictures
    found = list(source.frames(1, "front"))
    assert len(found) == 5 and found[0].dtype == np.float16
    share = codes(6) / 4095
    linear = 0.01 + share * 9.99
    # The logarithm is that of BEHAVIOR-1K and lerobot 0.6.
    expected = 3.51 * (13.5 / 3.51) ** share - 3.5 if logarithmic else linear
    np.testing.assert_allclose(found[0], expected, rtol=1e-3, atol=1e-5)
    cache = build_cache(source, {"front": None}, tmp_path / "cache")
    np.testing.assert_array_equal(cache.pictures["front"][6], found[0])


def test_a_gray_video_is_no_picture(written: Path, tmp_path: Path) -> None:
    """A depth video whose marks were lost would show as gray colors."""
    folder = copied(written, tmp_path, {})
    others.film(folder / VIDEO, [codes(n) for n in range(18)], "gray12le")
    with pytest.raises(DatasetError, match=rf"{VIDEO}: gray12le is one channel, no RGB"):
        numbers(folder, 0)


@pytest.mark.parametrize(
    ("unit", "kind", "stored"),
    [("mm", "PNG", np.uint16), ("mm", "TIFF", np.uint16), ("m", "TIFF", np.float32)],
)
def test_depth_pictures_in_the_table_have_a_unit(
    tmp_path: Path, unit: str, kind: str, stored: type
) -> None:
    def cell(number: int) -> bytes:
        return packed((codes(number) / (1 if unit == "mm" else 1000)).astype(stored), kind)

    info = {"is_depth_map": True, "depth_unit": unit}
    others.write(tmp_path, "image", {**ONE, "info": info}, cell)
    found = list(opened(tmp_path).frames(2, "front"))
    assert len(found) == 7
    np.testing.assert_array_equal(found[1], (codes(12) / 1000).astype(np.float16))


def test_a_picture_of_8_bits_is_no_depth(tmp_path: Path) -> None:
    info = {"is_depth_map": True, "depth_unit": "mm"}
    others.write(tmp_path, "image", {**ONE, "info": info})
    with pytest.raises(DatasetError, match=r"is of PIL's mode RGB; depth are I;16"):
        list(opened(tmp_path).frames(0, "front"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("others") / "made"
    others.write(folder)
    return folder


def copied(written: Path, to: Path, feature: dict[str, Any]) -> Path:
    """Return a copy of the dataset in which the camera's entry of info.json is another one."""
    folder = Path(shutil.copytree(written, to / "made"))
    others.change_camera(folder, feature)
    return folder
