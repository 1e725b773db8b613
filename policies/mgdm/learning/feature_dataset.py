"""What a policy would have had before it in recorded episodes: the data that MGDM decides by.

    python -m longhaul.policies.mgdm.learning.feature_dataset CHECKPOINT DATASET OUT
        [--workers 2] [--episodes N]

Goes through a dataset of LH-VLN episodes with a checkpoint's encoder and writes, for every step,
its columns, the waypoints that there were, a thought, and what each waypoint would have cost: how
far it is to it and from there to where the subtask ended, more where it is narrow (row 0), and the
length of the latter alone (row 1), over the map as the whole episode has shown it. So a recording
labels its own waypoints, afterwards. The decision is learned from this dataset of arrays in seconds
an epoch, since the encoder is frozen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
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
from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.decision.chain_of_thought import TemplateThoughts
from longhaul.policies.mgdm.decision.subgoals import Subgoal, SubgoalReader
from longhaul.policies.mgdm.mapping.shortest_paths import Routes
from longhaul.policies.mgdm.mapping.waypoints import NUMBERS, cell_key
from longhaul.policies.mgdm.model import FILES, onlooker
from longhaul.policies.mgdm.perception.observations import COLORS, DEPTHS, HOUSE, POSE, STATES, STEP

COLUMNS, WAYPOINTS, THOUGHT, COSTS = "columns", "waypoints", "thought", "costs"

UNKNOWN = 60.0
"""What a waypoint costs (m) from which no way is known."""


@dataclass(frozen=True)
class Job:
    """Trajectory `index` of a dataset, to be digested with a checkpoint."""

    checkpoint: Path
    dataset: Path
    index: int


def digest(agent: Agent, source: DemoSource, index: int) -> dict[str, NDArray[Any]]:
    """Return a trajectory's arrays by name, one row for each step."""
    trajectory = source.trajectory(index)
    goals, numbers = _subgoals(trajectory)
    executed = trajectory.actions if trajectory.executed is None else trajectory.executed
    names = (*COLORS, *DEPTHS)
    frames = {n: np.stack(list(source.frames(index, n))) for n in names}
    states = {POSE: trajectory.states[POSE], STEP: trajectory.states[STEP]}
    agent.begin(goals, trajectory.episode.instruction if trajectory.episode else "")
    rows: dict[str, list[Any]] = {COLUMNS: [], WAYPOINTS: [], THOUGHT: []}
    cells, distances = [], []
    for step in range(len(trajectory)):
        now = {n: torch.from_numpy(a[step : step + 1].copy()) for n, a in (frames | states).items()}
        last = int(executed[step - 1, 0]) if step else -1
        agent.tracker.stops = numbers[step]
        prepared = agent.prepare(now, last)
        rows[COLUMNS].append(prepared.columns.numpy().astype(np.float16))
        rows[WAYPOINTS].append(agent.rows(prepared).astype(np.float16))
        rows[THOUGHT].append(agent.thought().numpy().astype(np.float16)[None])
        cells.append(prepared.waypoints.cells)
        distances.append(prepared.waypoints.distance)
    costs = _costs(agent, trajectory, cells, distances)
    return {
        "actions": trajectory.actions,
        **{f"state.{name}": values for name, values in states.items()},
        **{f"camera.{name}": np.stack(values) for name, values in rows.items()},
        f"camera.{COSTS}": costs.astype(np.float16),
    }


def _subgoals(trajectory: Trajectory) -> tuple[tuple[Subgoal, ...], list[int]]:
    """Return the subgoals of an episode, and the number of each step's.

    They are those of the whole instruction, as the policy reads it, of which a recording may hold
    the first subtasks only; where it has not so many, those of the subtasks.
    """
    reader = SubgoalReader()
    goals = tuple(reader(segment.instruction)[-1] for segment in trajectory.segments)
    whole = reader(trajectory.episode.instruction) if trajectory.episode else ()
    goals = whole if len(whole) >= len(goals) else goals
    stops = [segment.stop for segment in trajectory.segments]
    numbers = np.searchsorted(stops, np.arange(len(trajectory)), side="right")
    return goals or (Subgoal("nothing"),), numbers.clip(0, max(len(goals) - 1, 0)).tolist()


