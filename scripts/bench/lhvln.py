"""How fast navigation is: python scripts/bench/lhvln.py [--houses 5 | --scenes FOLDER ...]

Each step is a random motion of the robot and three 256x256 views with depth and ids, in houses of
NavGen or in folders of your own. `open_s` is to open a house and render it once, `move_ms` is a
motion, `ask_ms` a geodesic distance to a known goal, and `step_s` a whole step. All are CPU times
of the whole process, including the software renderer's threads. The figures of the peer
(habitat-sim 0.2.2 on llvmpipe, three such views) were measured on another machine of this kind:
0.020 CPU-seconds and 78 steps/s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from table import parser, show, write

from longhaul.errors import ConfigError

PEER = {"house": "habitat-sim 0.2.2", "step_s": 0.020, "per_s": 78.0}


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument(
        "--houses", type=int, default=5, help="of NavGen, where no scene is named"
    )
    arguments.add_argument("--scenes", type=Path, nargs="*", default=[], help="folders of scenes")
    arguments.add_argument("--steps", type=int, default=300, help="measured in each house")
    arguments.add_argument("--workers", type=int, nargs="*", default=[1, 2], help="to scale to")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scenes = given.scenes or list(generated(Path(folder), given.houses))
        try:
            rows = [measured(scene, given.steps) for scene in scenes]
        except ConfigError as error:
            raise SystemExit(f"error: {error}") from None
        middle = sorted(rows, key=lambda row: row["step_s"])[len(rows) // 2]
        blank = dict.fromkeys(rows[0], "")
        show(
            "navigation, three 256x256 views",
            [*rows, {**middle, "house": "median"}, {**blank, **PEER}],
        )
        scaling = [scaled(scenes[0], given.steps, count) for count in given.workers]
        if scaling:
            show("workers", scaling)
    write(given.out, {"houses": rows, "median": middle, "peer": PEER, "workers": scaling})
    return 0


def generated(folder: Path, count: int) -> Sequence[Path]:
    from longhaul.navgen.houses.build import build_house

    for seed in range(count):
        build_house(seed, folder / f"house_{seed}")
    return sorted(folder.iterdir())


def measured(scene: Path, steps: int) -> dict[str, Any]:
    """Return what a house holds, and what resets, steps and their components cost."""
    from longhaul.envs.lhvln.builtin import BuiltinSimulator
    from longhaul.envs.lhvln.simulator import MOTIONS, Cameras

    began = time.process_time()
    simulator = BuiltinSimulator(scene, Cameras(ids=True))
    simulator.observe()
    opened = time.process_time() - began
    rng = np.random.default_rng(0)
    goal = simulator.navigation.random_point(rng)
    simulator.navigation.distance(goal, goal)
    moving, asking, total, wall = [], [], [], time.perf_counter()
    for step in range(steps):
        if step % 50 == 0:
            simulator.set_pose(simulator.navigation.random_point(rng), rng.uniform(-3, 3))
        start = time.process_time()
        simulator.act(MOTIONS[int(rng.integers(3))])
        moved = time.process_time()
        simulator.navigation.distance(simulator.pose.position, goal)
        asked = time.process_time()
        simulator.observe()
        moving.append(moved - start)
        asking.append(asked - moved)
        total.append(time.process_time() - start)
    rate = steps / (time.perf_counter() - wall)
    simulator.close()
    return {
        "house": scene.name,
        "triangles": len(simulator.navigation.surface.triangles),
        "open_s": opened,
        "move_ms": 1000 * median(moving),
        "ask_ms": 1000 * median(asking),
        "step_s": sum(total) / len(total),
        "per_s": rate,
    }


def scaled(scene: Path, steps: int, count: int) -> dict[str, Any]:
    """Return the steps a second of several processes together."""
    with get_context("spawn").Pool(count) as pool:
        found = pool.starmap(measured, [(scene, steps)] * count)
    return {"workers": count, "per_s": sum(row["per_s"] for row in found)}


if __name__ == "__main__":
    sys.exit(main())
