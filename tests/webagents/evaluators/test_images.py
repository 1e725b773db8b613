"""Pictures that are compared, by scikit-image's structural similarity."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.images import MAX_PIXELS, read_picture, similarity

NOISE = np.random.default_rng(0).integers(0, 255, (30, 40, 3)).astype(np.uint8)


def png(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_read_as_rgb() -> None:
    assert np.array_equal(read_picture(png(NOISE)), NOISE)
    gray = np.full((4, 5), 7, np.uint8)
    assert np.array_equal(read_picture(png(gray)), np.full((4, 5, 3), 7))


@pytest.mark.parametrize("data", [b"", b"<html>", png(NOISE)[:60]])
def test_what_is_no_picture_is_said(data: bytes) -> None:
    with pytest.raises(TaskError, match="no image"):
        read_picture(data)


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    out = io.BytesIO()
    Image.new("1", (MAX_PIXELS // 1000, 1001)).save(out, "PNG")
    with pytest.raises(TaskError, match=f"{MAX_PIXELS // 1000} x 1001 pixels is too large"):
        read_picture(out.getvalue())
    out = io.BytesIO()
    Image.new("1", (MAX_PIXELS // 1000, 1000)).save(out, "PNG")
    assert read_picture(out.getvalue()).shape == (1000, MAX_PIXELS // 1000, 3)


def test_alike_is_one_and_noise_is_not() -> None:
    assert similarity(NOISE, NOISE) == pytest.approx(1)
    assert similarity(NOISE, NOISE[::-1].copy()) < 0.3


def test_the_smaller_picture_takes_the_size_of_the_larger() -> None:
    small = np.asarray(Image.fromarray(NOISE).resize((12, 20)))
    gray = [np.asarray(Image.fromarray(p).convert("L").resize((40, 30))) for p in (NOISE, small)]
    expected = structural_similarity(*gray)
    assert similarity(NOISE, small) == pytest.approx(expected)
    assert similarity(small, NOISE) == pytest.approx(expected)
