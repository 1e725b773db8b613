"""What it takes to add a policy, an env and a task: done in a copy of the tree, as an outside
package and as a plugin folder, and the files of Longhaul that are touched are counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tree import ROOT
from tests.tree import copy as copy_tree

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

CONFIG = "_target_: longhaul.policies.constant.ConstantPolicy\nvalue: 0.5\n"

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

REGISTERED = """
gymnasium.register("Counting-v0", "my_envs:CountEnv", disable_env_checker=True)
"""

TASK = '''
"""Leave the drawer alone for a moment."""

from longhaul.envs.calvin.tasks.task import Task


def unmoved(start, end):
    return abs(end.doors["base__drawer"] - start.doors["base__drawer"]) < 0.01


TASKS = (Task("leave_drawer", "leave the drawer as it is", unmoved),)
'''


PACKAGE_POINTS = """
[longhaul.policies]
constant = toys.policy:ConstantPolicy
broken = toys.absent:Policy
seer = toys.policy:ConstantPolicy

[longhaul.envs]
counting = toys.env:CountEnv

[longhaul.formats]
counts = toys.dataset:CountSource
"""

SOURCE = '''
"""A dataset of one number."""


class CountSource:
    pattern = "counts.txt"

    def __init__(self, folder):
        self.spec = (folder / self.pattern).read_text()
'''


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tracked tree with a toy policy, env and task in it."""
    tree = copy_tree(tmp_path_factory.mktemp("tree"))
    add(tree, "policies/constant/__init__.py", POLICY)
    add(tree, "configs/policy/constant.yaml", CONFIG)
    add(tree, "envs/counting/__init__.py", ENV)
    add(tree, "configs/env/counting.yaml", "id: longhaul/Counting-v0\n")
    registration = tree / "envs/__init__.py"
    line = '    "longhaul/Calvin-v0": "longhaul.envs.calvin.env:make",\n'
    text = registration.read_text()
    assert line in text
    new = '    "longhaul/Counting-v0": "longhaul.envs.counting:CountEnv",\n'
    registration.write_text(text.replace(line, line + new))
    add(tree, "envs/calvin/tasks/leave_drawer.py", TASK)
    return tree


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder like site-packages, with an installed package that brings the same toys."""
    site = tmp_path_factory.mktemp("site")
    add(site, "toys/__init__.py", "")
    add(site, "toys/policy.py", POLICY)
    add(site, "toys/env.py", ENV)
    add(site, "toys/dataset.py", SOURCE)
    add(site, "toys-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toys\nVersion: 1.0\n")
    add(site, "toys-1.0.dist-info/entry_points.txt", PACKAGE_POINTS)
    return site


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a user's own folder, laid out as Longhaul's tree is, that brings the same toys."""
    folder = tmp_path_factory.mktemp("plugin")
    add(folder, "my_policies/constant.py", POLICY)
    add(folder, "configs/policy/constant.yaml", "_target_: my_policies.constant.ConstantPolicy\n")
    add(folder, "my_envs.py", ENV + REGISTERED)
    add(folder, "configs/env/counting.yaml", "id: my_envs:Counting-v0\n")
    return folder


def add(tree: Path, name: str, text: str) -> None:
    assert not (tree / name).exists()
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
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


def outside(folder: Path, path: Path | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `longhaul rollout` in an empty folder, with `path` on Python's path beside this tree."""
    places = os.pathsep.join(str(place) for place in (ROOT, path) if place)
    return subprocess.run(
        [sys.executable, "-P", "-m", "longhaul", "rollout", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
    )


def succeeds(folder: Path) -> None:
    (path,) = (folder / "runs").iterdir()
    summary = json.loads((path / "summary.json").read_text())
    assert summary["status"]["success"] == 2 and summary["metrics"]["sr"]["value"] == 1.0


def test_an_outside_package_touches_no_file(package: Path, tmp_path: Path) -> None:
    before = fingerprint()
    words = ["policy=constant", "env=counting", "episodes=2", "workers=1", "policy.value=0.5"]
    told = outside(tmp_path, package, *words)
    assert told.returncode == 0, told.stderr
    succeeds(tmp_path)
    assert fingerprint() == before


def test_a_plugin_folder_touches_no_file(plugin: Path, tmp_path: Path) -> None:
    """Its policy is a learned one, of which each worker gets a copy."""
    before = fingerprint()
    module = plugin / "my_policies" / "constant.py"
    learned = module.read_text().replace("trained = None", "trained = True")
    in_a_worker = "assert __import__('multiprocessing').parent_process() is not None"
    module.write_text(
        learned.replace(
            "    def act(self, batch):\n", f"    def act(self, batch):\n        {in_a_worker}\n"
        )
    )
    words = ["policy=constant", "env=counting", "episodes=2", "engine.replicas=on"]
    told = outside(tmp_path, None, *words, "--plugin", str(plugin))
    assert told.returncode == 0, told.stderr
    succeeds(tmp_path)
    assert fingerprint() == before


def fingerprint() -> dict[str, int]:
    """Return the files of this tree and when each was last written."""
    folders = [path for path in (ROOT / "longhaul").iterdir() if path.is_dir()]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return {str(f): f.stat().st_mtime_ns for f in files if "__pycache__" not in f.parts}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["policy=broken"],
            "longhaul.policies broken: toys.absent:Policy of toys can't be imported: "
            "ModuleNotFoundError: No module named 'toys.absent'",
        ),
        (
            ["policy=seer"],
            "policy=seer is Longhaul's own; toys.policy:ConstantPolicy of toys has the same name",
        ),
        (["policy=constnat"], "policy=constnat is unknown; did you mean constant? valid: broken, "),
        (["policy=constant", "policy.vlaue=1"], "policy.vlaue is unknown; did you mean value? "),
        (["policy=random", "env=counting", "env.size=3"], "env.size is unknown; "),
        (["policy._target_=toys.env.CountEnv"], "policy._target_=toys.env.CountEnv is not allowed"),
    ],
)
def test_what_is_wrong_with_a_package_is_one_line(
    words: list[str], message: str, package: Path, tmp_path: Path
) -> None:
    told = outside(tmp_path, package, *words)
    assert told.returncode == 2 and told.stderr.count("\n") == 1, told.stderr
    assert told.stderr.startswith(f"error: {message}"), told.stderr
    assert not list(tmp_path.iterdir())


def test_an_outside_format_is_read_after_ours(package: Path, tmp_path: Path) -> None:
    (tmp_path / "counts.txt").write_text("three")
    program = "from longhaul.demos.open import open_source; print(open_source('.').spec)"
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{package}"},
        capture_output=True,
        text=True,
    )
    assert told.stdout == "three\n", told.stderr
