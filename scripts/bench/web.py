"""How fast browser tasks are: python scripts/bench/web.py [--tasks 33]

The oracle goes its way through generated tasks on the local sites, in a real Chromium: wall seconds
of a reset and of a step, with the accessibility tree alone and with a marked screenshot too. A step
holds the action, the wait for a quiet page, the look at the sites' state and the observation; the
step that ends an episode holds its scoring as well, and makes the next episode's context.

The peer's figures (BrowserGym 0.14.3: tree, DOM and screenshot; reset and step) were measured on
another machine of this kind.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
from table import parser, show, write

PEER = {"observations": "BrowserGym 0.14.3", "reset_50": 1.8, "step_50": 0.9}

MODES = {
    "tree": ("tree", "url", "tabs", "feedback"),
    "tree + screenshot": ("tree", "url", "tabs", "feedback", "screenshot"),
}

PERCENTILES = (50, 90, 99)


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("--tasks", type=int, default=33, help="episodes of each mode")
    given = arguments.parse_args()
    rows = [measured(name, given.tasks) for name in MODES]
    blank = dict.fromkeys(rows[0], "")
    show("browser tasks, wall seconds by percentile", [*rows, {**blank, **PEER}])
    write(given.out, {"modes": rows, "peer": PEER})
    return 0


def measured(mode: str, tasks: int) -> dict[str, Any]:
    """Return percentiles of resets and steps over so many episodes."""
    from envs.videowebarena.env import VideoWebArenaEnv

    env = VideoWebArenaEnv(observations=MODES[mode])
    resets, steps, solved = [], [], 0.0
    for number, episode in enumerate(env.episodes("test", tasks, 0)):
        began = time.perf_counter()
        env.reset(options={"episode": episode})
        # The first reset starts the browser and the sites, once for all.
        if number:
            resets.append(time.perf_counter() - began)
        expert = env.expert()
        expert.reset(episode.seed)
        over = False
        while not over:
            action = expert.act()
            began = time.perf_counter()
            _, reward, terminated, truncated, _ = env.step(action)
            steps.append(time.perf_counter() - began)
            over, solved = terminated or truncated, solved + reward
    env.close()
    measures = {"reset": resets, "step": steps}
    return {
        "observations": mode,
        "solved": f"{solved:.0f}/{tasks}",
        **{
            f"{name}_{p}": round(float(np.percentile(seconds, p)), 3)
            for name, seconds in measures.items()
            for p in PERCENTILES
        },
    }


if __name__ == "__main__":
    sys.exit(main())
