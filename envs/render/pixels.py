"""What the GPU gives of one view, before it becomes a Frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.view import BACKGROUND_ID, Frame


@dataclass(frozen=True, eq=False)
class Pixels:
    """Arrays (H, W), row 0 at the top.

    `rgba` holds the bytes of red, green, blue and alpha in one uint32; alpha is the instance's
    tag (see Scene), 0 in the background. `depth` is float32, meters, and `labels` int32, ids + 1;
    both are 0 in the background. `z` is the z-buffer, 0 near and 1 far, float32. What was not
    asked for is None.
    """

    rgba: NDArray[np.uint32]
    depth: NDArray[np.float32] | None
    labels: NDArray[np.int32] | None
    z: NDArray[np.float32] | None

    def tags(self) -> NDArray[np.uint8]:
        """Return the alpha channel (H, W)."""
        return _channels(self.rgba)[..., 3]

    def frame(self, far: float, zero: bool) -> Frame:
        """Return the picture; its background is as far as `far` (m), or 0 with `zero`.

        With `zero` ids are one more than placed, and the background's is 0.
        """
        depth, ids = self.depth, self.labels
        if depth is not None and not zero:
            depth = np.where(depth > 0, depth, np.float32(far))
        if ids is not None and not zero:
            ids = ids + np.int32(BACKGROUND_ID)
        return Frame(_without_alpha(self.rgba), depth, ids)


def _channels(rgba: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return rgba.view(np.uint8).reshape(*rgba.shape, 4)


def _without_alpha(rgba: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return a copy (H, W, 3); channel by channel it takes a sixth of a plain copy's time."""
    channels = _channels(rgba)
    rgb = np.empty((*rgba.shape, 3), np.uint8)
    for channel in range(3):
        rgb[..., channel] = channels[..., channel]
    return rgb
