"""One off-screen picture that holds all views of a call, so that one read-back is enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.view import BACKGROUND_ID, Frame, View

MAX_ROWS = 8192

Box = tuple[int, int, int, int]


class Atlas:
    """Render targets for views of given sizes: color, linear depth (m), ids + 1; 0 is background.

    Ids lie in four bytes of a color, since OpenGL leaves open how integers are cleared.
    `boxes` holds (x, y, width, height) of each view. Pictures stand upside down in GL's terms, so
    that rows come back from the top.
    """

    def __init__(self, context: moderngl.Context, sizes: Sequence[tuple[int, int]]) -> None:
        self.sizes = list(sizes)
        self.boxes: list[Box] = []
        left = right = top = 0
        for width, height in sizes:
            if top and top + height > MAX_ROWS:
                left, top = right, 0
            self.boxes.append((left, top, width, height))
            right, top = max(right, left + width), top + height
        size = right, max(y + height for _, y, _, height in self.boxes)
        rgb = context.texture(size, 4)
        depth, ids = context.texture(size, 1, dtype="f4"), context.texture(size, 4)
        z_buffer = context.depth_renderbuffer(size)
        self._rgb = context.framebuffer([rgb], z_buffer)
        self._data = context.framebuffer([depth, ids])
        self._full = context.framebuffer([rgb, depth, ids], z_buffer)
        self._size = size
        self._memory: list[Any] = [rgb, depth, ids, z_buffer, self._rgb, self._data, self._full]

    def begin(self, background: tuple[float, float, float], data: bool) -> moderngl.Framebuffer:
        """Clear what will be drawn and return the framebuffer to draw into."""
        if data:
            self._data.clear()
        self._rgb.clear(*background, 1.0)
        target = self._full if data else self._rgb
        target.use()
        return target

    def frames(
        self, views: Sequence[View], depth: bool, ids: bool, zero: bool = False
    ) -> list[Frame]:
        """Read everything back at once and cut it into one Frame per view.

        With `zero` depth and ids of the background are 0, and other ids are one more.
        """
        width, height = self._size
        rgb = np.frombuffer(self._rgb.read(components=4), np.uint8).reshape(height, width, 4)
        meters = labels = None
        if depth:
            data = self._full.read(components=1, attachment=1, dtype="f4")
            meters = np.frombuffer(data, np.float32).reshape(height, width)
        if ids:
            data = self._full.read(components=4, attachment=2)
            labels = np.frombuffer(data, "<i4").reshape(height, width)
        frames = []
        for view, (x, y, w, h) in zip(views, self.boxes, strict=True):
            part = np.s_[y : y + h, x : x + w]
            distance = None
            if meters is not None:
                distance = meters[part]
                if not zero:
                    distance = np.where(distance > 0, distance, np.float32(view.far))
            numbers = None if labels is None else labels[part]
            if numbers is not None and not zero:
                numbers = numbers + np.int32(BACKGROUND_ID)
            frames.append(Frame(_without_alpha(rgb[part]), distance, numbers))
        return frames

    def release(self) -> None:
        """Free the GPU's memory."""
        for item in self._memory:
            item.release()


def _without_alpha(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a copy (H, W, 3); channel by channel it takes a sixth of a plain copy's time."""
    rgb = np.empty((*rgba.shape[:2], 3), np.uint8)
    for channel in range(3):
        rgb[..., channel] = rgba[..., channel]
    return rgb
