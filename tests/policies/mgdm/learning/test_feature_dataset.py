"""From recorded episodes to a checkpoint that acts: feature dataset, training, rollout."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from longhaul.__main__ import main
from longhaul.commands.record import main as record
from longhaul.commands.rollout import main as rollout
from longhaul.configs.navigation import with_dataset
from longhaul.demos.arrays import ArraysSource
from longhaul.demos.open import open_source
from longhaul.demos.source import DemoSource, Trajectory
from longhaul.envs.lhvln.backends import open_simulator
from longhaul.envs.lhvln.simulator import Cameras
from longhaul.interrupts import INTERRUPTED
from longhaul.policies.mgdm.agent import Agent
from longhaul.policies.mgdm.learning import feature_dataset
from longhaul.policies.mgdm.learning.encoder_learner import EncoderLearner
from longhaul.policies.mgdm.learning.feature_dataset import (
    COLUMNS,
    COSTS,
    THOUGHT,
    UNREACHABLE_COST_M,
    WAYPOINTS,
)
from longhaul.policies.mgdm.perception.observations import DEPTH_VIEWS, POSE, RGB_VIEWS, STEP, STOP
from longhaul.policies.mgdm.policy import MgdmPolicy
from longhaul.policies.policy import Batch, Setting, Start
from longhaul.policies.training.train import LAST_CHECKPOINT, Trainer
from tests.conformance.catalog import load, open_env

NAMES = ("bed", "chair", "lamp", "sofa", "table", "towel", "wall", "room: bedroom", "room: kitchen")
PICTURES = ",".join([*RGB_VIEWS, *DEPTH_VIEWS, POSE, STEP])


@dataclass(frozen=True)
class Made:
    """Two episodes, an untrained checkpoint, and the feature dataset that it makes of them."""

    folder: Path
    checkpoint: Path
    recorded: DemoSource
    features: ArraysSource


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("features")
    asked = ["env=lhvln", "policy=straying_expert", "env.size=128", "episodes=2", "workers=1"]
    shown = [f"env.observations=[{PICTURES}]", "env.max_steps=90", "videos=0", "sheet=0"]
    assert record([*asked, *shown, f"out={folder / 'recorded'}", "device=cpu"]) == 0
    checkpoint = folder / "encoder.safetensors"
    encoder = EncoderLearner(NAMES)
    encoder.save(checkpoint, encoder.module().state_dict())
    arguments = [checkpoint, folder / "recorded", folder / "features", "--workers", 1]
    assert feature_dataset.main([str(argument) for argument in arguments]) == 0
    recorded, features = open_source(folder / "recorded"), open_source(folder / "features")
    assert isinstance(features, ArraysSource)
    return Made(folder, checkpoint, recorded, features)


def done(trajectory: Trajectory) -> np.ndarray:
    """Return the actions that were carried out."""
    return trajectory.actions if trajectory.executed is None else trajectory.executed


def test_the_policy_decides_on_what_the_feature_dataset_holds(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two episodes side by side in a policy that is led through what was done in them."""
    names = (WAYPOINTS, THOUGHT, COLUMNS)
    seen: dict[str, dict[int, list[Any]]] = {name: defaultdict(list) for name in names}
    plain = Agent.prepare, Agent.rows, Agent.think

    def prepare(self: Agent, *arguments: Any) -> Any:
        prepared = plain[0](self, *arguments)
        seen[COLUMNS][id(self)].append(prepared.columns.numpy())
        return prepared

    def rows(self: Agent, waypoints: Any) -> Any:
        seen[WAYPOINTS][id(self)].append(plain[1](self, waypoints))
        return seen[WAYPOINTS][id(self)][-1]

    def think(self: Agent) -> Any:
        thought = plain[2](self)
        seen[THOUGHT][id(self)].append(thought.numpy()[None])
        return thought

    for name, spy in {"prepare": prepare, "rows": rows, "think": think}.items():
        monkeypatch.setattr(Agent, name, spy)
    task = open_env("lhvln", policy=load("policy", "mgdm"))
    spaces = task.conventions, task.observation_space, task.action_space
    policy = MgdmPolicy(Setting(*spaces, 2, checkpoint=made.checkpoint), thought="template")
    ways = [made.recorded.trajectory(i) for i in range(2)]
    frames = [
        {n: np.stack(list(made.recorded.frames(i, n))) for n in (*RGB_VIEWS, *DEPTH_VIEWS)}
        | dict(w.states)
        for i, w in enumerate(ways)
    ]
    starts = [Start(w.id, 7, w.episode.instruction) for w in ways if w.episode is not None]
    policy.reset([0, 1], starts)
    for step in range(max(len(w) for w in ways)):
        slots = [slot for slot in (1, 0) if step < len(ways[slot])]
        rows_now = {n: np.stack([frames[s][n][step] for s in slots]) for n in frames[0]}
        policy.act(Batch(tuple(slots), rows_now))
        policy.executed(slots, np.array([int(done(ways[s])[step, 0]) for s in slots]))
    for name, found in seen.items():
        for slot, agent in ((1, 0), (0, 1)):  # the first to act is slot 1's
            stored = np.stack(list(made.features.frames(slot, name)))
            mine = np.stack(list(found.values())[agent])
            # Half precision, and as many threads as a process has: sums differ in their last bits.
            np.testing.assert_allclose(mine, stored, rtol=2e-3, atol=1e-3, err_msg=name)
    assert (np.stack(list(made.features.frames(0, WAYPOINTS)))[:, 0, 0] == 1).mean() > 0.95


