"""Threat: a run folder from elsewhere from which a planner learns, or whose actions are replayed.

Control: longhaul/inside.py and longhaul/documents.py, as for a run that is looked at.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.identifiers import file_name
from longhaul.policies.planner.experience import ExperiencePool, remember
from longhaul.policies.planner.knowledge import KnowledgeGraph
from longhaul.policies.policy import Start
from longhaul.policies.scripted.replay import ReplayPolicy
from tests.evaluation.made import make_record
from tests.evaluation.viewer.made import line

BRACKETS = "[" * 100_000
RECORD: EpisodeRecord = make_record([1], name="a")
STEP = json.dumps({"episode": "a", "step": 0, "skill": "pick"}) + "\n"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "episodes.jsonl").write_text(line(RECORD))
    (folder / "steps.jsonl").write_text(STEP)
    assert [e.steps for e in remember(folder)] == [("pick",)]
    return folder


@pytest.mark.parametrize("name", ["episodes.jsonl", "steps.jsonl"])
@pytest.mark.parametrize("text", [BRACKETS, "[]", "3", "{}", '{"episode": {"id": "a"}}', "{"])
def test_what_is_no_run_teaches_nothing(run: Path, name: str, text: str) -> None:
    (run / name).write_text(text + "\n")
    with pytest.raises(ConfigError, match="is no run of the planner") as told:
        list(remember(run))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["episodes.jsonl", "steps.jsonl"])
def test_links_teach_nothing(run: Path, name: str) -> None:
    (run / name).rename(run.parent / name)
    (run / name).symlink_to(run.parent / name)
    with pytest.raises(ConfigError, match=f"'{name}' is a link"):
        list(remember(run))


@pytest.mark.parametrize(
    "text",
    [BRACKETS, "[]", "3", '{"goal": 3, "steps": [], "success": true}',
     '{"goal": "g", "steps": "abc", "success": true}', '{"goal": "g", "steps": [1]}'],
)  # fmt: skip
def test_a_store_of_something_else_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "store").write_text(text + "\n")
    with pytest.raises(ConfigError, match=r"policy\.memory\.experience=") as told:
        ExperiencePool.read(tmp_path / "store", lambda goals: np.zeros((len(goals), 1), np.float32))
    assert "\n" not in str(told.value)
    if text != "[]":  # the graph without edges
        with pytest.raises(ConfigError, match=r"policy\.memory\.knowledge="):
            KnowledgeGraph.read(tmp_path / "store")


@pytest.mark.parametrize("name", ["a", "../secret", ".."])
def test_linked_actions_are_not_replayed(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "actions"
    folder.mkdir()
    np.save(tmp_path / "secret.npy", np.zeros((3, 2)))
    start = Start(name, 0, "go", True)
    setting: Any = None
    with pytest.raises(FileNotFoundError):
        ReplayPolicy(setting, str(folder)).reset([0], [start])
    (folder / f"{file_name(name)}.npy").symlink_to(tmp_path / "secret.npy")
    with pytest.raises(ConfigError, match="is a link"):
        ReplayPolicy(setting, str(folder)).reset([0], [start])
    with pytest.raises(ConfigError, match="is a link"):
        ReplayPolicy(setting, str(folder)).provenance()
