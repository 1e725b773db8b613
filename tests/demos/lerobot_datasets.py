"""Writes datasets by the real lerobot 0.6 and says what its reader gives of each frame.

Run by lerobot's own interpreter:
    python tests/demos/lerobot_datasets.py datasets FOLDER     twelve datasets
    python tests/demos/lerobot_datasets.py copies FOLDER       copies of FOLDER/own by its tools
Beside each dataset NAME there is then NAME.npz.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
from lerobot.configs import DepthEncoderConfig, RGBEncoderConfig
from lerobot.datasets import (
    LeRobotDataset,
    delete_episodes,
    merge_datasets,
    split_dataset,
)

LENGTHS = (7, 5, 9, 6)
"""Frames of the episodes, which share their files."""

SIZE = (64, 96)
CAMERAS = ("front", "wrist")
STATE = ["x", "y", "z", "rx", "ry", "rz", "f0", "f1"]
ACTION = ["dx", "dy", "dz", "rx", "ry", "rz", "gripper"]
AXES = ["height", "width", "channels"]

Task = Callable[[int, int], str]


def task_of_episode(episode: int, frame: int) -> str:
    return f"task {episode % 2}"


def picture(camera: int, number: int) -> np.ndarray:
    """Blocks of random colors, other ones in each frame of each camera."""
    blocks = np.random.default_rng([camera, number]).integers(0, 256, (8, 12, 3), np.uint8)
    return blocks.repeat(8, axis=0).repeat(8, axis=1)


def depth(number: int) -> np.ndarray:
    """Millimeters (H, W, 1), from 0.3 to 4 m."""
    values = np.random.default_rng(number).integers(300, 4000, (8, 12, 1), np.uint16)
    return values.repeat(8, axis=0).repeat(8, axis=1)


def write(
    root: Path,
    *,
    kind: str = "video",
    fps: int = 15,
    first: bool = False,
    task: Task = task_of_episode,
    encoder: RGBEncoderConfig | None = None,
    deep: bool = False,
    seed: int = 0,
) -> LeRobotDataset:
    """Write a dataset; `first` declares pictures (channels, height, width)."""
    shape = (3, *SIZE) if first else (*SIZE, 3)
    names = [AXES[-1], *AXES[:-1]] if first else AXES
    features = {
        f"observation.images.{name}": {"dtype": kind, "shape": shape, "names": names}
        for name in CAMERAS
    }
    if deep:
        features["observation.images.depth"] = {
            "dtype": "video",
            "shape": (*SIZE, 1),
            "names": AXES,
            "info": {"is_depth_map": True},
        }
    features["observation.state"] = {"dtype": "float32", "shape": (8,), "names": STATE}
    features["action"] = {"dtype": "float32", "shape": (7,), "names": ACTION}
    features["next.success"] = {"dtype": "bool", "shape": (1,), "names": None}
    made = LeRobotDataset.create(
        "made/dataset",
        fps=fps,
        features=features,
        root=root,
        use_videos=kind == "video",
        rgb_encoder=encoder,
        depth_encoder=DepthEncoderConfig() if deep else None,
    )
    random = np.random.default_rng(seed)
    number = 100 * seed
    for episode, length in enumerate(LENGTHS):
        for frame in range(length):
            row = {
                "observation.state": random.uniform(-1, 1, 8).astype(np.float32),
                "action": random.uniform(-1, 1, 7).astype(np.float32),
                "next.success": np.array([frame == length - 1 and episode != 1]),
                "task": task(episode, frame),
            }
            for camera, name in enumerate(CAMERAS):
                shown = picture(camera, number)
                row[f"observation.images.{name}"] = shown.transpose(2, 0, 1) if first else shown
            if deep:
                row["observation.images.depth"] = depth(number)
            made.add_frame(row)
            number += 1
        made.save_episode()
    made.finalize()
    return opened(root)


def opened(root: Path) -> LeRobotDataset:
    return LeRobotDataset(
        "made/dataset", root=root, video_backend="pyav", return_uint8=True, depth_output_unit="m"
    )


def tell(dataset: LeRobotDataset, path: Path) -> None:
    """Write what lerobot's reader gives, frame by frame."""
    rows = [dataset[index] for index in range(len(dataset))]
    told = {
        "episode": np.array([int(row["episode_index"]) for row in rows]),
        "time": np.array([float(row["timestamp"]) for row in rows]),
        "state": np.stack([row["observation.state"].numpy() for row in rows]),
        "action": np.stack([row["action"].numpy() for row in rows]),
        "task": np.array([row["task"] for row in rows]),
    }
    if "next.success" in rows[0]:
        told["success"] = np.array([bool(row["next.success"]) for row in rows])
    for key in dataset.meta.camera_keys:
        values = np.stack([row[key].numpy() for row in rows])
        if key not in dataset.meta.depth_keys and values.dtype != np.uint8:
            values = (values * 255).round().astype(np.uint8)  # pictures of parquet files
        told[key] = np.moveaxis(values, 1, -1)
    np.savez(path, **told)


def reorder(root: Path) -> None:
    path = root / "meta/tasks.parquet"
    pandas.read_parquet(path).iloc[::-1].to_parquet(path)


def write_all(folder: Path) -> None:
    two_tasks = lambda episode, frame: f"{'open' if frame < 3 else 'close'} it"  # noqa: E731
    made = {
        "video": write(folder / "video"),
        "image": write(folder / "image", kind="image"),
        "channels_first": write(folder / "channels_first", first=True),
        "several_tasks": write(folder / "several_tasks", task=two_tasks),
        "reordered_tasks": write(folder / "reordered_tasks"),
        "deltas": write(folder / "deltas"),
        "three_hertz": write(folder / "three_hertz", fps=3),
        "depth": write(folder / "depth", deep=True),
        "h264": write(folder / "h264", encoder=RGBEncoderConfig(vcodec="h264", g=20)),
        "av1": write(folder / "av1", encoder=RGBEncoderConfig(vcodec="libsvtav1", crf=50, g=20)),
    }
    other = write(folder / "other", task=lambda episode, frame: f"task {1 + episode}", seed=1)
    made["merged"] = merge_datasets(
        [made["video"], other, made["several_tasks"]], "made/merged", folder / "merged"
    )
    made["deleted"] = delete_episodes(made["h264"], [1], folder / "deleted", "made/deleted")
    for name, dataset in made.items():
        tell(opened(Path(dataset.root)), folder / f"{name}.npz")
    reorder(folder / "reordered_tasks")
    sentences = [row["task"] for row in opened(folder / "reordered_tasks")]
    np.save(folder / "by_row.npy", np.array(sentences))


def copy_all(folder: Path) -> None:
    own = opened(folder / "own")
    copies = {
        "copy_deleted": delete_episodes(own, [1], folder / "copy_deleted", "made/deleted"),
        "copy_merged": merge_datasets([own, own], "made/merged", folder / "copy_merged"),
        **{
            f"copy_split/{name}": dataset
            for name, dataset in split_dataset(
                own, {"a": [0, 2], "b": [1]}, folder / "copy_split"
            ).items()
        },
    }
    for name, dataset in copies.items():
        tell(opened(Path(dataset.root)), folder / f"{name}.npz")


if __name__ == "__main__":
    {"datasets": write_all, "copies": copy_all}[sys.argv[1]](Path(sys.argv[2]))
