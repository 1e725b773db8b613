"""A run folder that is hard to lay out: long names, many subtasks and cameras, unlike numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from longhaul.envs.episode import EpisodeRecord, Status
from longhaul.envs.specs import ActionSpec, CameraSpec, EnvSpec, ObservationSpec, StateSpec
from longhaul.evaluation.recordings.explain_recording import ExplainRecording
from longhaul.identifiers import file_name
from longhaul.policies.policy import Weights
from tests.evaluation.made import make_record
from tests.evaluation.viewer.made import write_run

STEPS = 6
INSTRUCTION = "Go to the kitchen, take the blue cup and bring it to the dining table. " * 28
LAYOUT = (
    *(f"joint_{number} (rad)" for number in range(1, 11)),
    *("tcp x (m)", "tcp y (m)", "tcp z (m)", "gripper width (m)"),
    *("force_at_the_wrist_of_the_left_arm (N)", "is_holding"),
)
TRACEBACK = (
    "Traceback (most recent call last):\n"
    '  File "/a/long/path/of/a/project/that/somebody/has/module_with_a_name.py", line 7\n'
    f"RuntimeError: device_side_assert {'x' * 200}"
)


def hard_run(folder: Path) -> Path:
    """Write a run whose first episode has a recording with 12 cameras and whose third failed."""
    rows = [_record("x" * 300), _record("house 7 " + "walk to the kitchen; " * 14), _record("e")]
    rows[2] = replace(rows[2], status="error", error=TRACEBACK)
    write_run(folder, rows)
    cameras = tuple(CameraSpec(f"rgb_camera_on_the_ceiling_{n}", 32, 48) for n in range(12))
    record(folder, rows[0], cameras)
    return folder


def _record(name: str, status: Status = "timeout") -> EpisodeRecord:
    tasks = [f"carry_the_object_number_{n}_to_the_receptacle_in_the_hall_{n}" for n in range(40)]
    done = [int(number < STEPS - 1) for number in range(40)]
    made = make_record(done, name=name, status=status, steps=[1] * STEPS, tasks=tasks)
    episode = replace(made.episode, instruction=INSTRUCTION[:2000])
    return replace(made, episode=episode, timings={"wall_s": 83.0}, parts={"expert": "label"})


def record(folder: Path, row: EpisodeRecord, cameras: tuple[CameraSpec, ...]) -> None:
    """Write a recording of an episode with these cameras and with numbers of unlike units."""
    states = (StateSpec("arm", len(LAYOUT), LAYOUT),)
    spec = EnvSpec(ObservationSpec(cameras, states), ActionSpec("delta", 7, rate=30.0), ("test",))
    recording = ExplainRecording(folder / "recordings" / file_name(row.id), spec)
    random = np.random.default_rng(0)
    rows = tuple(f"row_number_{number}_of_the_memory" for number in range(4))
    for step in range(row.steps):
        shape = [(camera.name, (camera.height, camera.width, 3)) for camera in cameras]
        seen = {name: random.integers(0, 255, size, np.uint8) for name, size in shape}
        numbers = {"arm": random.normal(size=len(LAYOUT))}
        heeded = Weights(rows, list(range(step, -1, -1)), random.random((4, step + 1)) / 4, True)
        mind = {"thought": INSTRUCTION, "value_of_the_state": float(step), "heeded": heeded}
        recording.add({**seen, **numbers}, random.uniform(-1, 1, 7).astype(np.float32), mind)
    recording.close()
