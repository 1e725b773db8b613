"""The feature dataset: recorded episodes, with everything that MGDM decides on precomputed.

    python -m longhaul.policies.mgdm.learning.feature_dataset CHECKPOINT DATASET OUT
        [--workers 2] [--episodes N]

The command goes through a dataset of LH-VLN episodes with a checkpoint's encoder. For every step it
writes the encoder's columns, the candidate waypoints, the thought's embedding, and what each
waypoint would have cost: in row 0 the path to it and on to where the subtask ended, weighted near
obstacles, in row 1 the length of the latter alone. Both are measured on the map that the whole
episode has made, so a recording labels its own waypoints afterwards. Since the encoder is frozen,
the decision is then learned from these arrays in seconds an epoch.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.demos.arrays import ArraysWriter
from longhaul.demos.open import open_source
from longhaul.demos.recording import recorded_split
from longhaul.demos.source import DemoSource, DemoSpec, Trajectory
from longhaul.envs.specs import CameraSpec, ObservationSpec, require_compatible
from longhaul.errors import ConfigError
from longhaul.policies.mgdm.agent import Agent
from longhaul.policies.mgdm.checkpoint import FILES, load_without_head
from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.decision.chain_of_thought import TemplateThoughts
from longhaul.policies.mgdm.decision.subgoals import Subgoal, SubgoalReader
from longhaul.policies.mgdm.decision.waypoint_features import WAYPOINT_FEATURES
from longhaul.policies.mgdm.mapping.shortest_paths import ShortestPaths
from longhaul.policies.mgdm.mapping.waypoints import Waypoints, cell_key
from longhaul.policies.mgdm.perception.observations import (
    DEPTH_VIEWS,
    POSE,
    REQUIREMENT,
    RGB_VIEWS,
    STATES,
    STEP,
)
from longhaul.processes import owned

COLUMNS, WAYPOINTS, THOUGHT, COSTS = "columns", "waypoints", "thought", "costs"
"""Names of the arrays in a feature dataset's folder, which stand in its files."""

UNREACHABLE_COST_M = 60.0
"""Cost of a waypoint (m) from which no path is known; ours, more than any path in a house."""


@dataclass(frozen=True)
class Job:
    """Trajectory `index` of a dataset, whose features a checkpoint is to make."""

    checkpoint: Path
    dataset: Path
    index: int


def trajectory_features(agent: Agent, source: DemoSource, index: int) -> dict[str, NDArray[Any]]:
    """Return a trajectory's arrays by name, with one row for each step."""
    trajectory = source.trajectory(index)
    subgoals, numbers = _subgoals(trajectory)
    executed = trajectory.actions if trajectory.executed is None else trajectory.executed
    names = (*RGB_VIEWS, *DEPTH_VIEWS)
    frames = {n: np.stack(list(source.frames(index, n))) for n in names}
    states = {POSE: trajectory.states[POSE], STEP: trajectory.states[STEP]}
    agent.begin(subgoals, trajectory.episode.instruction if trajectory.episode else "")
    rows: dict[str, list[Any]] = {COLUMNS: [], WAYPOINTS: [], THOUGHT: []}
    waypoints: list[Waypoints] = []
    for step in range(len(trajectory)):
        now = {n: torch.from_numpy(a[step : step + 1].copy()) for n, a in (frames | states).items()}
        action = int(executed[step - 1, 0]) if step else -1
        agent.tracker.stops = numbers[step]
        step_input = agent.prepare(now, action)
        rows[COLUMNS].append(step_input.columns.numpy().astype(np.float16))
        rows[WAYPOINTS].append(agent.rows(step_input.waypoints).astype(np.float16))
        rows[THOUGHT].append(agent.think().numpy().astype(np.float16)[None])
        waypoints.append(step_input.waypoints)
    costs = _costs(agent, trajectory, waypoints)
    return {
        "actions": trajectory.actions,
        **{f"state.{name}": values for name, values in states.items()},
        **{f"camera.{name}": np.stack(values) for name, values in rows.items()},
        f"camera.{COSTS}": costs.astype(np.float16),
    }


def _subgoals(trajectory: Trajectory) -> tuple[tuple[Subgoal, ...], list[int]]:
    """Return the subgoals of an episode, and the number of each step's subgoal.

    They are those of the whole instruction, as the policy reads it; a recording may hold the first
    subtasks only. Where the instruction has fewer of them, the subtasks' own instructions count.
    """
    reader = SubgoalReader()
    subgoals = tuple(reader(segment.instruction)[-1] for segment in trajectory.segments)
    whole = reader(trajectory.episode.instruction) if trajectory.episode else ()
    subgoals = whole if len(whole) >= len(subgoals) else subgoals
    stops = [segment.stop for segment in trajectory.segments]
    numbers = np.searchsorted(stops, np.arange(len(trajectory)), side="right")
    last = max(len(subgoals) - 1, 0)
    return subgoals or (Subgoal("nothing"),), numbers.clip(0, last).tolist()


