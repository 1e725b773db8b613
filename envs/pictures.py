"""Pictures of several cameras as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.specs import TRANSPOSED, CameraSpec

Picture = NDArray[np.uint8]


def upright(picture: Picture, camera: CameraSpec) -> Picture:
    """Return a camera's picture (H, W, 3) as people look at it: a TRANSPOSED one is turned."""
    return picture.swapaxes(0, 1) if camera.orientation == TRANSPOSED else picture


def side_by_side(pictures: Sequence[Picture], height: int | None = None) -> Picture:
    """Return pictures (H, W, 3) in one row, each scaled to `height` pixels; None: the highest's.

    The result is a new array.
    """
    height = height or max(picture.shape[0] for picture in pictures)
    return np.concatenate([_scaled(picture, height) for picture in pictures], axis=1)


def _scaled(picture: Picture, height: int) -> Picture:
    if picture.shape[0] == height:
        return picture
    from PIL import Image

    width = round(picture.shape[1] * height / picture.shape[0])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))
