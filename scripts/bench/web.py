"""How fast browser tasks are: python scripts/bench/web.py [--tasks 30] [--browsergym PYTHON]

The oracle plays generated tasks on the local sites, in a real Chromium. The figures are wall
seconds of a reset and of a step, with the accessibility tree alone and with a marked screenshot
too. A step includes the action, the wait until the page is quiet, reading the sites' state, and the
observation. The step that ends an episode also includes its scoring, and makes the next episode's
context.

PYTHON is an interpreter that has browsergym-core, the peer. It does the same moves on the same
pages with the same browser, task by task in turns, so that both have the same load. It observes
tree, DOM and screenshot.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
from table import parser, show, write
from web_peer import Peer

from longhaul.evaluation.loop.protocol import status_of

MODES = {
    "tree": ("tree", "url", "tabs", "feedback"),
    "tree + screenshot": ("tree", "url", "tabs", "feedback", "screenshot"),
}

PERCENTILES = (50, 90, 99)

Times = dict[str, list[float]]


def main() -> int:
    from longhaul.envs.videowebarena.env import VideoWebArenaEnv

    arguments = parser(__doc__)
    arguments.add_argument("--tasks", type=int, default=30, help="episodes of each mode")
    arguments.add_argument("--browsergym", metavar="PYTHON", help="an interpreter that has it")
    arguments.add_argument("--chromium", help="the browser's path, for both")
    given = arguments.parse_args()
    envs = {
        mode: VideoWebArenaEnv(observations=names, chromium=given.chromium)
        for mode, names in MODES.items()
    }
    peer = Peer(given.browsergym, given.chromium) if given.browsergym else None
    times: dict[str, Times] = {}
    for number, episode in enumerate(envs["tree"].episodes("test", given.tasks, 0)):
        rows = {mode: play(env, episode) for mode, env in envs.items()}
        if peer is not None:
            rows[peer.name] = peer.play(episode)
        for name, row in rows.items():
            kept = times.setdefault(name, {"reset": [], "step": []})
            # The first reset starts browser and sites, once for all.
            kept["reset"] += row["reset"] if number else []
            kept["step"] += row["step"]
    for closing in (*envs.values(), *([peer] if peer else [])):
        closing.close()
    rows_ = [percentiles(name, kept) for name, kept in times.items()]
    show("browser tasks, wall seconds by percentile", rows_)
    write(given.out, {"modes": rows_})
    return 0


def play(env: Any, episode: Any) -> Times:
    """Return the wall seconds of the reset and of each step of an episode."""
    began = time.perf_counter()
    env.reset(options={"episode": episode})
    times: Times = {"reset": [time.perf_counter() - began], "step": []}
    expert = env.expert()
    expert.reset(episode.seed)
    status = None
    while status is None:
        action = expert.act()
        began = time.perf_counter()
        _, _, terminated, truncated, info = env.step(action)
        times["step"].append(time.perf_counter() - began)
        status = status_of(terminated, truncated, info["outcomes"])
    if status != "success":
        raise RuntimeError(f"the oracle did not solve {episode.id}: its times mean nothing")
    return times


def percentiles(name: str, times: Times) -> dict[str, Any]:
    return {
        "observations": name,
        **{
            f"{what}_{p}": round(float(np.percentile(seconds, p)), 3)
            for what, seconds in times.items()
            for p in PERCENTILES
        },
    }


if __name__ == "__main__":
    sys.exit(main())
