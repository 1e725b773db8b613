"""What it takes to add a policy, an env and a task: done in a copy of the tree and counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

POLICY = '''
"""Always the same action."""

import numpy as np

from longhaul.envs.specs import Requirement


class ConstantPolicy:
    requirement = Requirement()
    trained = None

    def __init__(self, setting, value=0.0):
        self._action = np.full(setting.action_space.shape, value, setting.action_space.dtype)
        self._action[-1] = 1

    def reset(self, slots, starts):
        pass

    def act(self, batch):
        return np.stack([self._action] * len(batch.slots))

    def provenance(self):
        return {}
'''

CONFIG = "_target_: policies.constant.ConstantPolicy\nvalue: 0.5\n"

ENV = '''
"""Count to three."""

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Dict

from longhaul.envs.episode import Episode, Subtask, SubtaskOutcome
from longhaul.envs.specs import ActionSpec, EnvSpec, ObservationSpec, StateSpec


class CountEnv(gymnasium.Env):
    conventions = EnvSpec(
        ObservationSpec(states=(StateSpec("count", 1),)), ActionSpec("delta", 1), splits=("test",)
    )
    observation_space = Dict({"count": Box(0, 9, (1,), np.float32)})
    action_space = Box(-1, 1, (1,), np.float32)

    def __init__(self, parts=None):
        pass

    def episodes(self, split, n, seed):
        subtask = Subtask("count", "count to three", 3)
        return [Episode(f"count-{i}", i, "count", (subtask,)) for i in range(n or 5)]

    def provenance(self):
        return {"renderer": "none"}

    def reset(self, *, seed=None, options=None):
        self.count = 0
        return self.observe()

    def step(self, action):
        self.count += 1
        observation, info = self.observe()
        return observation, 0.0, self.count == 3, False, info

    def observe(self):
        done = self.count == 3
        outcome = SubtaskOutcome("count", 3, True, done, 0, self.count, done)
        info = {"instruction": "count", "subtask": 0, "outcomes": (outcome,)}
        return {"count": np.array([self.count], np.float32)}, info
'''

TASK = '''
"""Leave the drawer alone for a moment."""

from longhaul.envs.calvin.tasks.task import Task


def unmoved(start, end):
    return abs(end.doors["base__drawer"] - start.doors["base__drawer"]) < 0.01


TASKS = (Task("leave_drawer", "leave the drawer as it is", unmoved),)
'''


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tracked tree with a toy policy, env and task in it."""
    tree = tmp_path_factory.mktemp("tree")
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listing.stdout.split():
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    add(tree, "policies/constant/__init__.py", POLICY)
    add(tree, "configs/policy/constant.yaml", CONFIG)
    add(tree, "envs/counting/__init__.py", ENV)
    add(tree, "configs/env/counting.yaml", "id: longhaul/Counting-v0\n")
    registration = tree / "envs/__init__.py"
    line = '    "longhaul/Calvin-v0": "longhaul.envs.calvin.env:make",\n'
    text = registration.read_text()
    assert line in text
    new = '    "longhaul/Counting-v0": "envs.counting:CountEnv",\n'
    registration.write_text(text.replace(line, line + new))
    add(tree, "envs/calvin/tasks/leave_drawer.py", TASK)
    return tree


def add(tree: Path, name: str, text: str) -> None:
    assert not (tree / name).exists()
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text(text)


def roll_out(tree: Path, *arguments: str) -> dict:
    command = [sys.executable, "scripts/rollout.py", *arguments, "run_dir=run-of-test", "workers=1"]
    path = {"PYTHONPATH": str(tree)}
    result = subprocess.run(
        command, cwd=tree, env={**os.environ, **path}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    summary = json.loads((tree / "run-of-test" / "summary.json").read_text())
    (tree / "run-of-test").rename(tree / f"run-{len(list(tree.glob('run-*')))}")
    return summary


def touched(tree: Path) -> set[str]:
    """Return the files that differ from the project's, caches and runs left out."""
    files = [path.relative_to(tree) for path in tree.rglob("*") if path.is_file()]
    return {
        str(name)
        for name in files
        if "__pycache__" not in name.parts
        and not name.parts[0].startswith("run-")
        and (not (ROOT / name).exists() or (ROOT / name).read_bytes() != (tree / name).read_bytes())
    }


def test_only_these_files_are_touched(copy: Path) -> None:
    assert touched(copy) == {
        "policies/constant/__init__.py",
        "configs/policy/constant.yaml",
        "envs/counting/__init__.py",
        "configs/env/counting.yaml",
        "envs/__init__.py",
        "envs/calvin/tasks/leave_drawer.py",
    }


def test_the_new_policy_runs_in_the_new_env(copy: Path) -> None:
    summary = roll_out(copy, "policy=constant", "env=counting", "episodes=2")
    assert summary["status"]["success"] == 2
    assert summary["metrics"]["sr"]["value"] == 1.0


def test_the_new_task_is_evaluated(copy: Path) -> None:
    summary = roll_out(
        copy,
        "policy=hold",
        "env=calvin",
        "env.chain=[leave_drawer]",
        "env.observations=[robot_obs]",
        "episodes=1",
    )
    assert summary["per_task"]["leave_drawer"]["value"] == 1.0
