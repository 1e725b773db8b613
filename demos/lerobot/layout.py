"""Names, paths and columns of the layout, as lerobot 0.4 writes them (codebase version v3.0)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from longhaul import documents
from longhaul.demos.source import MAP_KINDS, DatasetError, DemoSpec, Segment
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec
from longhaul.errors import ConfigError
from longhaul.identifiers import is_plain_name, shown

CODEBASE_VERSION = "v3.0"
"""The version of the layout (lerobot's codebase version)."""

FILES_PER_CHUNK = 1000
"""The most files in one folder."""

INFO_FILE = "meta/info.json"
STATS_FILE = "meta/stats.json"
TASKS_FILE = "meta/tasks.parquet"
CONVENTIONS_FILE = "meta/longhaul.json"
EPISODE_FILE = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
DATA_FILE = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_FILE = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"

NO_TASK = "no lang"
"""The task of a frame in no segment, as in Seer's pre-training."""

DEMOS_FORMAT = {"format": "longhaul.demos", "version": 1}
"""The name and version of our additions to the layout, which CONVENTIONS_FILE repeats."""

TOLD = "longhaul"
"""The key under which a feature of info.json has its conventions."""

SEGMENTS = "longhaul.segments"
"""The column of the segments that begin with a frame, as JSON."""

EXECUTED = "executed_action"
"""The column of what the env got instead of the actions, where the hand was jogged."""

INDEX_COLUMNS = ("timestamp", "frame_index", "episode_index", "index", "task_index")
"""The columns that the layout requires of every data file."""


def place(number: int) -> dict[str, int]:
    """Return the chunk and the file of an episode; each episode has its own file."""
    return {"chunk_index": number // FILES_PER_CHUNK, "file_index": number % FILES_PER_CHUNK}


def file_in(folder: Path, template: str, **values: Any) -> Path:
    """Return the path of a dataset's file, by a template of its info.json such as VIDEO_FILE.

    The template and its values come from somebody else. Raises DatasetError for a template that
    asks for more than `values`, and for a path that leads out of the folder.
    """
    fields = re.sub(r"{(\w+)(:\d{1,2}d)?}", lambda m: "" if m[1] in values else m[0], str(template))
    if not isinstance(template, str) or re.search(r"[{}]", fields):
        raise DatasetError(f"{folder}: {shown(template)} is no path of a file, as in {DATA_FILE}")
    try:
        path = PurePosixPath(template.format(**values))
    except ValueError as error:
        raise DatasetError(f"{folder}: {shown(template)}: {error}") from None
    if not path.parts or not all(map(is_plain_name, path.parts)):
        raise DatasetError(f"{folder}: {shown(str(path))} does not lie in the dataset's folder")
    return folder / path


def camera_key(camera: str) -> str:
    return f"observation.images.{camera}"


def map_key(camera: str) -> str:
    return f"observation.maps.{camera}"


def state_keys(states: Sequence[StateSpec]) -> dict[str, str]:
    """Return the feature of each state; lerobot's policies use the first one as the state."""
    names = [state.name for state in states]
    return {n: "observation.state" if i == 0 else f"observation.{n}" for i, n in enumerate(names)}


def features(spec: DemoSpec, executed: bool, segments: bool) -> dict[str, dict[str, Any]]:
    """Return the table of features of info.json; `executed` and `segments` say whether the data
    files have these columns. Each feature has its conventions under TOLD."""
    table: dict[str, dict[str, Any]] = {}
    for camera in spec.observation.cameras:
        if camera.kind in MAP_KINDS:
            shape, names = [camera.height, camera.width], ["height", "width"]
            table[map_key(camera.name)] = {"dtype": "float16", "shape": shape, "names": names}
            table[map_key(camera.name)][TOLD] = asdict(camera)
        elif camera.kind == "rgb":
            table[camera_key(camera.name)] = _video(camera, spec.action.rate)
            table[camera_key(camera.name)][TOLD] = asdict(camera)
    keys = state_keys(spec.observation.states)
    vectors: dict[str, StateSpec | ActionSpec] = {
        keys[state.name]: state for state in spec.observation.states
    }
    vectors["action"] = spec.action
    for key, vector in vectors.items():
        table[key] = {**_vector(vector.size), TOLD: asdict(vector)}
    if executed:
        table[EXECUTED] = _vector(spec.action.size)
    if segments:
        table[SEGMENTS] = {"dtype": "string", "shape": [1], "names": None}
    for key in INDEX_COLUMNS:
        kind = "float32" if key == "timestamp" else "int64"
        table[key] = {"dtype": kind, "shape": [1], "names": None}
    return table


def _video(camera: CameraSpec, rate: float) -> dict[str, Any]:
    return {
        "dtype": "video",
        "shape": [camera.height, camera.width, 3],
        "names": ["height", "width", "channels"],
        "info": {
            "video.height": camera.height,
            "video.width": camera.width,
            "video.codec": "h264",
            "video.pix_fmt": "yuv444p",
            "video.is_depth_map": False,
            "video.fps": rate,
            "video.channels": 3,
            "has_audio": False,
        },
    }


def _vector(size: int) -> dict[str, Any]:
    return {"dtype": "float32", "shape": [size], "names": [f"{i}" for i in range(size)]}


def spec_to_json(spec: DemoSpec) -> dict[str, Any]:
    return asdict(spec)


def spec_from_json(data: Mapping[str, Any]) -> DemoSpec:
    """Return the DemoSpec that `spec_to_json` wrote; raise TypeError or KeyError for other data."""
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
    return tuple(Segment(**item) for item in documents.parse_json(text, "segments"))


def read_json(path: Path) -> Any:
    """Return the object in a JSON file; raise DatasetError if it is missing or broken."""
    try:
        return documents.read_object(path)
    except FileNotFoundError:
        raise DatasetError(f"{path}: this file is missing") from None
    except (ConfigError, OSError) as error:
        raise DatasetError(str(error)) from None
