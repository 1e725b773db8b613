"""One off-screen picture that holds all views of a call, so that one read-back is enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import moderngl
import numpy as np

from longhaul.envs.render.pixels import Pixels

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
        self._rgb.clear(*background, 0.0)
        target = self._full if data else self._rgb
        target.use()
        return target

    def read(self, depth: bool, ids: bool, z: Sequence[bool]) -> list[Pixels]:
        """Read everything back at once and cut it into one Pixels per view.

        `z` says per view whether its z-buffer is wanted.
        """
        width, height = self._size
        rgba = np.frombuffer(self._rgb.read(components=4), np.uint32).reshape(height, width)
        meters = labels = None
        if depth:
            data = self._full.read(components=1, attachment=1, dtype="f4")
            meters = np.frombuffer(data, np.float32).reshape(height, width)
        if ids:
            data = self._full.read(components=4, attachment=2)
            labels = np.frombuffer(data, "<i4").reshape(height, width)
        found = []
        for (x, y, w, h), wanted in zip(self.boxes, z, strict=True):
            part = np.s_[y : y + h, x : x + w]
            nearness = None
            if wanted:
                data = self._rgb.read(
                    viewport=(x, y, w, h), components=1, attachment=-1, dtype="f4"
                )
                nearness = np.frombuffer(data, np.float32).reshape(h, w)
            found.append(
                Pixels(
                    rgba[part],
                    None if meters is None else meters[part],
                    None if labels is None else labels[part],
                    nearness,
                )
            )
        return found

    def release(self) -> None:
        """Free the GPU's memory."""
        for item in self._memory:
            item.release()