def _costs(
    agent: Agent, trajectory: Trajectory, waypoints: Sequence[Waypoints]
) -> NDArray[np.float32]:
    """Return the costs (steps, 2, waypoints) of every step's waypoints in m: in row 0 of the whole
    path, in row 1 of the path from the waypoint on."""
    shape = len(trajectory), 2, agent.config.waypoints
    costs = np.full(shape, UNREACHABLE_COST_M, np.float32)
    for segment in (s for s in trajectory.segments if s.success):
        end = trajectory.states[POSE][segment.stop - 1]
        paths = [ShortestPaths(agent.map.occupancy, end, plain) for plain in (False, True)]
        keys = cell_key(np.stack(paths[0].floors[:3], -1))
        order = np.argsort(keys)
        for step in range(segment.start, segment.stop):
            found = waypoints[step]
            onward = [_values_at(keys[order], p.distance[order], found.cell) for p in paths]
            both = np.stack([onward[0] + found.path_length, onward[1]])
            costs[step, :, : len(found)] = np.minimum(both, UNREACHABLE_COST_M)
    return costs


def _values_at(
    keys: NDArray[np.int64], values: NDArray[np.float64], cells: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the values at cells (n, 3); inf where there is none. The floor of a cell may have
    turned out to be a bit or two higher or lower since."""
    best = np.full(len(cells), np.inf)
    for bit in (-2, -1, 0, 1, 2):
        wanted = cell_key(cells + np.array([0, 0, bit]))
        at = np.searchsorted(keys, wanted).clip(0, len(keys) - 1)
        best = np.where(keys[at] == wanted, np.minimum(best, values[at]), best)
    return best


def _work(job: Job) -> dict[str, NDArray[Any]]:
    torch.set_num_threads(1)
    return trajectory_features(_agent(job.checkpoint), open_source(job.dataset), job.index)


@cache
def _agent(checkpoint: Path) -> Agent:
    """Return the agent of a worker process, which goes through one trajectory after the other."""
    return open_agent(checkpoint)


def open_agent(checkpoint: Path) -> Agent:
    """Return an agent with a checkpoint's encoder and the template's thoughts."""
    return Agent(load_without_head(checkpoint), TemplateThoughts())


def write(
    checkpoint: Path, dataset: Path, out: Path, workers: int, episodes: int | None = None
) -> int:
    """Write the features of a dataset's first episodes (None: of all); returns the number of
    steps."""
    if workers < 1:
        raise ConfigError(f"--workers {workers} must be at least 1")
    source = open_source(dataset)
    require_compatible(source.spec, REQUIREMENT, "dataset")
    config, _ = FILES.read_architecture(checkpoint)
    lengths = source.lengths()[:episodes]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    spec = DemoSpec(ObservationSpec(cameras(config), STATES), source.spec.action)
    writer = ArraysWriter(out, spec, int(offsets[-1]), _shapes(config))
    sentences: dict[str, int] = {}
    segments, ids, extras = [], [], []
    split, encoder = recorded_split(dataset), encoder_hash(FILES.read_weights(checkpoint))
    for index in range(len(lengths)):
        trajectory, first = source.trajectory(index), int(offsets[index])
        ids.append(trajectory.id)
        start = {} if trajectory.episode is None else trajectory.episode.start
        extras.append({"scene": str(start.get("scene", "")), "split": split, "encoder": encoder})
        for s in trajectory.segments:
            if s.success:
                number = sentences.setdefault(s.instruction, len(sentences))
                segments.append([index, first + s.start, first + s.stop, number, 0])
    jobs = [Job(checkpoint, dataset, index) for index in range(len(lengths))]
    with owned(), ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for index, made in enumerate(pool.map(_work, jobs)):
            for name, values in made.items():
                writer.arrays[name][offsets[index] : offsets[index + 1]] = values
    writer.close(ids, offsets.tolist(), segments, list(sentences), ["subtask"], extras)
    return int(offsets[-1])


def encoder_hash(weights: Mapping[str, Tensor]) -> str:
    """Return 16 hex digits of a hash of the encoder's weights, the same in half precision."""
    digest = sha256()
    for name in sorted(name for name in weights if name.startswith("encoder.")):
        digest.update(name.encode() + weights[name].half().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def _shapes(config: MgdmConfig) -> dict[str, tuple[Any, Any]]:
    return {
        **{f"camera.{c.name}": (np.float16, (c.height, c.width)) for c in cameras(config)},
        **{f"state.{s.name}": (np.float32, (s.size,)) for s in STATES},
        "actions": (np.float32, (1,)),
    }


def cameras(config: MgdmConfig) -> tuple[CameraSpec, ...]:
    """Return the arrays that a feature dataset has in place of pictures."""

    def rows(name: str, height: int, width: int) -> CameraSpec:
        return CameraSpec(name, height, width, "rows", mount="robot")

    return (
        rows(COLUMNS, 3 * config.columns, 6 * config.channels),
        rows(WAYPOINTS, config.waypoints, WAYPOINT_FEATURES + 2 * config.words),
        rows(THOUGHT, 1, config.text_width),
        rows(COSTS, 2, config.waypoints),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--episodes", type=int, help="only the first ones")
    options = parser.parse_args(arguments)
    try:
        steps = write(
            options.checkpoint, options.dataset, options.out, options.workers, options.episodes
        )
        print(f"{steps} steps in {options.out}")
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
