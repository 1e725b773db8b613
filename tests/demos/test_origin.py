"""What datasets say of where they come from, and what a checkpoint keeps of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.open import open_source
from longhaul.demos.origin import merged, origin
from longhaul.demos.recording import recorded_from
from tests.demos.made import SPEC, MadeSource
from tests.toy import toy_episode


def recorded(folder: Path, scenes: tuple[str, ...], said: Any) -> Path:
    """Write a dataset of one trajectory in each scene, whose notes say `said`."""
    made, writer = MadeSource((4,) * len(scenes)), DemoWriter(folder, SPEC)
    for index, scene in enumerate(scenes):
        episode = replace(toy_episode("test", index), start={"scene": scene})
        trajectory = replace(made.trajectory(index), episode=episode)
        writer.add(trajectory, {name: made.frames(index, name) for name in ("front", "wrist")})
    (folder / "recording").mkdir()
    (folder / "recording" / "provenance.json").write_text(json.dumps(said))
    return folder


def test_a_recording_says_env_split_and_scenes(tmp_path: Path) -> None:
    said = {"identity": {"config": {"env": {"id": "longhaul/Calvin-v0"}, "split": "play"}}}
    folder = recorded(tmp_path / "demos", ("D", "A", "D"), said)
    assert origin(folder, open_source(folder)) == {
        "dataset": "demos",
        "episodes": 3,
        "frames": 12,
        "env": "longhaul/Calvin-v0",
        "split": "play",
        "scenes": ["A", "D"],
    }


@pytest.mark.parametrize(
    "said", [{}, [], {"identity": 3}, {"identity": {"config": {"env": "calvin", "split": 1}}}]
)
def test_notes_of_another_form_say_nothing(said: Any, tmp_path: Path) -> None:
    (tmp_path / "recording").mkdir()
    (tmp_path / "recording" / "provenance.json").write_text(json.dumps(said))
    assert recorded_from(tmp_path) == {}
    (tmp_path / "recording" / "provenance.json").write_text("[" * 100_000)
    assert recorded_from(tmp_path) == {}


def test_several_datasets_are_told_as_one() -> None:
    first = {"dataset": "a", "env": "x", "scenes": ["D", "C"], "episodes": 2, "frames": 9}
    second = {"dataset": "b", "env": "x", "scenes": ["C", "A"], "episodes": 1, "frames": 1}
    assert merged([first]) == {**first, "scenes": ["C", "D"]}
    assert merged([first, second]) == {
        "dataset": ["a", "b"],
        "env": "x",
        "scenes": ["A", "C", "D"],
        "episodes": 3,
        "frames": 10,
    }


def test_an_official_folder_is_called_by_its_parent_too(tmp_path: Path) -> None:
    folder = tmp_path / "task_D_D" / "training"
    folder.mkdir(parents=True)
    assert origin(folder, MadeSource((3,)))["dataset"] == "task_D_D/training"
