"""RapidOCR reads known texts, with the models that its package brings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from longhaul.webagents.tutorials.draw import compose
from longhaul.webagents.video.frames import sample
from longhaul.webagents.video.ocr import Reader
from tests.webagents.video.made import make_video


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def page(text: str) -> np.ndarray:
    """Return a page (180 x 640) with a text, and a caption below."""
    image = Image.new("RGB", (640, 180), "white")
    ImageDraw.Draw(image).text((30, 60), text, "black", ImageFont.load_default(22))
    return compose(np.asarray(image), "Put it on the wish list", (600.0, 20.0), None, False)


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
    (tmp_path / "orders.screen.json").write_text("[broken")
    with pytest.raises(TypeError):
        reader.read_reel(reel, video)
