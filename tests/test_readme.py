"""The recipes of README.md, run as they stand: their files are written, their commands started.

A block of code that begins with a comment that is a path is a file; the indented line after it
that begins with `longhaul rollout` is the command that tries it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tree import ROOT
from tests.tree import copy as copy_tree

README = (ROOT / "README.md").read_text()
FILES = dict(re.findall(r"```\w+\n# (\S+/\S+)\n(.*?)```", README, flags=re.S))
RECIPES = README[README.index("## Add a policy") : README.index("## How fast")]
COMMANDS = re.findall(r"^    longhaul (rollout .*)$", RECIPES, flags=re.M)
QUICK = ["workers=1", "videos.first=0", "videos.failures=0"]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tracked tree, beside a FOLDER, with the files of all recipes."""
    place = tmp_path_factory.mktemp("readme")
    copy_tree(place / "tree")
    for name, text in FILES.items():
        path = place / name if name.startswith("FOLDER/") else place / "tree" / name
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return place / "tree"


def test_the_recipes_are_found() -> None:
    assert len(COMMANDS) == 4
    assert sum(name.startswith("FOLDER/") for name in FILES) == 5 and len(FILES) == 7


@pytest.mark.parametrize("command", COMMANDS)
def test_a_recipe_runs(command: str, tree: Path) -> None:
    summary = roll_out(tree, *shlex.split(command), *shorter(command))
    assert summary["status"]["error"] == 0
    if "gather-in-zone" in command:
        assert summary["status"]["success"] == 1


def test_a_recipes_entry_point_is_a_policy(tree: Path) -> None:
    words = ["rollout", "--plugin", "FOLDER", "policy=very_still", "env=counting", "episodes=1"]
    summary = roll_out(tree, *words, "policy.gripper=-1.0")
    assert summary["status"]["success"] == 1


def shorter(command: str) -> list[str]:
    """Return what makes a command quick: CALVIN's subtasks end after a few steps, undrawn."""
    return (
        ["env.subtask_steps=5", "env.observations=[robot_obs]"] if "env=calvin" in command else []
    )


def roll_out(tree: Path, *words: str) -> dict:
    path = tree.parent / "run"
    told = subprocess.run(
        [sys.executable, "-P", "-m", "longhaul", *words, *QUICK, f"run_dir={path}"],
        cwd=tree.parent,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    summary = json.loads((path / "summary.json").read_text())
    path.rename(tree.parent / f"run-{len(list(tree.parent.glob('run-*')))}")
    return summary
