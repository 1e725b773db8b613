"""Names, paths and columns of the layout, as lerobot 0.4 writes them (codebase version v3.0)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from longhaul.demos.source import DatasetError, DemoSpec, Segment
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec

VERSION = "v3.0"
CHUNK = 1000
"""Files in a folder."""

INFO = "meta/info.json"
STATS = "meta/stats.json"
TASKS = "meta/tasks.parquet"
OURS = "meta/longhaul.json"
EPISODES = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
DATA = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"

NO_TASK = "no lang"
"""The task of a frame in no segment, as Seer's pre-training has it."""

FORMAT = {"format": "longhaul.demos", "version": 1}
INDICES = ("timestamp", "frame_index", "episode_index", "index", "task_index")


def place(number: int) -> dict[str, int]:
    """Return chunk and file of an episode, each of which has its own file."""
    return {"chunk_index": number // CHUNK, "file_index": number % CHUNK}


def camera_key(camera: str) -> str:
    return f"observation.images.{camera}"


def map_key(camera: str) -> str:
    return f"observation.maps.{camera}"


def state_keys(states: Sequence[StateSpec]) -> dict[str, str]:
    """Return the feature of each state: the first is what lerobot's policies call the state."""
    names = [state.name for state in states]
    return {n: "observation.state" if i == 0 else f"observation.{n}" for i, n in enumerate(names)}


def features(spec: DemoSpec, executed: bool) -> dict[str, dict[str, Any]]:
    """Return the table of features of info.json."""
    table: dict[str, dict[str, Any]] = {}
    for camera in spec.pictures:
        table[camera_key(camera.name)] = {
            "dtype": "video",
            "shape": [camera.height, camera.width, 3],
            "names": ["height", "width", "channels"],
            "info": {
                "video.height": camera.height,
                "video.width": camera.width,
                "video.codec": "h264",
                "video.pix_fmt": "yuv444p",
                "video.is_depth_map": False,
                "video.fps": spec.action.rate,
                "video.channels": 3,
                "has_audio": False,
            },
        }
    for camera in spec.maps:
        shape, names = [camera.height, camera.width], ["height", "width"]
        table[map_key(camera.name)] = {"dtype": "float16", "shape": shape, "names": names}
    keys = state_keys(spec.observation.states)
    vectors = {keys[state.name]: state.size for state in spec.observation.states}
    vectors["action"] = spec.action.size
    if executed:
        vectors["executed_action"] = spec.action.size
    for key, size in vectors.items():
        table[key] = {"dtype": "float32", "shape": [size], "names": [f"{i}" for i in range(size)]}
    for key in INDICES:
        kind = "float32" if key == "timestamp" else "int64"
        table[key] = {"dtype": kind, "shape": [1], "names": None}
    return table


def spec_to_json(spec: DemoSpec) -> dict[str, Any]:
    return asdict(spec)


def spec_from_json(data: Mapping[str, Any]) -> DemoSpec:
    """Inverse of spec_to_json; raises TypeError or KeyError for anything else."""
    observation = data["observation"]
    states = [{**item, "layout": tuple(item["layout"])} for item in observation["states"]]
    return DemoSpec(
        ObservationSpec(
            tuple(CameraSpec(**item) for item in observation["cameras"]),
            tuple(StateSpec(**item) for item in states),
        ),
        ActionSpec(**data["action"]),
    )


def segments_to_json(segments: Sequence[Segment]) -> str:
    return json.dumps([asdict(segment) for segment in segments])


def segments_from_json(text: str) -> tuple[Segment, ...]:
    return tuple(Segment(**item) for item in json.loads(text))


def read_json(path: Path) -> Any:
    """Return what a JSON file holds; DatasetError names a file that is missing or broken."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        raise DatasetError(f"{path}: this file is missing") from None
    except ValueError as error:
        raise DatasetError(f"{path}: no valid JSON ({error})") from None
