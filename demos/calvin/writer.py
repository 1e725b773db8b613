"""Writes a dataset in CALVIN's layout, for the tools that read it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.calvin import layout
from longhaul.demos.calvin.annotations import write_annotations
from longhaul.demos.source import DatasetError, DemoSource, Trajectory
from longhaul.demos.statistics import Statistics
from longhaul.files import output_folder

STATISTICS_TEMPLATE = """# what CALVIN's data module normalizes by
{modalities}
act_min_bound: {least}
act_max_bound: {most}
"""
MODALITY_TEMPLATE = """{name}:
  - _target_: calvin_agent.utils.transforms.NormalizeVector
    mean: {mean}
    std: {std}"""


def write_calvin(source: DemoSource, folder: Path, scene: str) -> int:
    """Write a dataset with CALVIN's cameras, states and relative actions; return its frames.

    `scene` is A, B, C or D. The folder is written completely or not at all, by one process. The
    absolute `actions` are CALVIN's: the TCP's pose at the next frame (for the last frame, at that
    frame) and the gripper command. No embeddings of the sentences are written. Raises DatasetError
    if the folder exists or the dataset lacks something, and ConfigError while another process
    writes it.
    """
    _require_calvin(source)
    with output_folder(folder) as part:
        if folder.exists():
            raise DatasetError(f"{folder} exists already; nothing was written")
        return _write(source, part, scene)


def _write(source: DemoSource, part: Path, scene: str) -> int:
    """Write the files into a new folder; return the number of frames."""
    (part / "lang_annotations").mkdir()
    ranges, spans, tasks, sentences = [], [], [], []
    start, stats = 0, dict[str, Statistics]()
    for index in range(len(source)):
        trajectory = source.trajectory(index)
        vectors = _vectors(trajectory)
        cameras = [source.frames(index, name) for name in layout.CAMERA_SIDES_PX]
        for t, pictures in enumerate(zip(*cameras, strict=True)):
            frame = dict(zip(layout.CAMERA_SIDES_PX, pictures, strict=True))
            frame |= {name: values[t] for name, values in vectors.items()}
            arrays: dict[str, Any] = frame
            np.savez_compressed(part / layout.FRAME_FILE.format(start + t), **arrays)
        for name, values in vectors.items():
            new = Statistics.of(values)
            stats[name] = stats[name].merged(new) if name in stats else new
        ranges.append((start, start + len(trajectory) - 1))
        for segment in trajectory.segments:
            if segment.success:
                spans.append((start + segment.start, start + segment.stop - 1))
                tasks.append(segment.name)
                sentences.append(segment.instruction)
        start += len(trajectory)
    np.save(part / layout.RANGES_FILE, np.array(ranges, np.int64))
    np.save(part / "ep_lens.npy", np.array([last - first + 1 for first, last in ranges]))
    annotations = {
        "language": {"ann": sentences, "task": tasks, "emb": np.zeros((len(tasks), 0))},
        "info": {"indx": spans, "episodes": []},
    }
    write_annotations(part / "lang_annotations" / layout.ANNOTATIONS_FILE, annotations)
    write_annotations(part / "scene_info.npy", {f"calvin_scene_{scene}": [0, start - 1]})
    (part / "statistics.yaml").write_text(_statistics(stats))
    return start


def _require_calvin(source: DemoSource) -> None:
    wanted = layout.spec()
    cameras = {c.name: (c.height, c.width) for c in source.spec.observation.cameras}
    for camera in wanted.observation.cameras:
        if cameras.get(camera.name) != (camera.height, camera.width):
            raise DatasetError(
                f"CALVIN's {camera.name} is {camera.height} x {camera.width}, the dataset has "
                f"{cameras.get(camera.name, 'none')}"
            )
    states = {state.name for state in source.spec.observation.states}
    missing = set(layout.STATE_SIZES) - states
    if missing:
        raise DatasetError(f"CALVIN's frames hold {sorted(missing)}, the dataset does not")
    if source.spec.action != wanted.action:
        raise DatasetError(f"actions are {source.spec.action}, CALVIN's are {wanted.action}")


def _vectors(trajectory: Trajectory) -> dict[str, NDArray[np.float32]]:
    robot = trajectory.states["robot_obs"]
    poses = np.concatenate([robot[1:, :6], robot[-1:, :6]])
    return {
        "robot_obs": robot,
        "scene_obs": trajectory.states["scene_obs"],
        "rel_actions": trajectory.actions,
        "actions": np.concatenate([poses, trajectory.actions[:, 6:]], axis=1),
    }


def _statistics(stats: Mapping[str, Statistics]) -> str:
    """Return the text of statistics.yaml; a component that never changes gets a deviation of 1."""
    modalities = []
    for name in ("robot_obs", "scene_obs"):
        deviation = np.where(stats[name].std == 0, 1.0, stats[name].std)
        text = MODALITY_TEMPLATE.format(
            name=name, mean=stats[name].mean.tolist(), std=deviation.tolist()
        )
        modalities.append(text)
    bounds = stats["actions"]
    return STATISTICS_TEMPLATE.format(
        modalities="\n".join(modalities), least=bounds.min.tolist(), most=bounds.max.tolist()
    )
