"""A furniture category: the function that builds its models, and where they belong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longhaul.navgen.houses import solids
from longhaul.navgen.houses.solids import Array, Solid, rotation

MOUNTS = ("floor", "surface", "wall", "ceiling", "flat")
"""Where a thing belongs; a `flat` thing (a rug) lies on the floor, and robots drive over it."""

ORIGIN = (0.0, 0.0, 0.0)
"""The origin of a model's frame."""


@dataclass(frozen=True)
class Support:
    """A level rectangle on which small things stand, in the model's frame (meters).

    `head` is the free height (m) above it.
    """

    x: tuple[float, float]
    z: tuple[float, float]
    y: float
    head: float = 0.6


class Model:
    """Solids (meters) in the model's own frame: the base lies on y = 0, the front faces +z.

    A thing that hangs on a wall has its back on z = 0, one that hangs from a ceiling its top on
    y = 0. Most methods add one solid at a point; angles are in degrees about that point, as in
    `solids.rotation`.
    """

    def __init__(self) -> None:
        self.solids: list[Solid] = []
        self.supports: list[Support] = []

    def put(
        self,
        added: Solid | Sequence[Solid],
        at: ArrayLike = ORIGIN,
        yaw: float = 0.0,
        tilt: float = 0.0,
        roll: float = 0.0,
    ) -> None:
        """Add solids, turned about their origin and moved to `at`."""
        turn = rotation(yaw, tilt, roll)
        several = [added] if isinstance(added, Solid) else added
        self.solids += [solid.placed(turn, at) for solid in several]

    def box(
        self,
        size: ArrayLike,
        at: ArrayLike,
        paint: str,
        yaw: float = 0.0,
        tilt: float = 0.0,
        roll: float = 0.0,
        **faces: str,
    ) -> None:
        """Add a box that stands on `at`. See `solids.box`."""
        self.put(solids.box(size, paint, **faces), at, yaw, tilt, roll)

    def block(
        self, size: ArrayLike, at: ArrayLike, paint: str, bevel: float, corner: float = 0.0
    ) -> None:
        """Add a box with bevelled edges that stands on `at`."""
        self.put(solids.block(size, paint, bevel, corner), at)

    def lathe(
        self,
        profile: Sequence[tuple[float, float]],
        at: ArrayLike,
        paint: str,
        sides: int = 10,
        squash: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        """Add a turned solid that stands on `at`. See `solids.lathe`."""
        self.put(solids.lathe(profile, paint, sides, squash), at)

    def ball(
        self, radii: ArrayLike, at: ArrayLike, paint: str, sides: int = 8, rows: int = 4
    ) -> None:
        """Add an ellipsoid that stands on `at`."""
        self.put(solids.ball(radii, paint, sides, rows), at)

    def tube(
        self, path: ArrayLike, radius: float, paint: str, sides: int = 6, tip: float = 0.0
    ) -> None:
        """Add a pipe along points (K, 3). See `solids.tube`."""
        self.put(solids.tube(path, radius, paint, sides, tip))

    def legs(
        self, x: float, z: float, height: float, paint: str, thick: float = 0.05, tip: float = 0.0
    ) -> None:
        """Add four legs at (±x, ±z): square ones, or round ones that end in the radius `tip`."""
        for a, b in ((x, z), (x, -z), (-x, z), (-x, -z)):
            if tip:
                self.tube([(a, height, b), (a * 1.05, 0.0, b * 1.05)], thick / 2, paint, 6, tip)
            else:
                self.box((thick, height, thick), (a, 0.0, b), paint, top="", bottom="")

    def add(self, other: Model, at: ArrayLike = ORIGIN, yaw: float = 0.0) -> None:
        """Add all solids of another model, but not its supports."""
        self.put(other.solids, at, yaw)

    def support(
        self,
        width: float,
        depth: float,
        y: float,
        z: float = 0.0,
        x: float = 0.0,
        head: float = 0.6,
    ) -> None:
        """Declare that things may stand on a rectangle about (x, y, z)."""
        half, deep = width / 2, depth / 2
        self.supports.append(Support((x - half, x + half), (z - deep, z + deep), y, head))

    def bounds(self) -> tuple[Array, Array]:
        """Return the corners (3,) of the bounding box."""
        low = np.min([solid.positions.min(axis=0) for solid in self.solids], axis=0)
        high = np.max([solid.positions.max(axis=0) for solid in self.solids], axis=0)
        return low, high

    def settle(self, mount: str) -> None:
        """Move the model so that it touches what carries it: a floor, a top, a wall, a ceiling."""
        low, high = self.bounds()
        drop = {"wall": (0.0, 0.0, low[2]), "ceiling": (0.0, high[1], 0.0)}
        offset = -np.array(drop.get(mount, (0.0, low[1], 0.0)))
        self.solids = [solid.placed(np.eye(3), offset) for solid in self.solids]
        self.supports = [
            replace(support, y=support.y + float(offset[1])) for support in self.supports
        ]

    def triangles(self) -> int:
        """Return the number of triangles."""
        return sum(len(solid.faces) for solid in self.solids)


Builder = Callable[[Model, np.random.Generator], None]


@dataclass(frozen=True)
class Furniture:
    """A category: `draw` builds a model of it, `mount` (one of MOUNTS) is where it belongs.

    `portable` things can be carried in one hand; `texture` (H, W, 3) uint8 is set for furniture
    that comes from a file.
    """

    category: str
    draw: Builder
    mount: str = "floor"
    portable: bool = False
    texture: NDArray[np.uint8] | None = None

    def build(self, rng: np.random.Generator) -> Model:
        """Return one settled model; its colors and measures are drawn from `rng`."""
        model = Model()
        self.draw(model, rng)
        model.settle(self.mount)
        return model


def furniture(
    category: str, mount: str = "floor", portable: bool = False
) -> Callable[[Builder], Furniture]:
    """Turn a function that builds a model into the Furniture of a category.

    Raises ValueError for a mount that does not exist.
    """
    if mount not in MOUNTS:
        raise ValueError(f"{category}: mount {mount!r}: choose one of {', '.join(MOUNTS)}")

    def register(draw: Builder) -> Furniture:
        return Furniture(category, draw, mount, portable)

    return register


def pick(rng: np.random.Generator, *choices: str) -> str:
    """Return one of the choices, drawn with equal probability."""
    return choices[int(rng.integers(len(choices)))]
