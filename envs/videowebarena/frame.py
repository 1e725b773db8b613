"""Fits pictures of viewports of all sizes into one observation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from longhaul.webagents.browser.marks import Box, Mark


def fit(picture: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Return a picture (h, w, 3) in a frame (height, width, 3): at its top left, black around it,
    and made smaller if it is larger."""
    if picture.shape == (height, width, 3):
        return picture
    scale = scale_of(picture, height, width)
    if scale < 1:
        size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        picture = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
    framed = np.zeros((height, width, 3), np.uint8)
    framed[: picture.shape[0], : picture.shape[1]] = picture
    return framed


def fit_marks(marks: Sequence[Mark], scale: float) -> Sequence[Mark]:
    """Return marks with their boxes where `fit` puts them."""
    if scale == 1:
        return marks
    return [Mark(mark.number, _scaled(mark.box, scale)) for mark in marks]


def _scaled(box: Box, factor: float) -> Box:
    left, top, width, height = box
    return factor * left, factor * top, factor * width, factor * height


def scale_of(picture: NDArray[Any], height: int, width: int) -> float:
    """Return the factor by which `fit` makes a picture smaller, 1 at most."""
    return min(1.0, height / picture.shape[0], width / picture.shape[1])
