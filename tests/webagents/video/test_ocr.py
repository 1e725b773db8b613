"""RapidOCR reads known texts, with the models that its package brings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from longhaul.webagents.tutorials.draw import compose
from longhaul.webagents.video.frames import sample
from longhaul.webagents.video.ocr import Reader
from longhaul.webagents.video.tiles import TILE_SIDE_PX, Corners, bounds, join, tiles
from tests.webagents.video.made import make_video


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def page(text: str) -> np.ndarray:
    """Return a page (180 x 640) with a text, and a caption below."""
    image = Image.new("RGB", (640, 180), "white")
    ImageDraw.Draw(image).text((30, 60), text, "black", ImageFont.load_default(22))
    return compose(np.asarray(image), "Put it on the wish list", (600.0, 20.0), None, False)


LINES = ("Kestrel Teapot, Glass for $34.50", "Order 000000017 is complete", "Meet at 10:45")


def picture(
    size: tuple[int, int], lines: Sequence[tuple[tuple[int, int], int, str]], dark: bool = False
) -> np.ndarray:
    """Return a picture (width, height) with lines: where each begins, its height (px), its text."""
    image = Image.new("RGB", size, "#202124" if dark else "white")
    for place, height, text in lines:
        font = ImageFont.load_default(height)
        ImageDraw.Draw(image).text(place, text, "#e8eaed" if dark else "black", font)
    return np.asarray(image)


@pytest.mark.parametrize(
    ("size", "place", "height"),
    [
        ((1920, 1080), (30, 30), 12),
        ((3840, 2160), (3000, 1900), 12),
        ((1080, 1920), (400, 1000), 12),
        ((1280, 780), (700, 300), 12),
        ((240, 70), (4, 4), 12),
    ],
    ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else str(value),
)
def test_few_small_lines_are_read_on_a_picture_of_any_size(
    reader: Reader, size: tuple[int, int], place: tuple[int, int], height: int
) -> None:
    x, y = place
    lines = [((x, y + 20 * row), height, text) for row, text in enumerate(LINES)]
    assert [line.text for line in reader.read(picture(size, lines))] == list(LINES)


def test_few_small_lines_are_read_in_light_letters(reader: Reader) -> None:
    lines = [((850, 490 + 20 * row), 12, text) for row, text in enumerate(LINES)]
    read = reader.read(picture((1920, 1080), lines, dark=True))
    assert [line.text for line in read] == list(LINES)


def test_a_line_across_two_seams_is_one_line(reader: Reader) -> None:
    long = " ".join(f"item {number} for $3.{number}" for number in range(10, 24))
    (read,) = reader.read(picture((1900, 60), [((20, 20), 16, long)]))
    assert read.text.replace(" ", "") == long.replace(" ", "")
    assert read.box[0] < 24 and read.box[2] > 1600


def test_lines_above_on_and_below_a_seam_are_read_once(reader: Reader) -> None:
    texts = [f"Order {number}" for number in range(100, 142)]
    lines = [((20, 6 + 24 * row), 16, text) for row, text in enumerate(texts)]
    read = reader.read(picture((140, 1020), lines))
    assert [line.text.replace(" ", "") for line in read] == [x.replace(" ", "") for x in texts]


@pytest.mark.parametrize(
    ("size", "height", "y"),
    [((1920, 1080), 300, 390), ((1280, 780), 120, 330), ((640, 360), 120, 9)],
)
def test_a_line_that_is_higher_than_the_overlap_is_read_whole(
    reader: Reader, size: tuple[int, int], height: int, y: int
) -> None:
    lines = [((20, y), height, "Teapot 17"), ((30, size[1] - 60), 14, "small print")]
    read = reader.read(picture(size, lines))
    assert [line.text for line in read] == ["Teapot 17", "small print"]


@given(
    st.tuples(st.integers(1, 1500), st.integers(1, 1500)),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=6),
)
@settings(max_examples=15, deadline=None)
def test_tiles_are_small_and_hold_all_that_is_there(
    size: tuple[int, int], dots: list[tuple[float, float]]
) -> None:
    shown = np.full((*size, 3), 250, np.uint8)
    places = [(round(y * (size[0] - 1)), round(x * (size[1] - 1))) for y, x in dots]
    for y, x in places:
        shown[y, x] = 0
    found = list(tiles(shown))
    for left, top, right, bottom in found:
        assert 0 <= left < right <= size[1] and 0 <= top < bottom <= size[0]
        assert max(right - left, bottom - top) <= TILE_SIDE_PX
        shown[top:bottom, left:right] = 250
    assert (shown == 250).all() and (len(found) > 0 or size == (1, 1) or not places)


def test_boxes_of_two_tiles_on_one_line_become_one() -> None:
    def corners(left: int, top: int, right: int, bottom: int) -> Corners:
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)

    one = [corners(0, 0, 50, 20), corners(60, 0, 104, 20), corners(0, 24, 90, 44)]
    two = [corners(40, 1, 70, 19), corners(96, 1, 180, 21), corners(200, 0, 260, 20)]
    assert [bounds(line) for line in join([one])] == [bounds(x) for x in one]
    assert sorted(bounds(line) for line in join([one, two])) == [
        (0, 0, 180, 21),
        (0, 24, 90, 44),
        (200, 0, 260, 20),
    ]


def test_a_caption_and_a_price_are_read_exactly(reader: Reader) -> None:
    title, caption = reader.read(page("Kestrel Teapot, Glass for $34.50"))
    assert [title.text, caption.text] == [
        "Kestrel Teapot, Glass for $34.50",
        "Put it on the wish list",
    ]
    assert reader.read(np.full((100, 200, 3), 255, np.uint8)) == []


def test_lines_of_a_video_have_times_and_are_kept(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [page("Order 000000017"), page("Order 000000042")]
    video = make_video(tmp_path / "orders.mp4", pages)
    reel = sample(video, 2)
    lines = reader.read_reel(reel, video)
    told = [(line.start, line.text) for line in lines if line.text.startswith("Order")]
    assert told == [(0.5, "Order 000000017"), (1.5, "Order 000000042")]
    monkeypatch.setattr(reader, "_engine", None)
    assert reader.read_reel(reel, video) == lines
    known = (tmp_path / "orders.screen.json").read_text()
    for other in ("[broken", known.replace("tiles", "whole picture")):
        (tmp_path / "orders.screen.json").write_text(other)
        with pytest.raises(TypeError):
            reader.read_reel(reel, video)
