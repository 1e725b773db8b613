"""How fast CALVIN steps: python scripts/bench/calvin.py [--assets DIR] [--workers 2] [--out FILE]

Each row is measured in processes of its own, `--repeats` times, and the medians are shown. CPU
seconds are those of the whole process, including the software renderer's threads. With `--assets`
(calvin_env's data folder) the renderer bullet_tiny computes what the official simulator computes.

With `--against CHECKOUT`, another checkout of Longhaul, both builds take the same steps in turns
instead, each time in a process of its own. A table shows the CPU milliseconds of a step with
pictures and without, and whether all observations are equal, bit for bit.
"""

from __future__ import annotations

import cProfile
import hashlib
import json
import os
import pstats
import subprocess
import sys
import time
from argparse import SUPPRESS
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import gymnasium
import numpy as np
from table import parser, show, write

CAMERAS = ("rgb_static", "rgb_gripper", "robot_obs")
PROFILED = {
    "physics": ("simulation.py", "step"),
    "contacts and state": ("simulation.py", "state"),
    "success test": ("progress.py", "update"),
    "robot_obs": ("simulation.py", "robot_obs"),
    "pictures": ("cameras.py", "take"),
}
RESETS = 20
HERE = Path(__file__).parents[2]


def make(renderer: str | None, scene: str, assets: str | None) -> tuple[Any, Any]:
    """Return an env, without images if `renderer` is None, and an episode that has begun."""
    import longhaul.envs  # noqa: F401  registers the ids

    observations = ("robot_obs",) if renderer is None else CAMERAS
    options: dict[str, Any] = {"scene": scene, "assets": assets, "observations": observations}
    env = gymnasium.make("longhaul/Calvin-v0", renderer=renderer or "gl", **options)
    ours: Any = env.unwrapped
    episode = ours.episodes("D", 1, 0)[0]
    env.reset(options={"episode": episode})
    return env, episode


def roll(env: Any, episode: Any, steps: int) -> None:
    """Take random actions in which the gripper changes now and then; reset every 200 steps."""
    random = np.random.default_rng(0)
    for step in range(steps):
        if step % 200 == 0:
            env.reset(options={"episode": episode})
        action = random.uniform(-1, 1, 7)
        action[6] = 1 if step % 60 < 30 else -1
        _, _, terminated, truncated, _ = env.step(action)
        assert not (terminated or truncated)


def measure(renderer: str | None, scene: str, assets: str | None, steps: int) -> dict[str, float]:
    """Return steps per CPU-second and per second, and CPU milliseconds of a reset."""
    env, episode = make(renderer, scene, assets)
    roll(env, episode, 30)
    cpu, wall = time.process_time(), time.perf_counter()
    roll(env, episode, steps)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    began = time.process_time()
    for _ in range(RESETS):
        env.reset(options={"episode": episode})
    reset = (time.process_time() - began) / RESETS
    env.close()
    return {"per_cpu_s": steps / cpu, "per_s": steps / wall, "reset_ms": 1000 * reset}


