"""Whatever writes a dataset may die before any change of a file: what is there can be read, by
lerobot's own rules too, and the same call goes on to the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

from longhaul.demos.calvin.source import CalvinSource
from longhaul.demos.calvin.writer import write_calvin
from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.open import open_source
from longhaul.demos.recording import Recording
from longhaul.envs.episode import EpisodeRecord
from longhaul.envs.lhvln.dataset import Dataset
from longhaul.errors import ConfigError
from longhaul.files import output_locked
from longhaul.navgen.dataset.convert import convert
from longhaul.navgen.generate import generate
from tests.chaos.dying import EVERY_CHANGE_IS_SLOW, dies_before
from tests.demos import test_arrays
from tests.demos.made import SPEC, MadeSource
from tests.demos.test_calvin import TwoPlays, published
from tests.demos.test_recorder import SPEC as RECORDED
from tests.demos.test_recorder import info, record
from tests.navgen.test_generate import order
from tests.toy import toy_episode

CAMERAS = ("front", "wrist")
PYTHON = os.environ.get("LONGHAUL_LEROBOT_PYTHON")

READ_ALL = """
import sys
from lerobot.datasets.lerobot_dataset import LeRobotDataset
for folder in sys.argv[1:]:
    dataset = LeRobotDataset("longhaul/recorded", root=folder, video_backend="pyav")
    for index in range(len(dataset)):
        dataset[index]
    print(folder.rsplit("/", 1)[-1], dataset.meta.total_episodes, len(dataset))
