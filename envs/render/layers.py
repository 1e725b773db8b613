"""Pictures of what stands still, drawn once and laid under what moves.

A layer holds colors, depth and z-buffer of the held instances of one view. A later picture of the
same view draws the others alone, and shows at each pixel what is nearer. Where both are equally
near, as where a block stands on a table, that is shown which the picture without a layer would have
drawn first. So pictures are equal bit for bit with layers and without.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.render.atlas import Box
from longhaul.envs.render.pixels import Pixels

MOST_VIEWS = 16
"""How many views are remembered, those that moved on included."""

MOST_ORDERS = 4
"""How many layers a view keeps, see Layers."""

FARTHEST = 1.0
"""What a z-buffer holds where nothing is drawn."""

MOST_TAGS = 255
"""How many instances an alpha channel can tell apart."""


@dataclass(frozen=True, eq=False)
class Layer:
    """The held instances in one view.

    `pixels` is complete, with labels as they are placed; `owners` (H, W) holds the instance at each
    pixel, -1 in the background.
    """

    pixels: Pixels
    owners: NDArray[np.int32]

    @classmethod
    def of(cls, pixels: Pixels, ids: NDArray[np.int32]) -> Layer:
        """Return the layer of pixels whose labels are instances + 1, of which `ids` (N,) tells
        the ids."""
        assert pixels.depth is not None and pixels.labels is not None and pixels.z is not None
        owners = pixels.labels - 1
        labels = np.where(owners >= 0, ids[owners] + 1, 0).astype(np.int32)
        whole = Pixels(pixels.rgba.copy(), pixels.depth.copy(), labels, pixels.z)
        return cls(whole, owners)

    def under(self, moving: Pixels, tagged: NDArray[np.int64], order: NDArray[np.int64]) -> Pixels:
        """Return the picture of all: this layer with what is nearer in `moving` laid over it.

        `tagged` holds the instance of each tag from 1, `order` all instances that the view may
        show, held or not, as they would be drawn without layers.
        """
        still = self.pixels
        rgba = still.rgba.copy()
        depth = None if moving.depth is None or still.depth is None else still.depth.copy()
        labels = None if moving.labels is None or still.labels is None else still.labels.copy()
        assert moving.z is not None and still.z is not None
        covered = moving.z < FARTHEST
        rows = np.flatnonzero(covered.any(axis=1))
        if len(rows):
            columns = np.flatnonzero(covered[rows[0] : rows[-1] + 1].any(axis=0))
            part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            z, below = moving.z[part], still.z[part]
            nearer = z < below
            level = (z == below) & covered[part]
            if level.any():
                tags = moving.tags()
                turns = np.empty(order.max() + 1, int)
                turns[order] = np.arange(len(order))
                mine, theirs = tagged[tags[part][level] - 1], self.owners[part][level]
                nearer[level] = turns[mine] < turns[theirs]
            np.copyto(rgba[part], moving.rgba[part], where=nearer)
            if depth is not None and moving.depth is not None:
                np.copyto(depth[part], moving.depth[part], where=nearer)
            if labels is not None and moving.labels is not None:
                np.copyto(labels[part], moving.labels[part], where=nearer)
        return Pixels(rgba, depth, labels, None)


class Layers:
    """The layers of a scene, per view; a view is a box of the atlas and a camera's matrix.

    Held instances can be equally near too, so there is a layer for each order in which a view has
    drawn them.
    """

    def __init__(self) -> None:
        self._views: dict[tuple[Box, bytes], dict[bytes, Layer]] = {}

    def known(self, box: Box, camera: NDArray[np.float64]) -> bool:
        """Return whether a picture of this view was drawn lately, and remember it."""
        view = box, camera.tobytes()
        layers = self._views.pop(view, None)
        if layers is None and len(self._views) == MOST_VIEWS:
            del self._views[next(iter(self._views))]
        self._views[view] = layers or {}
        return layers is not None

    def find(self, box: Box, camera: NDArray[np.float64], order: NDArray[np.int64]) -> Layer | None:
        """Return the layer of a known view and of held instances in this order, if there is one."""
        return self._views[box, camera.tobytes()].get(order.tobytes())

    def add(
        self, box: Box, camera: NDArray[np.float64], order: NDArray[np.int64], layer: Layer
    ) -> None:
        """Keep the layer of a known view."""
        layers = self._views[box, camera.tobytes()]
        if len(layers) == MOST_ORDERS:
            del layers[next(iter(layers))]
        layers[order.tobytes()] = layer

    def forget(self) -> None:
        """Drop all layers, as others are held now; views stay known."""
        for layers in self._views.values():
            layers.clear()

    def clear(self) -> None:
        """Drop layers and views, as what all instances show has changed, such as the light.

        What changes with every picture thus never has a layer.
        """
        self._views.clear()
