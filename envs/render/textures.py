"""Pictures on surfaces, in GPU memory: those of one size lie in one array, to be drawn at once."""

from __future__ import annotations

import hashlib

import moderngl
import numpy as np
from numpy.typing import NDArray


class Textures:
    """Takes pictures until `upload`, and more of them afterwards. `sharp` see Scene."""

    def __init__(self, context: moderngl.Context, sharp: bool) -> None:
        self._context = context
        nearest, between = moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR_MIPMAP_LINEAR
        self._filter = nearest if sharp else between
        self._numbers: dict[bytes, int] = {}
        self._groups: dict[tuple[int, ...], list[NDArray[np.uint8]]] = {}
        self._arrays: list[moderngl.TextureArray] = []
        self._uploaded = 0
        self._places: list[tuple[int, int]] = []

    def add(self, image: NDArray[np.uint8]) -> int:
        """Take an image (H, W, 3) uint8, row 0 at the top, and return its number.

        The same image again, as the links of one robot have it, keeps its number.
        """
        digest = hashlib.sha256(image.tobytes() + repr(image.shape).encode()).digest()
        if digest not in self._numbers:
            self._numbers[digest] = len(self._places)
            layers = self._groups.setdefault(image.shape, [])
            group = list(self._groups).index(image.shape)
            self._places.append((group, len(layers)))
            layers.append(image)
        return self._numbers[digest]

    def places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return array and layer (N, 2) of images, by their numbers (N,)."""
        return np.array(self._places, int).reshape(-1, 2)[numbers]

    def upload(self) -> None:
        """Bring images added since the last call to the GPU."""
        if self._uploaded == len(self._places):
            return
        for array in self._arrays:
            array.release()
        self._arrays = [self._array(layers) for layers in self._groups.values()]
        self._uploaded = len(self._places)

    def use(self, array: int) -> None:
        """Let shaders read from an array."""
        self._arrays[array].use(0)

    def _array(self, layers: list[NDArray[np.uint8]]) -> moderngl.TextureArray:
        rows, columns = layers[0].shape[:2]
        data = np.stack(layers)[:, ::-1].tobytes()
        array = self._context.texture_array((columns, rows, len(layers)), 3, data, alignment=1)
        array.build_mipmaps()
        array.filter = (self._filter, moderngl.LINEAR)
        return array
