"""page_image_query: whether a page shows an image like another."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from webagents.errors import TaskError

MOST_PIXELS = 40_000_000
"""Of a larger image nothing is decoded: a small file can claim any size."""


def read_image(data: bytes) -> Image.Image:
    """Return an image file's content. Raises TaskError for one that is none, or too large."""
    try:
        image = Image.open(io.BytesIO(data))
        if image.width * image.height > MOST_PIXELS:
            raise TaskError(f"an image of {image.width} x {image.height} pixels is too large")
        return image.convert("L")
    except (OSError, Image.DecompressionBombError) as error:
        raise TaskError(f"no image: {error}") from None


def similarity(first: Image.Image, second: Image.Image) -> float:
    """Return the structural similarity of two images, in grey and at the larger one's size."""
    from skimage.metrics import structural_similarity

    size = max(first.size, second.size, key=lambda pair: pair[0] * pair[1])
    grey = [np.asarray(image.convert("L").resize(size)) for image in (first, second)]
    return float(structural_similarity(*grey))
