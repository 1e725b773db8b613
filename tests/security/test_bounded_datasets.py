"""Datasets whose files claim much, lead elsewhere or are no files are refused in one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.source import DatasetError
from tests.demos import others
from tests.demos.made import SPEC
from tests.demos.test_robomimic import NAME, libero
from tests.security.fuzz import lerobot, mutate, read_dataset
from tests.security.limits import memory_limit

EPISODES = "meta/episodes/chunk-000/file-001.parquet"
DATA = "data/chunk-000/file-001.parquet"
FILM = "videos/observation.images.front/chunk-000/file-001.mp4"


def refused(folder: Path) -> str:
    """Return the line with which a dataset is refused."""
    with memory_limit(), pytest.raises(DatasetError) as error:
        read_dataset(folder)
    line = str(error.value)
    assert "\n" not in line and str(folder) in line
    return line


def put(file: h5py.File, name: str, **how: Any) -> None:
    del file[f"data/demo_0/{name}"]
    file["data/demo_0"].create_dataset(name, **how)


def sparse(file: h5py.File) -> None:
    for group in ("actions", "obs/ee_states", "obs/gripper_states", "obs/joint_states"):
        size = file[f"data/demo_0/{group}"].shape[1]
        put(file, group, shape=(10**9, size), dtype="f8", chunks=(100, size))
    for camera in ("obs/agentview_rgb", "obs/eye_in_hand_rgb"):
        put(file, camera, shape=(10**9, 8, 8, 3), dtype="u1", chunks=(100, 8, 8, 3))


def linked(link: Any) -> Callable[[h5py.File], None]:
    def write(file: h5py.File) -> None:
        del file["data/demo_0/actions"]
        file["data/demo_0/actions"] = link

    return write


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((8, 7), "f8")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (8, 7))
    del file["data/demo_0/actions"]
    file["data/demo_0"].create_virtual_dataset("actions", layout)


HDF5: dict[str, tuple[Callable[[h5py.File], None], str]] = {
    "sparse": (sparse, "claims shape"),
    "a chunk of gigabytes": (
        lambda file: put(
            file,
            "obs/agentview_rgb",
            shape=(8, 30000, 30000, 3),
            dtype="u1",
            chunks=(1, 30000, 30000, 3),
            compression="gzip",
        ),
        "claims shape",
    ),
    "a chunk larger than the array": (
        lambda file: put(
            file,
            "actions",
            shape=(8, 7),
            maxshape=(None, 7),
            dtype="f8",
            chunks=(2 * 10**6, 7),
            compression="gzip",
        ),
        "claims shape",
    ),
    "bytes of another file": (
        lambda file: put(
            file,
            "obs/agentview_rgb",
            shape=(8, 4, 4, 3),
            dtype="u1",
            external=[("/etc/passwd", 0, 384)],
        ),
        "lies in another file",
    ),
    "a virtual array": (virtual, "lies in another file"),
    "a link to another file": (linked(h5py.ExternalLink("/etc/passwd", "/x")), "is a link"),
    "a link": (linked(h5py.SoftLink("/data")), "is a link"),
    "texts": (lambda file: put(file, "actions", data=[b"x"] * 8), "no array of numbers"),
    "a group": (
        lambda file: (file.pop("data/demo_0/actions"), file.create_group("data/demo_0/actions")),
        "no array of numbers",
    ),
}


@pytest.mark.parametrize("name", HDF5)
def test_hdf5_is_refused(name: str, tmp_path: Path) -> None:
    write, told = HDF5[name]
    libero(tmp_path / NAME, demos=1)
    with h5py.File(tmp_path / NAME, "r+") as file:
        write(file)
    assert told in refused(tmp_path)


def test_a_deep_description_in_hdf5_is_not_read(tmp_path: Path) -> None:
    libero(tmp_path / NAME, demos=1)
    with h5py.File(tmp_path / NAME, "r+") as file:
        file["data"].attrs["problem_info"] = "[" * 60000
    read_dataset(tmp_path)


def row(folder: Path, **changes: Any) -> None:
    found = pq.read_table(folder / EPISODES).to_pylist()[0]
    pq.write_table(pa.Table.from_pylist([{**found, **changes}]), folder / EPISODES)


def many_rows(folder: Path) -> None:
    table = pq.read_table(folder / EPISODES)
    pq.write_table(pa.concat_tables([table] * 20000).combine_chunks(), folder / EPISODES)


def zeros(folder: Path) -> None:
    pq.write_table(pa.table({"action": np.zeros(2**25)}), folder / DATA, compression="zstd")


def long_texts(folder: Path) -> None:
    texts = pa.array(["x" * 2**20]).dictionary_encode()
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(5000, np.int32)), texts.dictionary)
    pq.write_table(pa.table({"episode_index": column}), folder / EPISODES)


def large_frames(folder: Path) -> None:
    with av.open(str(folder / FILM), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", 30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 4112, 4112, "yuv420p"
        frame = av.VideoFrame(4112, 4112, "yuv420p")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def said(path: str, text: str | bytes) -> Callable[[Path], Any]:
    data = text if isinstance(text, bytes) else text.encode()
    return lambda folder: (folder / path).write_bytes(data)


def instead(path: str, make: Callable[[Path], Any]) -> Callable[[Path], Any]:
    return lambda folder: ((folder / path).unlink(), make(folder / path))


LEROBOT: dict[str, Callable[[Path], Any]] = {
    "many rows": many_rows,
    "a run of zeros": zeros,
    "one long text, many times": long_texts,
    "a deep episode": lambda folder: row(folder, **{"longhaul/episode": "[" * 100000}),
    "deep segments": lambda folder: row(folder, **{"longhaul/segments": "[{" * 50000}),
    "an episode that is a number": lambda folder: row(folder, **{"longhaul/episode": "1"}),
    "deep conventions": said("meta/longhaul.json", '{"a":' * 100000),
    "conventions that are a list": said("meta/longhaul.json", "[]"),
    "conventions of many values": said("meta/longhaul.json", "[" + "1," * 2**21 + "1]"),
    "a film of large frames": large_frames,
    "a film that is a playlist": said(FILM, "#EXTM3U\n#EXTINF:10,\n/etc/passwd\n"),
    "a film that lists files": said(FILM, "ffconcat version 1.0\nfile /dev/zero\n"),
    "an empty film": said(FILM, ""),
    "an empty table": said(DATA, ""),
    **{
        f"a {kind} for {path}": instead(path, make)
        for path in (FILM, DATA, EPISODES, "meta/longhaul.json")
        for kind, make in (("pipe", os.mkfifo), ("folder", os.mkdir))
    },
}


@pytest.mark.parametrize("name", LEROBOT)
def test_a_lerobot_dataset_is_refused(name: str, tmp_path: Path) -> None:
    lerobot(tmp_path)
    LEROBOT[name](tmp_path)
    refused(tmp_path)


def test_deep_statistics_are_refused_by_who_reads_them(tmp_path: Path) -> None:
    lerobot(tmp_path)
    row(tmp_path, **{"longhaul/stats": '{"a":' * 100000})
    read_dataset(tmp_path)
    with memory_limit(), pytest.raises(DatasetError, match=r"meta/episodes: a broken row"):
        DemoWriter(tmp_path, SPEC)


def test_a_pipe_for_hdf5_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    assert "no regular file" in refused(tmp_path)


@pytest.mark.parametrize("path", [DATA, EPISODES, FILM])
def test_a_mutated_file_is_read_or_refused(path: str, tmp_path: Path) -> None:
    lerobot(tmp_path)
    data = (tmp_path / path).read_bytes()
    for seed in range(20):
        (tmp_path / path).write_bytes(mutate(data, seed))
        try:
            read_dataset(tmp_path)
        except DatasetError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("path", ["meta/info.json", others.TASKS, others.VIDEO])
def test_a_mutated_file_of_others_is_read_or_refused(path: str, tmp_path: Path) -> None:
    others.write(tmp_path)
    data = (tmp_path / path).read_bytes()
    for seed in range(30):
        (tmp_path / path).write_bytes(mutate(data, seed))
        try:
            source = others.opened(tmp_path)
            for index in range(len(source)):
                source.trajectory(index)
                for _ in source.frames(index, "front"):
                    pass
        except DatasetError as error:
            assert "\n" not in str(error)


def test_pictures_of_another_place_are_refused(tmp_path: Path) -> None:
    """A link in the dataset to a file outside of it counts as a file; a pipe does not."""
    others.write(tmp_path, "image", stored=lambda number: f"images/{number}.png")
    (tmp_path / "images").mkdir()
    os.mkfifo(tmp_path / "images/0.png")
    with pytest.raises(DatasetError, match=r"images/0.png is no regular file"):
        others.numbers(tmp_path, 0)


def test_one_picture_that_fills_many_rows_takes_little_memory(tmp_path: Path) -> None:
    """A file says one large text or picture a million times in a few bytes."""
    others.write(tmp_path, "image")
    table = pq.read_table(tmp_path / others.DATA)
    large = pa.array([b"x" * 2**20]).dictionary_encode()
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2000, np.int32)), large.dictionary)
    rows = {"episode_index": [0] * 2000, "timestamp": np.arange(2000.0), others.KEY: column}
    assert table.num_rows == 18
    pq.write_table(pa.table(rows), tmp_path / others.DATA)
    with memory_limit(), pytest.raises(DatasetError, match=r"a picture of .* is broken"):
        others.numbers(tmp_path, 0)


def test_a_mutated_hdf5_is_read_or_refused(tmp_path: Path) -> None:
    libero(tmp_path / NAME, demos=1)
    data = (tmp_path / NAME).read_bytes()
    for seed in range(20):
        (tmp_path / NAME).write_bytes(mutate(data, seed))
        try:
            read_dataset(tmp_path)
        except DatasetError as error:
            assert "\n" not in str(error)


def test_a_dataset_of_arrays_is_refused(tmp_path: Path) -> None:
    index = {"format": "longhaul.arrays/1", "spec": {}, "digests": {"actions": ""}}
    for text in ("[" * 100000, json.dumps(index), "1", json.dumps({**index, "spec": []})):
        (tmp_path / "arrays.json").write_text(text)
        refused(tmp_path)
