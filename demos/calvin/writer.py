"""Writes a dataset in CALVIN's layout, for the tools that read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.calvin import layout
from longhaul.demos.calvin.annotations import write_annotations
from longhaul.demos.source import DatasetError, DemoSource, Trajectory
from longhaul.demos.statistics import Statistics
from longhaul.files import output_folder
from longhaul.identifiers import shown

STATISTICS_TEMPLATE = """# what CALVIN's data module normalizes by
{modalities}
act_min_bound: {least}
act_max_bound: {most}
"""
MODALITY_TEMPLATE = """{name}:
  - _target_: calvin_agent.utils.transforms.NormalizeVector
    mean: {mean}
    std: {std}"""


def write_calvin(source: DemoSource, folder: Path, scene: str | None = None) -> int:
    """Write a dataset with CALVIN's cameras, states and relative actions; return its frames.

    The trajectories of a scene (A, B, C or D) lie together, in the order of scene_info.npy, which
    names each scene's first and last frame. `scene` is that of a dataset that does not say it. The
    folder is written completely or not at all, by one process. The absolute `actions` are CALVIN's:
    the TCP's pose at the next frame (for the last frame, at that frame) and the gripper command. No
    embeddings of the sentences are written. Raises DatasetError if the folder exists, if the
    dataset lacks something, and if its scene is unknown or is not `scene`; raises ConfigError while
    another process writes the folder.
    """
    _require_calvin(source)
    scenes = _scenes(source, scene)
    with output_folder(folder) as part:
        if folder.exists():
            raise DatasetError(f"{folder} exists already; nothing was written")
        return _write(source, part, scenes)


def _scenes(source: DemoSource, given: str | None) -> list[str]:
    """Return the scene of every trajectory: what the dataset says, else the given one."""
    valid = f"valid: {', '.join(layout.SCENE_NAMES)}"
    found = []
    for index in range(len(source)):
        trajectory = source.trajectory(index)
        start = trajectory.episode.start if trajectory.episode else {}
        said = start.get("scene", trajectory.extra.get("scene"))
        if said is not None and given is not None and said != given:
            raise DatasetError(
                f"{trajectory.id} was recorded in scene {shown(said)}, not in scene={given}: leave "
                "out --scene, since the dataset says it"
            )
        scene = given if said is None else said
        if scene is None:
            raise DatasetError(
                f"{trajectory.id} does not say in which scene it was recorded: give --scene; "
                f"{valid}"
            )
        if scene not in layout.SCENE_NAMES:
            raise DatasetError(f"{trajectory.id}: CALVIN has no scene {shown(scene)}; {valid}")
        found.append(scene)
    return found


def _write(source: DemoSource, part: Path, scenes: Sequence[str]) -> int:
    """Write the files into a new folder; return the number of frames."""
    (part / "lang_annotations").mkdir()
    ranges, spans, tasks, sentences = [], [], [], []
    start, stats = 0, dict[str, Statistics]()
    within: dict[str, list[int]] = {}
    for index in sorted(range(len(source)), key=scenes.__getitem__):
        trajectory = source.trajectory(index)
        _write_frames(source, index, part, start, vectors := _vectors(trajectory))
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
        key = layout.scene_key(scenes[index])
        within[key] = [within.get(key, ranges[-1])[0], start - 1]
    np.save(part / layout.RANGES_FILE, np.array(ranges, np.int64))
    np.save(part / "ep_lens.npy", np.array([last - first + 1 for first, last in ranges]))
    annotations = {
        "language": {"ann": sentences, "task": tasks, "emb": np.zeros((len(tasks), 0))},
        "info": {"indx": spans, "episodes": []},
    }
    write_annotations(part / "lang_annotations" / layout.ANNOTATIONS_FILE, annotations)
    write_annotations(part / layout.SCENES_FILE, within)
    (part / "statistics.yaml").write_text(_statistics(stats))
    return start


def _write_frames(
    source: DemoSource, index: int, part: Path, start: int, vectors: Mapping[str, NDArray[Any]]
) -> None:
    """Write a trajectory's frames, which are numbered from `start`."""
    cameras = [source.frames(index, name) for name in layout.CAMERA_SIDES_PX]
    for t, pictures in enumerate(zip(*cameras, strict=True)):
        frame: dict[str, Any] = dict(zip(layout.CAMERA_SIDES_PX, pictures, strict=True))
        frame |= {name: values[t] for name, values in vectors.items()}
        np.savez_compressed(part / layout.FRAME_FILE.format(start + t), **frame)


def _require_calvin(source: DemoSource) -> None:
    """Raise DatasetError for a dataset that lacks what CALVIN's frames hold."""
    wanted = layout.spec()
    offers = source.spec.observation.by_name()
    names = list(wanted.observation.by_name())
    missing = [name for name in names if name not in offers]
    if missing:
        raise DatasetError(
            f"CALVIN's frames hold {', '.join(missing)}, the dataset does not; record it with "
            f"'env.observations=[{','.join(names)}]'"
        )
    sizes = {c.name: (c.height, c.width) for c in source.spec.observation.cameras}
    for camera in wanted.observation.cameras:
        if sizes.get(camera.name) != (camera.height, camera.width):
            raise DatasetError(
                f"CALVIN's {camera.name} is {camera.height} x {camera.width}, the dataset has "
                f"{sizes.get(camera.name, 'no such camera')}"
            )
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
