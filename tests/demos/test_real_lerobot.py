"""What we record opens in the real lerobot package, in an interpreter of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.open import open_source
from tests.demos.made import SPEC, MadeSource
from tests.demos.real_lerobot import needs_lerobot, run

CAMERAS = ("front", "wrist")


@pytest.mark.slow
@needs_lerobot
def test_opens_in_lerobot(tmp_path: Path) -> None:
    made = MadeSource((30, 21, 40) * 4)
    writer = DemoWriter(tmp_path / "made", SPEC)
    for index in range(len(made)):
        trajectory = made.trajectory(index % 3)
        renamed = type(trajectory)(**{**vars(trajectory), "id": f"made-{index}"})
        writer.add(renamed, {name: made.frames(index % 3, name) for name in CAMERAS})
    source = open_source(tmp_path / "made")
    trajectories = [source.trajectory(i) for i in range(len(source))]
    offsets = np.cumsum([0, *source.lengths()])
    checked = np.linspace(0, offsets[-1] - 1, 25).astype(int)
    expected = {
        "episodes": np.array(len(source)),
        "actions": np.concatenate([t.actions for t in trajectories]),
        "state": np.concatenate([t.states["robot_obs"] for t in trajectories]),
        "tasks": np.array(
            [
                s.instruction
                for t in trajectories
                for s in t.segments
                for _ in range(s.start, s.stop)
            ]
        ),
        "cameras": np.array(CAMERAS),
        "checked": checked,
    }
    for number in checked:
        index = int(np.searchsorted(offsets, number, side="right")) - 1
        for camera in CAMERAS:
            frames = list(source.frames(index, camera))
            expected[f"{camera}/{number}"] = frames[number - offsets[index]]
    np.savez(tmp_path / "expected.npz", **expected)  # type: ignore[arg-type]
    printed = run(
        "open_in_lerobot.py", tmp_path / "made", tmp_path / "expected.npz", scratch=tmp_path
    )
    assert "pictures within" in printed
    print(printed)
