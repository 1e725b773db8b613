"""A small LeRobotDataset v3 folder as others write it: several episodes in each file, and pictures
that tell which frame they are."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

from longhaul.demos.lerobot.foreign import ForeignSource
from longhaul.demos.open import open_source

LENGTHS, RATE = (6, 5, 7), 15
"""The frames of the three episodes, and how many a second has."""

KEY = "observation.images.front"
HEIGHT, WIDTH = 32, 48
VIDEO = f"videos/{KEY}/chunk-000/file-000.mp4"
DATA, EPISODES = "data/chunk-000/file-000.parquet", "meta/episodes/chunk-000/file-000.parquet"
TASKS = "meta/tasks.parquet"
OPTIONS: dict[str, Any] = {
    "cameras": {"front": KEY},
    "states": {"robot_obs": [{"key": "observation.state"}]},
    "action": {"parts": [{"key": "action"}]},
}


def picture(number: int) -> NDArray[np.uint8]:
    """Return frame `number` of the dataset, as gray as that is and red at the top."""
    shown = np.full((HEIGHT, WIDTH, 3), 10 * number, np.uint8)
    shown[: HEIGHT // 4] = (200, 40, 40)
    return shown


def numbers(folder: Path, index: int, **options: Any) -> list[int]:
    """Return which frames of the dataset the pictures of an episode are."""
    found = opened(folder, **options).frames(index, "front")
    return [round(shown[HEIGHT // 2 :].mean() / 10) for shown in found]


def opened(folder: Path, **options: Any) -> ForeignSource:
    source = open_source(folder, **{**OPTIONS, **options})
    assert isinstance(source, ForeignSource)
    return source


def write(
    folder: Path,
    dtype: str = "video",
    feature: dict[str, Any] | None = None,
    stored: Callable[[int], Any] | None = None,
    tasks: Sequence[int] | None = None,
) -> None:
    """Write the dataset. `feature` changes the camera's entry in info.json; `stored` gives a
    frame's cell where pictures lie in the table; `tasks` is the column task_index."""
    total, starts = sum(LENGTHS), np.cumsum([0, *LENGTHS])
    columns: dict[str, Any] = {
        "observation.state": pa.array([[float(i)] * 3 for i in range(total)]),
        "action": pa.array([[float(i)] * 2 for i in range(total)]),
        "timestamp": np.concatenate([np.arange(n) / RATE for n in LENGTHS]).astype(np.float32),
        "frame_index": np.concatenate([np.arange(n) for n in LENGTHS]),
        "episode_index": np.repeat(np.arange(3), LENGTHS),
        "index": np.arange(total),
        "task_index": np.array(tasks or np.repeat([0, 1, 0], LENGTHS)),
        "next.success": np.isin(np.arange(total), [LENGTHS[0] - 1, total - 3]),
    }
    rows: dict[str, Any] = {
        "episode_index": [0, 1, 2],
        "length": LENGTHS,
        "data/chunk_index": [0] * 3,
        "data/file_index": [0] * 3,
        f"stats/{KEY}/mean": [[[[0.5]]] * 3] * 3,
    }
    if dtype == "image":
        columns[KEY] = [(stored or struct)(number) for number in range(total)]
    else:
        rows |= {f"videos/{KEY}/{name}_index": [0] * 3 for name in ("chunk", "file")}
        rows |= {f"videos/{KEY}/from_timestamp": starts[:-1] / RATE}
        rows |= {f"videos/{KEY}/to_timestamp": starts[1:] / RATE}
        film(folder / VIDEO, [picture(number) for number in range(total)])
    for name in (DATA, EPISODES):
        (folder / name).parent.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / DATA)
    pq.write_table(pa.table(rows), folder / EPISODES)
    write_tasks(folder, pandas.DataFrame({"task_index": [0, 1]}, index=["open it", "close it"]))
    said = {"dtype": dtype, "shape": [HEIGHT, WIDTH, 3], "names": ["height", "width", "channels"]}
    info = {
        "codebase_version": "v3.0",
        "fps": RATE,
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": None
        if dtype == "image"
        else "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
        "features": {
            KEY: {**said, **(feature or {})},
            "observation.state": {"dtype": "float32", "shape": [3], "names": ["x", "y", "z"]},
            "action": {"dtype": "float32", "shape": [2], "names": ["x", "y"]},
            "next.success": {"dtype": "bool", "shape": [1], "names": None},
            "timestamp": {"dtype": "float32", "shape": [1], "names": None},
            "task_index": {"dtype": "int64", "shape": [1], "names": None},
        },
    }
    (folder / "meta/info.json").write_text(json.dumps(info))


def write_tasks(folder: Path, frame: pandas.DataFrame) -> None:
    frame.to_parquet(folder / TASKS)


def film(
    path: Path, pictures: Sequence[NDArray[Any]], form: str = "rgb24", rate: float = RATE
) -> None:
    """Write a video of RGB pictures, or of pictures of another pixel format (H, W)."""
    tick = 1 / Fraction(rate)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        codec, options = ("libx264", {"crf": "1", "g": "2"})
        if form != "rgb24":
            codec, options = ("libx265", {"x265-params": "lossless=1:log-level=none", "g": "2"})
        stream: Any = container.add_stream(codec, 1 / tick, options=options)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p" if form == "rgb24" else form
        for number, shown in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(shown, form)
            frame.pts, frame.time_base = number, tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def packed(shown: NDArray[Any], kind: str = "PNG") -> bytes:
    """Return a picture file."""
    file = io.BytesIO()
    Image.fromarray(shown).save(file, kind)
    return file.getvalue()


def packed_palette(shown: NDArray[Any]) -> bytes:
    """Return a PNG file of a picture of few colors, which it lists."""
    file = io.BytesIO()
    Image.fromarray(shown).quantize(4, method=Image.Quantize.FASTOCTREE).save(file, "PNG")
    return file.getvalue()


def struct(number: int) -> dict[str, Any]:
    """Return a frame's cell as lerobot writes it."""
    return {"bytes": packed(picture(number)), "path": f"frame-{number:06d}.png"}


def change_info(folder: Path, **changes: Any) -> None:
    info = json.loads((folder / "meta/info.json").read_text())
    (folder / "meta/info.json").write_text(json.dumps({**info, **changes}))


def change_camera(folder: Path, changes: dict[str, Any]) -> None:
    """Change the camera's entry in info.json."""
    features = json.loads((folder / "meta/info.json").read_text())["features"]
    change_info(folder, features={**features, KEY: {**features[KEY], **changes}})


def change(folder: Path, name: str, how: Callable[[pandas.DataFrame], Any]) -> None:
    """Change a table of the dataset: `how` changes it in place or returns another one."""
    frame = pq.read_table(folder / name).to_pandas()
    changed = how(frame)
    pq.write_table(
        pa.Table.from_pandas(frame if changed is None else changed, preserve_index=False),
        folder / name,
    )
