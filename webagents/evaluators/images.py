"""Pictures for page_image_query: how a file is read, and how alike two pictures are."""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from longhaul.webagents.errors import TaskError

Picture = NDArray[np.uint8]
"""(H, W, 3) RGB."""

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "ICO", "TIFF")
"""The kinds of files that are read: pictures of pixels only, as some kinds that PIL knows (EPS)
start another program."""

MAX_PIXELS = 40_000_000
"""The most pixels of an image that is decoded or compared, since a small file can claim any size.
Chosen here."""

MIN_SIDE = 7
"""The side in pixels of the window of the structural similarity (scikit-image's default)."""


def read_picture(data: bytes) -> Picture:
    """Return an image file's pixels, on white where they are transparent. Raises TaskError for a
    file that is no image or too large."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise TaskError(f"an image of {image.width} x {image.height} pixels is too large")
        return np.asarray(_opaque(image))
    except (
        *(OSError, ValueError, SyntaxError, RuntimeError, EOFError, struct.error),
        Image.DecompressionBombError,
    ) as error:
        raise TaskError(f"no image: {error}") from None


def similarity(first: Picture, second: Picture) -> float | None:
    """Return the structural similarity (up to 1) of two images, in gray, both enlarged to the
    greater width and the greater height, as published. None if they cannot be compared: the result
    would be smaller than MIN_SIDE or larger than MAX_PIXELS."""
    from skimage.metrics import structural_similarity

    height, width = np.maximum(first.shape[:2], second.shape[:2]).tolist()
    if min(height, width) < MIN_SIDE or height * width > MAX_PIXELS:
        return None
    sized = (
        Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS)
        for image in (first, second)
    )
    gray = [np.asarray(image.convert("L")) for image in sized]
    return float(structural_similarity(*gray))


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