"""


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"folder"
        for path in folder.rglob("*")
    }


def deaths(
    work: Callable[[Path], object],
    tmp_path: Path,
    check: Callable[[Path], object],
    least: int,
    begun: Path | None = None,
    stride: int = 1,
) -> None:
    """Let `work` die before each `stride`-th change in turn, `check` what it left, do it again, and
    compare all files with those of undisturbed work. With `begun` it goes on with a copy of that
    folder. There are more than `least` changes."""

    def fresh(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        if begun is not None:
            shutil.copytree(begun, folder / "out")
        return folder

    work(fresh("whole") / "out")
    wanted, change, died = tree(tmp_path / "whole"), 0, True
    while died:
        change += stride
        folder = fresh(str(change))
        died = dies_before(change, lambda at=folder: work(at / "out"))
        check(folder / "out")
        work(folder / "out")
        left = tree(folder)
        assert left.keys() == wanted.keys(), f"it died before change {change}"
        assert left == wanted, f"it died before change {change}"
        shutil.rmtree(folder)
    assert change > least


def write_made(folder: Path, count: int = 2) -> None:
    """Write trajectories, of which the second has a task of its own."""
    source, writer = MadeSource((4, 12)), DemoWriter(folder, SPEC)
    for index in range(count):
        if f"made-{index}" not in writer.completed():
            cameras = {name: source.frames(index, name) for name in CAMERAS}
            writer.add(source.trajectory(index), cameras)


def check_as_lerobot_reads(folder: Path) -> int:
    """Check what lerobot 0.4 needs: it reads every parquet file below data and meta/episodes, and
    of each frame below the total of info.json the episode, the task and the videos. Return the
    number of episodes that it would count."""
    if not (folder / "meta" / "info.json").is_file():
        return 0
    info = json.loads((folder / "meta" / "info.json").read_text())
    json.loads((folder / "meta" / "stats.json").read_text())
    tasks = pyarrow.parquet.read_table(folder / "meta" / "tasks.parquet").to_pylist()
    data, episodes = (
        [
            row
            for path in sorted((folder / part).glob("*/*.parquet"))
            for row in pyarrow.parquet.read_table(path).to_pylist()
        ]
        for part in ("data", "meta/episodes")
    )
    assert len(data) >= info["total_frames"] and len(episodes) >= info["total_episodes"]
    for index, row in enumerate(data[: info["total_frames"]]):
        assert row["index"] == index
        episode = episodes[row["episode_index"]]
        assert tasks[row["task_index"]]["task"] in episode["tasks"]
        for camera in CAMERAS:
            at = f"observation.images.{camera}/chunk-000/file-{row['episode_index']:03d}.mp4"
            assert (folder / "videos" / at).is_file()
    return int(info["total_episodes"])


def check_as_we_read(folder: Path) -> None:
    if (folder / "meta" / "longhaul.json").is_file():
        source = open_source(folder)
        assert [len(source.trajectory(i)) for i in range(len(source))] == [4, 12][: len(source)]


@EVERY_CHANGE_IS_SLOW
def test_the_writer_of_our_datasets(tmp_path: Path, stride: int) -> None:
    """A trajectory is added to one that is there."""
    write_made(tmp_path / "begun", 1)

    def check(folder: Path) -> None:
        assert check_as_lerobot_reads(folder) >= 1
        check_as_we_read(folder)

    deaths(write_made, tmp_path, check, 30, tmp_path / "begun", stride)


def test_the_creation_of_our_datasets(tmp_path: Path) -> None:
    deaths(lambda folder: write_made(folder, 0), tmp_path, check_as_we_read, 10)


@pytest.mark.slow
@pytest.mark.skipif(PYTHON is None, reason="LONGHAUL_LEROBOT_PYTHON names no interpreter")
def test_lerobot_itself_reads_what_a_dead_writer_left(tmp_path: Path) -> None:
    kept: dict[str, int] = {}

    def keep(folder: Path) -> None:
        if counted := check_as_lerobot_reads(folder):
            name = folder.parent.name
            shutil.copytree(folder, tmp_path / "kept" / name)
            kept[name] = counted

    write_made(tmp_path / "begun", 1)
    deaths(write_made, tmp_path, keep, 30, tmp_path / "begun")
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_CACHE": str(tmp_path / "hf"),
        "PYTHONPATH": str(Path(test_arrays.__file__).with_name("torchvision_for_lerobot")),
    }
    folders = [str(tmp_path / "kept" / name) for name in kept]
    done = subprocess.run(
        [str(PYTHON), "-c", READ_ALL, *folders], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = [line.split() for line in done.stdout.splitlines()]
    assert {name: int(episodes) for name, episodes, _ in said} == kept
    assert len(kept) > 30


def record_two(folder: Path) -> None:
    """Record two episodes as a driver does: files of a worker, added in order."""
    recording = Recording(folder, RECORDED, "all")
    recording.notes.mkdir(parents=True, exist_ok=True)  # as the run folder inside makes it
    recording.open()
    for number in range(2):
        made = EpisodeRecord(toy_episode("test", number), info(10)["outcomes"], "success", 10)
        record(recording._files(made.episode), "all", "success")
        recording.add(replace(made))


@EVERY_CHANGE_IS_SLOW
def test_what_adds_recorded_episodes(tmp_path: Path, stride: int) -> None:
    def check(folder: Path) -> None:
        if (folder / "meta" / "longhaul.json").is_file():
            source = open_source(folder)
            assert all(len(source.trajectory(i)) == 10 for i in range(len(source)))

    deaths(record_two, tmp_path, check, 40, stride=stride)


def test_the_writer_of_calvins_layout(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    published(tmp_path / "published")
    source = TwoPlays(CalvinSource(tmp_path / "published").spec)

    def work(folder: Path) -> None:
        with said_if_it_is_there():
            write_calvin(Short(source), folder, "D")

    def check(folder: Path) -> None:
        assert not folder.exists() or len(open_source(folder)) == 2

    deaths(work, tmp_path, check, 8)


class Short:
    """The first two frames of each trajectory of another source."""

    def __init__(self, source: TwoPlays) -> None:
        self._source, self.spec = source, source.spec

    def __len__(self) -> int:
        return 2

    def lengths(self) -> Any:
        return np.array([2, 2])

    def trajectory(self, index: int) -> Any:
        found = self._source.trajectory(index)
        states = {name: values[:2] for name, values in found.states.items()}
        return replace(found, states=states, actions=found.actions[:2], segments=())

    def frames(self, index: int, camera: str) -> Iterator[Any]:
        yield from list(self._source.frames(index, camera))[:2]

    def fingerprint(self) -> str:
        return "short"


def test_the_writer_of_arrays(tmp_path: Path) -> None:
    def work(folder: Path) -> None:
        with said_if_it_is_there():
            test_arrays.write(folder)

    def check(folder: Path) -> None:
        assert not folder.exists() or len(open_source(folder)) == 3

    deaths(work, tmp_path, check, 4)


def build(seed: int, folder: Path) -> None:
    """Write what stands for a house, whole or not at all, as every builder must."""
    part = folder.with_name(f".{folder.name}.part")
    part.mkdir(parents=True, exist_ok=True)
    (part / "seed.txt").write_text(str(seed))
    part.rename(folder)


@contextmanager
def said_if_it_is_there() -> Iterator[None]:
    """Let a writer refuse an output that is whole already."""
    try:
        yield
    except ConfigError as error:
        assert "there already" in str(error) or "exists already" in str(error)


@EVERY_CHANGE_IS_SLOW
def test_the_generator_of_houses_and_tasks_and_its_converter(tmp_path: Path, stride: int) -> None:
    def check(folder: Path) -> None:
        if (folder / "dataset.json").is_file():
            assert len(Dataset(folder).episodes()) == 2

    def work(folder: Path) -> None:
        generate(order(folder, build=build, houses=2, tasks=2))

    deaths(work, tmp_path, check, 15, stride=stride)
    made = tmp_path / "whole" / "out"

    def converts(folder: Path) -> None:
        with said_if_it_is_there():
            convert(made, folder)

    deaths(converts, tmp_path / "converted", lambda folder: None, 3)


@pytest.mark.parametrize("kind", ["longhaul", "calvin", "arrays", "lhpr"])
def test_two_writers_of_one_output_are_told(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    program = (
        "import sys, time; from pathlib import Path; from longhaul.files import output_locked\n"
        "with output_locked(Path(sys.argv[1])): print(1, flush=True); time.sleep(600)"
    )
    other = subprocess.Popen([sys.executable, "-c", program, str(out)], stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdout.readline() == b"1\n"
    works: dict[str, Callable[[], object]] = {
        "longhaul": lambda: _convert_command(tmp_path, out),
        "calvin": lambda: write_calvin(_two_plays(tmp_path), out, "D"),
        "arrays": lambda: test_arrays.write(out),
        "lhpr": lambda: convert(_generated(tmp_path), out),
    }
    try:
        with pytest.raises(ConfigError, match=f"{out} is in use by another process"):
            works[kind]()
        assert not out.exists()
    finally:
        other.kill()
        other.wait()
    works[kind]()
    assert out.is_dir() and not (tmp_path / ".out.lock").exists()


def test_a_lock_file_that_its_holder_removed_locks_nothing(tmp_path: Path) -> None:
    """Who opened the file before and gets the lock afterwards would share it with the next."""
    with output_locked(tmp_path / "out"):
        pass
    assert not list(tmp_path.iterdir())
    with output_locked(tmp_path / "out"):
        with pytest.raises(ConfigError, match="in use"), output_locked(tmp_path / "out"):
            pass
        assert (tmp_path / ".out.lock").exists()


def _two_plays(tmp_path: Path) -> Any:
    if not (tmp_path / "published").exists():
        (tmp_path / "published").mkdir()
        published(tmp_path / "published")
    return Short(TwoPlays(CalvinSource(tmp_path / "published").spec))


def _convert_command(tmp_path: Path, out: Path) -> None:
    from longhaul.commands.convert import convert as command
    from longhaul.commands.convert import parser
    from longhaul.output import Output

    if not (tmp_path / "made").exists():
        write_made(tmp_path / "made")
    command(parser().parse_args([str(tmp_path / "made"), str(out)]), Output(quiet=True))


def _generated(tmp_path: Path) -> Path:
    generate(order(tmp_path / "generated", houses=1, tasks=1))
    return tmp_path / "generated"