def _costs(
    agent: Agent, trajectory: Trajectory, cells: Sequence[Any], distances: Sequence[Any]
) -> NDArray[np.float32]:
    """Return what the waypoints of every step cost, in all and from there on,
    (steps, 2, waypoints)."""
    costs = np.full((len(trajectory), 2, agent.config.waypoints), UNKNOWN, np.float32)
    for segment in (s for s in trajectory.segments if s.success):
        end = trajectory.states[POSE][segment.stop - 1]
        ways = [Routes(agent.survey.occupancy, end, plain) for plain in (False, True)]
        keys = cell_key(np.stack(ways[0].floors[:3], -1))
        order = np.argsort(keys)
        for step in range(segment.start, segment.stop):
            left = [_looked_up(keys[order], w.distance[order], cells[step]) for w in ways]
            both = np.stack([left[0] + distances[step], left[1]])
            costs[step, :, : both.shape[1]] = np.minimum(both, UNKNOWN)
    return costs


def _looked_up(
    keys: NDArray[np.int64], values: NDArray[np.float64], cells: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the values of cells (n, 3), whose floor may have turned out a bit or two higher."""
    best = np.full(len(cells), np.inf)
    for bit in (-2, -1, 0, 1, 2):
        wanted = cell_key(cells + np.array([0, 0, bit]))
        at = np.searchsorted(keys, wanted).clip(0, len(keys) - 1)
        best = np.where(keys[at] == wanted, np.minimum(best, values[at]), best)
    return best


def _work(job: Job) -> dict[str, NDArray[Any]]:
    torch.set_num_threads(1)
    return digest(_agent(job.checkpoint), open_source(job.dataset), job.index)


@cache
def _agent(checkpoint: Path) -> Agent:
    """Return the one agent with which a process digests episodes, one after the other."""
    return open_agent(checkpoint)


def open_agent(checkpoint: Path) -> Agent:
    """Return an agent with a checkpoint's encoder, which thinks as the template does."""
    return Agent(onlooker(checkpoint), TemplateThoughts())


def write(
    checkpoint: Path, dataset: Path, out: Path, workers: int, episodes: int | None = None
) -> int:
    """Digest the first episodes of a dataset (None: all); returns the number of steps."""
    if workers < 1:
        raise ConfigError(f"--workers {workers} must be at least 1")
    source = open_source(dataset)
    require_compatible(source.spec, HOUSE, "dataset")
    config, _ = FILES.read_architecture(checkpoint)
    lengths = source.lengths()[:episodes]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    writer = ArraysWriter(out, _spec(source.spec, config), int(offsets[-1]), _shapes(config))
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
    with get_context("spawn").Pool(workers) as pool:
        for index, made in enumerate(pool.imap(_work, jobs)):
            for name, values in made.items():
                writer.arrays[name][offsets[index] : offsets[index + 1]] = values
    writer.close(ids, offsets.tolist(), segments, list(sentences), ["subtask"], extras)
    return int(offsets[-1])


def encoder_hash(weights: Mapping[str, Tensor]) -> str:
    """Return 16 hex digits of the encoder in a checkpoint's weights, in half precision or not."""
    told = sha256()
    for name in sorted(name for name in weights if name.startswith("encoder.")):
        told.update(name.encode() + weights[name].half().cpu().numpy().tobytes())
    return told.hexdigest()[:16]


def _shapes(config: MgdmConfig) -> dict[str, tuple[Any, Any]]:
    return {
        **{f"camera.{c.name}": (np.float16, (c.height, c.width)) for c in cameras(config)},
        **{f"state.{s.name}": (np.float32, (s.size,)) for s in STATES},
        "actions": (np.float32, (1,)),
    }


def cameras(config: MgdmConfig) -> tuple[CameraSpec, ...]:
    """Return what a digested dataset has in place of pictures."""

    def rows(name: str, height: int, width: int) -> CameraSpec:
        return CameraSpec(name, height, width, "rows", mount="robot")

    return (
        rows(COLUMNS, 3 * config.columns, 6 * config.channels),
        rows(WAYPOINTS, config.waypoints, NUMBERS + 2 * config.words),
        rows(THOUGHT, 1, config.text_width),
        rows(COSTS, 2, config.waypoints),
    )


def _spec(spec: DemoSpec, config: MgdmConfig) -> DemoSpec:
    return DemoSpec(ObservationSpec(cameras(config), STATES), spec.action)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--episodes", type=int, help="the first ones; all without it")
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
