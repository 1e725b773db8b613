"""Labeled views of generated houses, from which a policy may learn to see.

    python -m longhaul.navgen.views DATASET OUT [--split train] [--places 120] [--size 128]

In each house of a split the robot is put at `places` places. Its three views are drawn in color and
depth, with two label maps: for each block of 4 x 4 pixels, the number of the thing's name and of
its room's kind in the list of sentences of a dataset of arrays (demos/arrays.py). A share `near` of
the places is within NEAR_RANGE_M of a small thing, at which the robot looks: elsewhere small things
are a pixel or two.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.arrays import ArraysWriter
from longhaul.demos.source import NO_NAME, ROOM_PREFIX, DemoSpec
from longhaul.envs.lhvln.backends import open_simulator
from longhaul.envs.lhvln.conventions import ACTION
from longhaul.envs.lhvln.episodes import Source
from longhaul.envs.lhvln.scene import load_scene
from longhaul.envs.lhvln.simulator import CAMERA_HEIGHTS_M, VIEW_YAWS, Cameras, Object, Simulator
from longhaul.envs.specs import CameraSpec, ObservationSpec
from longhaul.errors import ConfigError
from longhaul.processes import owned

BLOCK_PX = 4
"""The side (pixels) of a block."""

NEAR_RANGE_M = (0.5, 2.5)
"""The least and the greatest distance (m) from which the robot looks at a small thing."""

LOOK_ASIDE_RAD = np.radians(25.0)
"""The standard deviation (radians) of the angle between its view and the small thing."""

MAX_PLACE_TRIES = 40
"""How many places are drawn until one is near the small thing."""

STRUCTURE_WEIGHTS = {"floor": 1, "wall": 1, "ceiling": 1}
"""The weight of a pixel, by category: a block shows the thing with the most weight in it. Portable
things have the weight PORTABLE_WEIGHT, all others FURNITURE_WEIGHT."""

FURNITURE_WEIGHT, PORTABLE_WEIGHT = 2, 4
"""The weights of a pixel of other things, and of portable ones."""

Arrays = tuple[NDArray[np.uint8], NDArray[np.float16], NDArray[np.uint16], NDArray[np.uint16]]
"""Several views: colors (N, H, W, 3), depth (N, H, W) in meters, and the numbers of things and of
rooms (N, H / BLOCK_PX, W / BLOCK_PX)."""


@dataclass(frozen=True)
class HouseViews:
    """The views to draw in one house: `places` places, pictures of `size` pixels."""

    folder: Path
    number: int
    places: int
    size: int
    near: float
    seed: int
    sentences: tuple[str, ...]


def draw_views(tour: HouseViews) -> Arrays:
    """Return the views of a house: three per place, N = 3 * places."""
    simulator = open_simulator("builtin", tour.folder, Cameras(tour.size, depth=True, ids=True))
    rng = np.random.default_rng([tour.seed, tour.number])
    things, rooms, weights = _tables(simulator, tour.sentences)
    views: list[tuple[NDArray[Any], ...]] = []
    for _ in range(tour.places):
        simulator.camera_height = float(rng.choice(list(CAMERA_HEIGHTS_M.values())))
        simulator.set_pose(*_pose(simulator, rng, tour.near))
        for picture in simulator.observe().values():
            assert picture.depth is not None and picture.ids is not None
            views.append((picture.rgb, picture.depth, blocks(picture.ids, weights)))
    simulator.close()
    rgb, depth, ids = (np.stack(arrays) for arrays in zip(*views, strict=True))
    return rgb, depth.astype(np.float16), things[ids], rooms[ids]


def blocks(ids: NDArray[np.int32], weights: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the id with the most weight in each block of BLOCK_PX x BLOCK_PX ids (H, W)."""
    rows, columns = ids.shape[0] // BLOCK_PX, ids.shape[1] // BLOCK_PX
    each = ids.reshape(rows, BLOCK_PX, columns, BLOCK_PX).swapaxes(1, 2).reshape(rows * columns, -1)
    same = each[:, :, None] == each[:, None, :]
    most = (same * weights[each][:, None, :]).sum(-1).argmax(1)
    return np.asarray(np.take_along_axis(each, most[:, None], 1).reshape(rows, columns))


