"""CPU ms of a step of policy=mgdm env=lhvln by part, beside another checkout's in turns.

    python scripts/bench/mgdm_step.py --steps 200 --repeats 5 --against CHECKOUT --out step.json

Policy and env play in one process. Each measurement is a process of its own, in which the first
episodes of builtin:unseen are played until there are enough steps; times are medians over the
repeats, and the actions of both checkouts must be equal. `other` is what no part names. Run it with
OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import table

from longhaul.policies.mgdm.perception.observations import DEPTH_VIEWS, RGB_VIEWS

HERE = Path(__file__).resolve().parents[2]

PARTS = {
    "perception": ("agent:perceive", "agent:Agent._perceived"),  # before and since it has both
    "map": ("mapping.episode_map:EpisodeMap.update",),
    "waypoints": ("agent:ShortestPaths", "agent:find_waypoints"),
    "memory": (
        "memory.episode_memory:EpisodeMemory.rows_seen_from",
        "memory.episode_memory:EpisodeMemory.push",
    ),
    "decide": (
        "model:Mgdm.encode_step",
        "model:Mgdm.decide",
        "decision.goal_selection:GoalSelector.select",
        "agent:Agent.rows",
        "agent:Agent.think",
    ),
    "pictures": ("envs.lhvln.builtin:BuiltinSimulator.observe",),
}
"""The functions of each part, by module and name; modules are the policy's, or of envs."""


def counted(function: Callable[..., Any], part: str, spent: Counter[str]) -> Callable[..., Any]:
    """Return a function that adds its CPU seconds to those of its part."""

    def call(*given: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return function(*given, **named)
        finally:
            spent[part] += time.process_time() - began

    return call


def watch(spent: Counter[str]) -> None:
    """Have every part's functions count what they spend."""
    from importlib import import_module

    for part, names in PARTS.items():
        for name in names:
            where, path = name.split(":")
            package = "longhaul" if where.startswith("envs.") else "longhaul.policies.mgdm"
            owner = import_module(f"{package}.{where}")
            *outer, last = path.split(".")
            for attribute in outer:
                owner = getattr(owner, attribute)
            if hasattr(owner, last):
                setattr(owner, last, counted(getattr(owner, last), part, spent))


def measure(steps: int) -> dict[str, Any]:
    """Play `steps` steps; return the CPU ms of each part and the actions."""
    import longhaul
    from longhaul.envs.specs import suite_env
    from longhaul.evaluation.loop.play import play
    from longhaul.policies.mgdm.policy import MgdmPolicy
    from longhaul.policies.policy import Setting

    views = [*RGB_VIEWS, *DEPTH_VIEWS, "pose", "step"]
    env = longhaul.make("lhvln", dataset="builtin:unseen", size=128, observations=views)
    task = suite_env(env)
    setting = Setting(task.conventions, env.observation_space, env.action_space, slots=1)
    policy, spent, actions = MgdmPolicy(setting), Counter[str](), []
    act, step = policy.act, env.step

    def acted(batch: Any) -> Any:
        answer = act(batch)
        actions.append(int(answer[0]))
        return answer

    watch(spent)
    policy.act = counted(acted, "act", spent)  # type: ignore[method-assign]
    env.step = counted(step, "step", spent)  # type: ignore[method-assign]
    for episode in task.episodes(task.conventions.splits[0], None, 0):
        for _ in play(env, episode, policy, task.conventions):
            if len(actions) == 2:
                spent.clear()  # after what is made once
            if len(actions) == steps:
                break
        if len(actions) == steps:
            break
    env.close()
    return {"spent": dict(spent), "actions": actions}


def measured(checkout: Path, steps: int) -> dict[str, Any]:
    """Measure in a process of its own, with a checkout's code."""
    command = [sys.executable, __file__, "--steps", str(steps), "--child"]
    variables = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(command, env=variables, cwd=checkout, text=True, capture_output=True)
    if done.returncode:
        raise SystemExit(f"{checkout}: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def by_part(runs: list[dict[str, Any]], steps: int) -> dict[str, list[float]]:
    """Return the CPU ms per step of each part, of all runs."""
    rows = []
    for run in runs:
        spent = {name: 1e3 * seconds / (steps - 2) for name, seconds in run["spent"].items()}
        parts = {part: spent[part] for part in PARTS}
        policy = {"policy": spent["act"], "env": spent["step"]}
        named = sum(parts.values()) - parts["pictures"]
        rows.append({**parts, "other of the policy": spent["act"] - named, **policy})
    return {part: [row[part] for row in rows] for part in rows[0]}


def main() -> int:
    arguments = table.parser(__doc__)
    arguments.add_argument("--steps", type=int, default=200)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--against", type=Path, help="a checkout to compare with")
    arguments.add_argument("--child", action="store_true", help="measure once, print JSON")
    given = arguments.parse_args()
    if given.child:
        print(json.dumps(measure(given.steps)))
        return 0
    checkouts = {"here": HERE} | ({"against": given.against.resolve()} if given.against else {})
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in checkouts}
    for _ in range(given.repeats):
        for name, checkout in checkouts.items():
            runs[name].append(measured(checkout, given.steps))
    if len({str(run["actions"]) for all_ in runs.values() for run in all_}) > 1:
        raise SystemExit("the actions differ")
    times = {name: by_part(all_, given.steps) for name, all_ in runs.items()}
    rows = []
    for part in times["here"]:
        row: dict[str, Any] = {"part": part}
        for name in checkouts:
            row[f"{name}, ms"] = statistics.median(times[name][part])
            row[f"{name}, spread"] = f"{min(times[name][part]):.2f} to {max(times[name][part]):.2f}"
        if given.against:
            row["times"] = row["against, ms"] / row["here, ms"]
        rows.append(row)
    table.show(f"CPU ms per step, {given.steps} steps, {given.repeats} runs", rows)
    table.write(given.out, {"rows": rows})
    return 0


if __name__ == "__main__":
    sys.exit(main())