def test_what_is_not_seen_is_as_it_was_recorded(made: Made) -> None:
    assert made.features.lengths().tolist() == made.recorded.lengths().tolist()
    for index in range(2):
        ours, theirs = made.features.trajectory(index), made.recorded.trajectory(index)
        np.testing.assert_array_equal(ours.actions, theirs.actions)
        for name in (POSE, STEP):
            np.testing.assert_array_equal(ours.states[name], theirs.states[name])
        spans = [[(s.start, s.stop, s.instruction) for s in t.segments] for t in (ours, theirs)]
        assert spans[0] == spans[1] and spans[0]
        assert all(ours.actions[stop - 1, 0] == STOP for _, stop, _ in spans[0])


def test_costs_are_no_less_than_the_simulators_ways(made: Made) -> None:
    """What it costs over a waypoint is no less than the way there is without a detour."""
    trajectory = made.recorded.trajectory(0)
    assert trajectory.episode is not None
    dataset = Path(with_dataset(load("env", "lhvln"))["dataset"])
    scene = dataset / "scenes" / trajectory.episode.start["scene"]
    navigation = open_simulator("builtin", scene, Cameras()).navigation
    costs = np.stack(list(made.features.frames(0, COSTS))).astype(float)
    filled = np.stack(list(made.features.frames(0, WAYPOINTS)))[:, :, 0] > 0.5
    known = filled & (costs[:, 0] < UNREACHABLE_COST_M)
    assert (costs[:, 1][known] <= costs[:, 0][known] + 0.05).all() and (costs[:, 1] >= 0).all()
    assert known.sum() > 0.5 * filled.sum()
    for segment in trajectory.segments:
        goal = [trajectory.states[POSE][segment.stop - 1, :3].astype(float)]
        for step in range(segment.start, segment.stop):
            here = trajectory.states[POSE][step, :3].astype(float)
            if known[step].any():
                direct = navigation.distance(here, goal)
                assert costs[step, 0][known[step]].min() > 0.85 * direct - 0.4


def test_training_goes_on_exactly_and_its_checkpoint_acts(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(name: str) -> int:
        asked = ["policy=mgdm", f"data.path={made.folder / 'features'}", "data.holdout=0"]
        own = [
            f"policy.encoder={made.checkpoint}",
            "policy.window=8",
            f"run_dir={made.folder / name}",
        ]
        sizes = [f"optimization.{n}" for n in ("batch=2", "steps=4", "save_every=2")]
        # Of a process all runs share one Accelerator's precision.
        exact = ["device=cpu", "optimization.precision=float32"]
        return main([*asked, *own, *sizes, *exact], command="train")

    def stopped(self: Trainer, batches: Any) -> float:
        if self.step == 3:
            raise KeyboardInterrupt
        return plain(self, batches)

    assert trained("once") == 0
    plain = Trainer._update
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_update", stopped)
        assert trained("twice") == INTERRUPTED
    assert trained("twice") == 0
    at_once, twice = (load_file(made.folder / n / LAST_CHECKPOINT) for n in ("once", "twice"))
    assert at_once.keys() == twice.keys()
    for name, value in at_once.items():
        np.testing.assert_array_equal(value, twice[name], err_msg=name)
    start = load_file(made.checkpoint)
    changed = {n for n in start if not np.array_equal(start[n], at_once[n])}
    assert changed and not any(n.startswith("encoder.") for n in changed)
    asked = ["policy=mgdm", "env=lhvln", "episodes=1", "env.max_steps=12", "workers=1"]
    folder = made.folder / "rolled"
    own = [f"checkpoint={made.folder / 'once' / LAST_CHECKPOINT}", f"run_dir={folder}"]
    assert rollout([*asked, *own, "videos.first=0", "device=cpu"]) == 0
    (line,) = (folder / "episodes.jsonl").read_text().splitlines()
    assert json.loads(line)["status"] != "error"