def profile(renderer: str | None, scene: str, assets: str | None, steps: int) -> dict[str, float]:
    """Return the CPU milliseconds per step of each component, as measured by a profiler."""
    env, episode = make(renderer, scene, assets)
    profiler = cProfile.Profile(time.process_time)
    profiler.runcall(roll, env, episode, steps)
    env.close()
    times = dict.fromkeys(PROFILED, 0.0)
    for (file, _, function), (_, _, _, cumulative, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        for component, (name, entry) in PROFILED.items():
            if os.path.basename(file) == name and function == entry:
                times[component] += 1000 * cumulative / steps
    return times


def in_processes(function: Any, count: int, *arguments: Any) -> list[dict[str, float]]:
    """Call `function` in `count` new processes at once."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        return [f.result() for f in [pool.submit(function, *arguments) for _ in range(count)]]


def medians(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: median(row[key] for row in rows) for key in rows[0]}


def step_ms(renderer: str | None, scene: str, assets: str | None, steps: int) -> dict[str, Any]:
    """Return the CPU milliseconds of a step, and a hash of all that was observed."""
    env, episode = make(renderer, scene, assets)
    roll(env, episode, 30)
    cpu = time.process_time()
    roll(env, episode, steps)
    cpu = time.process_time() - cpu
    digest = hashlib.sha256()
    random = np.random.default_rng(1)
    for _ in range(60):
        seen, *_ = env.step(np.array([*random.uniform(-1, 1, 6), 1.0]))
        for name in sorted(seen):
            digest.update(np.ascontiguousarray(seen[name]).tobytes())
    env.close()
    return {"step_ms": 1000 * cpu / steps, "digest": digest.hexdigest()}


def compare(checkout: Path, given: Any) -> None:
    """Show the steps of this checkout beside those of another one."""
    builds = {"before": checkout.resolve(), "now": HERE}
    kinds: list[str | None] = [None, given.renderers[0]]
    found: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    for _ in range(given.repeats):
        for kind in kinds:
            for name, folder in builds.items():
                order = json.dumps([kind, given.scene, given.assets, given.steps])
                command = [sys.executable, __file__, "--one", order]
                done = subprocess.run(
                    command,
                    env={**os.environ, "PYTHONPATH": str(folder)},
                    check=True,
                    text=True,
                    stdout=subprocess.PIPE,
                )
                found.setdefault((name, kind), []).append(json.loads(done.stdout))
    rows = []
    for kind in kinds:
        times = {name: [run["step_ms"] for run in found[name, kind]] for name in builds}
        digests = {run["digest"] for name in builds for run in found[name, kind]}
        before, now = (median(times[name]) for name in builds)
        rows.append(
            {
                "pictures": kind or "none",
                **{f"{name}_ms": median(values) for name, values in times.items()},
                "ratio": now / before,
                "ranges_ms": "; ".join(f"{min(v):.2f}-{max(v):.2f}" for v in times.values()),
                "equal": "yes" if len(digests) == 1 else "NO",
            }
        )
    show(f"CALVIN scene {given.scene}, CPU milliseconds of a step, before and now", rows)
    write(given.out, {"against": rows})


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("--against", type=Path, help="another checkout of Longhaul")
    arguments.add_argument("--one", help=SUPPRESS)
    arguments.add_argument("--scene", default="D")
    arguments.add_argument("--assets", help="calvin_env's data folder")
    arguments.add_argument("--renderers", nargs="*", default=["gl", "bullet_egl", "bullet_tiny"])
    arguments.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments.add_argument("--steps", type=int, default=300)
    arguments.add_argument("--repeats", type=int, default=3)
    given = arguments.parse_args()
    if given.one:
        print(json.dumps(step_ms(*json.loads(given.one))))
        return 0
    if given.against:
        compare(given.against, given)
        return 0
    scene, assets, steps = given.scene, given.assets, given.steps

    alone: dict[str | None, dict[str, float]] = {}
    profiles: dict[str | None, dict[str, float]] = {}
    for renderer in (None, *given.renderers):
        runs: list[dict[str, float]] = []
        for _ in range(given.repeats):
            runs += in_processes(measure, 1, renderer, scene, assets, steps)
        alone[renderer] = medians(runs)
        profiles[renderer] = in_processes(profile, 1, renderer, scene, assets, min(steps, 200))[0]
    show(
        f"CALVIN scene {scene}, one process, 200x200 and 84x84 pictures",
        [{"renderer": renderer or "none", **row} for renderer, row in alone.items()],
    )
    show(
        "CPU milliseconds of a step",
        [{"renderer": renderer or "none", **row} for renderer, row in profiles.items()],
    )
    together = []
    for count in range(1, given.workers + 1):
        rows = in_processes(measure, count, given.renderers[0], scene, assets, steps)
        together.append({"workers": count, "per_s": sum(row["per_s"] for row in rows)})
    show(f"all workers together, pictures by {given.renderers[0]}", together)
    write(
        given.out,
        {
            "steps_per_cpu_s": {
                "cameras": alone[given.renderers[0]]["per_cpu_s"],
                "no_cameras": alone[None]["per_cpu_s"],
            },
            "reset_cpu_ms": alone[given.renderers[0]]["reset_ms"],
            "renderers": {renderer or "none": row for renderer, row in alone.items()},
            "parts_ms": {renderer or "none": row for renderer, row in profiles.items()},
            "workers": together,
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
