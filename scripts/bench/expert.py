"""How well CALVIN's expert does: python scripts/bench/expert.py [--scenes D] [--write] [--out FILE]

For each scene it plays the first `--sequences` official sequences. Then it plays more of those that
hold a task with fewer than `--n` tries; they end after that task and have other seeds. `--write`
writes the median steps of the successes to envs/calvin/gt_steps.json.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from typing import Any

import gymnasium
from table import parser, show, write

from longhaul.envs.calvin import episodes
from longhaul.envs.calvin.tasks.official import TASKS
from longhaul.envs.episode import Episode, SubtaskOutcome
from longhaul.envs.specs import suite_env
from longhaul.evaluation.loop.play import play
from longhaul.policies.policy import Setting
from longhaul.policies.scripted.expert import ExpertPolicy

GT_STEPS = Path(episodes.__file__).with_name("gt_steps.json")
CHUNK = 10


def demonstrate(scene: str, assets: str | None, chunk: Sequence[Episode]) -> list[Any]:
    """Let the expert play some episodes; return the outcomes of each."""
    import longhaul.envs  # noqa: F401  registers the ids

    options: dict[str, Any] = {"scene": scene, "assets": assets, "observations": ["robot_obs"]}
    env = gymnasium.make("longhaul/Calvin-v0", parts={"expert": "act"}, **options)
    conventions = suite_env(env).conventions
    setting = Setting(conventions, env.observation_space, env.action_space, slots=1)
    policy, done = ExpertPolicy(setting), []
    for episode in chunk:
        *_, last = play(env, episode, policy, conventions)
        done.append((episode.id, last.info["outcomes"]))
    env.close()
    return done


def rarities(official: Sequence[Episode], tried: Counter[str], n: int) -> Iterator[Episode]:
    """Yield episodes that end with a task that was tried fewer than `n` times, with new ids and
    seeds."""
    for task in (task.name for task in TASKS):
        holders = [e for e in official if task in (subtask.name for subtask in e.subtasks)]
        for number, episode in enumerate(islice(cycle(holders), max(0, n - tried[task]))):
            last = [subtask.name for subtask in episode.subtasks].index(task)
            yield replace(
                episode,
                id=f"{episode.id}-{task}-{number}",
                seed=episode.seed + 1 + number,
                subtasks=episode.subtasks[: last + 1],
            )


def measure(arguments: Any, scene: str, pool: ProcessPoolExecutor) -> dict[str, Any]:
    """Return average length, and tries, successes and steps per task, of one scene."""

    def run(todo: Sequence[Episode]) -> list[tuple[str, tuple[SubtaskOutcome, ...]]]:
        chunks = [todo[i : i + CHUNK] for i in range(0, len(todo), CHUNK)]
        futures = [pool.submit(demonstrate, scene, arguments.assets, chunk) for chunk in chunks]
        return [record for future in futures for record in future.result()]

    official = episodes.episodes("D", 1000 if arguments.n else arguments.sequences, 0, scene)
    records = run(official[: arguments.sequences])
    lengths = [sum(outcome.success for outcome in outcomes) for _, outcomes in records]
    tried = Counter(o.name for _, outcomes in records for o in outcomes if o.started)
    records += run(list(rarities(official, tried, arguments.n)))
    tasks = {
        task.name: [o for _, all_ in records for o in all_ if o.started and o.name == task.name]
        for task in TASKS
    }
    failures = [(id_, o.name) for id_, all_ in records for o in all_ if o.started and not o.success]
    return {
        "average_length": mean(lengths) if lengths else 0.0,
        "sequences": len(lengths),
        "failures": failures,
        "tasks": {
            name: {
                "n": len(outcomes),
                "rate": mean(o.success for o in outcomes) if outcomes else 0.0,
                "median_steps": median(
                    [o.end_step - o.start_step for o in outcomes if o.success] or [0]
                ),
            }
            for name, outcomes in tasks.items()
        },
    }


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--scenes", nargs="+", default=["D"], choices="ABCD")
    arguments.add_argument("--sequences", type=int, default=200)
    arguments.add_argument("--n", type=int, default=40, help="least tries per task")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--assets", help="calvin_env's data folder instead of our own")
    arguments.add_argument("--write", action="store_true", help=f"update {GT_STEPS.name}")
    options = arguments.parse_args()
    figures = {}
    with ProcessPoolExecutor(options.workers, mp_context=get_context("forkserver")) as pool:
        for scene in options.scenes:
            figures[scene] = measure(options, scene, pool)
            rows = [{"task": name, **row} for name, row in figures[scene]["tasks"].items()]
            average, number = figures[scene]["average_length"], figures[scene]["sequences"]
            show(f"Scene {scene}: average length {average:.2f} of 5 over {number} sequences", rows)
            for failure in figures[scene]["failures"]:
                print("failed:", *failure)
    write(options.out, figures)
    if options.write:
        table = json.loads(GT_STEPS.read_text())
        for scene, found in figures.items():
            table[scene] = {
                name: round(row["median_steps"]) for name, row in found["tasks"].items() if row["n"]
            }
        GT_STEPS.write_text(json.dumps(dict(sorted(table.items())), indent=2) + "\n")


if __name__ == "__main__":
    main()