def _tables(
    simulator: Simulator, sentences: Sequence[str]
) -> tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.int64]]:
    """Return by semantic id the numbers of the thing's and of its room's name, and its weight."""
    number = {name: index for index, name in enumerate(sentences)}
    kinds = {room.id: f"{ROOM_PREFIX}{room.name}" for room in simulator.rooms}
    count = max((thing.id for thing in simulator.objects), default=0) + 1
    things, rooms = np.full((2, count), NO_NAME, np.uint16)
    weights = np.ones(count, np.int64)
    for thing in simulator.objects:
        things[thing.id] = number.get(thing.category, NO_NAME)
        rooms[thing.id] = number.get(kinds.get(thing.room, ""), NO_NAME)
        weights[thing.id] = (
            PORTABLE_WEIGHT
            if thing.portable
            else STRUCTURE_WEIGHTS.get(thing.category, FURNITURE_WEIGHT)
        )
    return things, rooms, weights


def _pose(
    simulator: Simulator, rng: np.random.Generator, near: float
) -> tuple[NDArray[np.float64], float]:
    small = [thing for thing in simulator.objects if thing.portable]
    if small and rng.random() < near:
        thing = small[rng.integers(len(small))]
        for _ in range(MAX_PLACE_TRIES):
            point = simulator.navigation.random_point(rng)
            if _is_near(point, thing):
                x, z = thing.center[0] - point[0], thing.center[2] - point[2]
                return point, float(np.arctan2(-x, -z) + LOOK_ASIDE_RAD * rng.standard_normal())
    return simulator.navigation.random_point(rng), float(rng.uniform(-np.pi, np.pi))


def _is_near(point: NDArray[np.float64], thing: Object) -> bool:
    gap = float(np.hypot(thing.center[0] - point[0], thing.center[2] - point[2]))
    return NEAR_RANGE_M[0] <= gap <= NEAR_RANGE_M[1] and 0 <= thing.center[1] - point[1] < 2.0


def names_of(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of all things in some scenes, then those of all kinds of rooms."""
    scenes = [load_scene(folder) for folder in folders]
    things = {thing.category for scene in scenes for thing in scene.objects}
    rooms = {f"{ROOM_PREFIX}{room.name}" for scene in scenes for room in scene.rooms if room.name}
    return (*sorted(things), *sorted(rooms))


def write(dataset: Path, out: Path, options: argparse.Namespace) -> int:
    """Write the views of a split of a dataset of houses; return their number.

    Raises ConfigError for an option that is out of its range.
    """
    source, size = Source(dataset, None), options.size
    if size < BLOCK_PX or size % BLOCK_PX:
        raise ConfigError(f"--size {size} must be a multiple of {BLOCK_PX}")
    for name in ("places", "workers"):
        if vars(options)[name] < 1:
            raise ConfigError(f"--{name} {vars(options)[name]} must be at least 1")
    if not 0 <= options.near <= 1:
        raise ConfigError(f"--near {options.near} must be between 0 and 1")
    scenes = sorted({e.start["scene"] for e in source.episodes(options.split, "task", None, 0)})
    folders = [source.scene(scene) for scene in scenes]
    sentences = names_of(folders)
    asked = (options.places, size, options.near, options.seed, sentences)
    tours = [HouseViews(folder, number, *asked) for number, folder in enumerate(folders)]
    each, coarse = options.places * len(VIEW_YAWS), size // BLOCK_PX
    frames = each * len(tours)
    writer = ArraysWriter(
        out,
        DemoSpec(observation(size), ACTION),
        frames,
        {
            "camera.rgb": (np.uint8, (size, size, 3)),
            "camera.depth": (np.float16, (size, size)),
            "camera.thing": (np.uint16, (coarse, coarse)),
            "camera.room": (np.uint16, (coarse, coarse)),
            "actions": (np.float32, (ACTION.size,)),
        },
    )
    spawning = get_context("spawn")
    with owned(), ProcessPoolExecutor(options.workers, spawning) as pool:
        for number, made in enumerate(pool.map(draw_views, tours)):
            rows = slice(number * each, (number + 1) * each)
            for name, values in zip(("rgb", "depth", "thing", "room"), made, strict=True):
                writer.arrays[f"camera.{name}"][rows] = values
    writer.close(scenes, range(0, frames + 1, each), (), sentences)
    return frames


def observation(size: int) -> ObservationSpec:
    """Return the observation spec of a dataset of views of `size` pixels."""
    coarse = size // BLOCK_PX
    return ObservationSpec(
        (
            CameraSpec("rgb", size, size, "rgb", mount="robot"),
            CameraSpec("depth", size, size, "depth", mount="robot"),
            CameraSpec("thing", coarse, coarse, "ids", mount="robot"),
            CameraSpec("room", coarse, coarse, "ids", mount="robot"),
        )
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m longhaul.navgen.views", description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", default="train")
    parser.add_argument("--places", type=int, default=120)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--near", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    try:
        print(f"{write(options.dataset, options.out, options)} views in {options.out}")
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
