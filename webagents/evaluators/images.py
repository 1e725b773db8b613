"""page_image_query: whether a page shows an image like another."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from longhaul.webagents.errors import TaskError

Picture = NDArray[np.uint8]
"""(H, W, 3) RGB."""

MAX_PIXELS = 40_000_000
"""The most pixels of an image that is decoded, since a small file can claim any size. Chosen
here."""


def read_picture(data: bytes) -> Picture:
    """Return an image file's pixels. Raises TaskError for a file that is no image or too large."""
    try:
        image = Image.open(io.BytesIO(data))
        if image.width * image.height > MAX_PIXELS:
            raise TaskError(f"an image of {image.width} x {image.height} pixels is too large")
        return np.asarray(image.convert("RGB"))
    except (OSError, Image.DecompressionBombError) as error:
        raise TaskError(f"no image: {error}") from None


def similarity(first: Picture, second: Picture) -> float:
    """Return the structural similarity (up to 1) of two images, in gray, at the larger's size."""
    from skimage.metrics import structural_similarity

    size = max(first.shape[:2], second.shape[:2], key=lambda shape: shape[0] * shape[1])
    images = (Image.fromarray(picture).convert("L") for picture in (first, second))
    gray = [np.asarray(image.resize((size[1], size[0]))) for image in images]
    return float(structural_similarity(*gray))
