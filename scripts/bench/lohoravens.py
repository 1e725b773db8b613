"""How fast the tabletop is: python scripts/bench/lohoravens.py [--episodes 12] [--out FILE]

CPU seconds are those of the whole process, including the software renderer's threads. The peers'
figures were measured on another machine of this kind: CLIPort's pick-and-place with three RGB-D
views and its demo of eight picks, and LoHo-Ravens' fastest reset.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import gymnasium
from table import parser, show, write

from longhaul.evaluation.loop.protocol import status_of

TASK = "put-block-into-matching-bowl"
VIEWS = [f"{kind}_{camera}" for camera in ("front", "left", "right") for kind in ("rgb", "depth")]
MAPS = ["rgb_map", "height_map"]
PICKS = 8


def timed(work: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:
    """Return CPU seconds and the result of a call."""
    began = time.process_time()
    result = work(*arguments, **options)
    return time.process_time() - began, result


def measure(observations: Sequence[str], fast: bool, episodes: int) -> dict[str, float]:
    """Return the median CPU seconds of a reset, of a step, and of a demo of PICKS steps."""
    import longhaul.envs  # noqa: F401  registers the ids

    env = gymnasium.make(
        "longhaul/LoHoRavens-v0",
        disable_env_checker=True,  # which takes no env without observations
        observations=observations,
        fast_motion=fast,
        tasks=[TASK],
    )
    ours: Any = env.unwrapped
    resets, steps = [], []
    for episode in ours.episodes("seen", episodes, 0):
        cost, _ = timed(env.reset, options={"episode": episode})
        resets.append(cost)
        expert = ours.expert()
        expert.reset(episode.seed)
        status = None
        while status is None:
            plan, action = timed(expert.act)
            cost, (_, _, terminated, truncated, info) = timed(env.step, action)
            steps.append(plan + cost)
            status = status_of(terminated, truncated, info["outcomes"])
    env.close()
    demo = median(resets) + PICKS * sum(steps) / len(steps)
    return {"reset_s": median(resets[1:]), "pick_place_s": median(steps), "demo_s": demo}


def profile_step(episodes: int) -> list[dict[str, float | str]]:
    """Return median CPU milliseconds of what a step with the map consists of."""
    from longhaul.envs.lohoravens.cameras import Cameras
    from longhaul.envs.lohoravens.env import LoHoRavensEnv
    from longhaul.envs.lohoravens.fusion import Fusion
    from longhaul.envs.lohoravens.views import CAMERA_NAMES

    env = LoHoRavensEnv(tasks=[TASK], observations=[])
    cameras, fuse = Cameras("gl", "soft"), Fusion(CAMERA_NAMES)
    times: dict[str, list[float]] = {"physics": [], "three views": [], "fused map": []}
    for episode in env.episodes("seen", episodes, 0):
        env.reset(options={"episode": episode})
        cameras.begin(env.table, 0)
        cameras.take(env.table)
        expert = env.expert()
        expert.reset(episode.seed)
        times["physics"].append(timed(env.step, expert.act())[0])
        cost, frames = timed(cameras.take, env.table)
        times["three views"].append(cost)
        times["fused map"].append(timed(fuse, frames)[0])
    cameras.close()
    env.close()
    return [{"part": name, "cpu_ms": 1000 * median(costs)} for name, costs in times.items()]


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("--episodes", type=int, default=12)
    given = arguments.parse_args()
    ways = {
        "three RGB-D views": (VIEWS, False),
        "fused map": (MAPS, False),
        "views and map": ([*MAPS, *VIEWS], False),
        "fused map, fast motion": (MAPS, True),
        "nothing, fast motion": ([], True),
    }
    rows: list[dict[str, Any]] = [
        {"observations": name, **measure(*way, given.episodes)} for name, way in ways.items()
    ]
    targets = {"target": (0.2, 0.15, 2.0), "CLIPort, LoHo-Ravens": (6.0, 1.4, 19.4)}
    keys = ("reset_s", "pick_place_s", "demo_s")
    rows += [{"observations": n, **dict(zip(keys, v, strict=True))} for n, v in targets.items()]
    show(f"LoHoRavens, CPU seconds; a demo is a reset and {PICKS} picks", rows)
    shares = profile_step(given.episodes)
    show("a pick-and-place", shares)
    write(given.out, {"cpu_s": rows, "parts": shares})
    return 0


if __name__ == "__main__":
    sys.exit(main())
