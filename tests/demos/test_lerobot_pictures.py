"""Which pictures belong to the frames of somebody else's LeRobot dataset: times decide, and what
does not fit is an error that names the file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from longhaul.demos.cache import build_cache
from longhaul.demos.source import DatasetError
from tests.demos import others
from tests.demos.others import DATA, EPISODES, KEY, LENGTHS, RATE, change, numbers, opened

EXPECTED = [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15, 16, 17]]
START, STOP = (f"videos/{KEY}/{name}_timestamp" for name in ("from", "to"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("others") / "made"
    others.write(folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "made"))


def shifted(name: str, frames: float, episode: int | None = None) -> Callable[[Any], None]:
    """Return what shifts times in the table of episodes, of one episode or of all."""

    def shift(rows: pandas.DataFrame) -> None:
        rows.loc[slice(None) if episode is None else episode, name] += frames / RATE

    return shift


@pytest.mark.parametrize("off", [-0.4, -0.015, 0.0, 0.015, 0.4])
@pytest.mark.parametrize("episode", [0, 1, 2, None])
def test_a_time_that_is_slightly_off_shifts_nothing(
    folder: Path, off: float, episode: int | None
) -> None:
    """0.015 frames are a millisecond."""
    change(folder, EPISODES, shifted(START, off, episode))
    assert [numbers(folder, index) for index in range(3)] == EXPECTED


@pytest.mark.parametrize("off", [-1.0, -0.6, 0.6, 1.0, 3.0])
@pytest.mark.parametrize("episode", [0, 1, 2])
@pytest.mark.parametrize("both", [False, True])
def test_a_time_that_is_half_a_frame_off_is_an_error(
    folder: Path, off: float, episode: int, both: bool
) -> None:
    change(folder, EPISODES, shifted(START, off, episode))
    if both:
        change(folder, EPISODES, shifted(STOP, off, episode))
    with pytest.raises(DatasetError, match=rf"{others.VIDEO}: ") as error:
        numbers(folder, episode)
    assert "\n" not in str(error.value)


def test_a_video_that_lacks_a_frame_is_an_error_for_each_of_its_episodes(folder: Path) -> None:
    """Which frame it lacks cannot be known: every episode might be shifted."""
    others.film(folder / others.VIDEO, [others.picture(n) for n in range(18) if n != 3])
    for index in range(3):
        with pytest.raises(DatasetError, match=rf"{others.VIDEO}: a video of 1.1333 s and 17 fr"):
            numbers(folder, index)


def test_frames_that_were_deleted_have_no_pictures(folder: Path) -> None:
    """Their rows are gone, from the middle and the beginning; the video is as it was."""
    change(folder, DATA, lambda rows: rows[~rows["index"].isin([2, 3, 6])])
    change(folder, EPISODES, lambda rows: rows.assign(length=[4, 4, 7]))
    assert [numbers(folder, index) for index in range(3)] == [
        [0, 1, 4, 5],
        [7, 8, 9, 10],
        EXPECTED[2],
    ]
    np.testing.assert_array_equal(opened(folder).trajectory(0).actions[:, 0], [0, 1, 4, 5])


def test_an_episode_that_was_deleted_is_not_read(folder: Path) -> None:
    """The tables lack it and the data file too; the video is as it was, others keep numbers."""
    change(folder, DATA, lambda rows: rows[rows["episode_index"] != 1])
    change(folder, EPISODES, lambda rows: rows[rows["episode_index"] != 1])
    assert [numbers(folder, index) for index in range(2)] == [EXPECTED[0], EXPECTED[2]]
    assert opened(folder).trajectory(1).id == "episode-000002"


def test_times_that_jitter_find_their_frames(folder: Path) -> None:
    def jitter(rows: pandas.DataFrame) -> None:
        moved = np.random.default_rng(0).uniform(-0.3, 0.3, len(rows)) / RATE
        rows["timestamp"] = (rows["timestamp"] + moved).astype(np.float32)

    change(folder, DATA, jitter)
    assert [numbers(folder, index) for index in range(3)] == EXPECTED


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ([0, 1, 2, 2, 3, 4], rf"{DATA}: column timestamp of episode 0 does not"),
        ([0, 1, 2, float("inf"), 3, 4], rf"{DATA}: column timestamp of episode 0 does not"),
        ([0, 1, 2, float("nan"), 3, 4], rf"{DATA}: 1 values of column 'timestamp' are missing"),
        ([0, 1, 2, 2.9, 3.2, 5], rf"{others.VIDEO}: the picture nearest to 0.2133 s is used"),
        ([0, 1.2, 2.4, 3.6, 4.8, 6], rf"{others.VIDEO}: episode 0 is said to lie from 0.0000"),
    ],
)
def test_times_of_a_data_file_that_fit_no_frames_are_an_error(
    folder: Path, times: list[float], told: str
) -> None:
    def wrong(rows: pandas.DataFrame) -> None:
        rows.loc[:5, "timestamp"] = (np.array(times) / RATE).astype(np.float32)

    change(folder, DATA, wrong)
    with pytest.raises(DatasetError, match=told):
        numbers(folder, 0)


def test_a_camera_of_twice_the_rate_gives_every_second_picture(folder: Path) -> None:
    others.film(folder / others.VIDEO, [others.picture(n // 2) for n in range(36)], rate=2 * RATE)
    assert [numbers(folder, index) for index in range(3)] == EXPECTED


def test_a_camera_of_half_the_rate_is_an_error(folder: Path) -> None:
    others.film(folder / others.VIDEO, [others.picture(2 * n) for n in range(9)], rate=RATE / 2)
    with pytest.raises(DatasetError, match=rf"{others.VIDEO}: the picture nearest to"):
        numbers(folder, 0)


def test_episodes_may_share_a_part_of_a_video(folder: Path) -> None:
    """As where a dataset repeats an episode with another sentence."""

    def repeated(rows: pandas.DataFrame) -> None:
        rows.loc[2, [START, STOP]] = rows.loc[0, [START, STOP]]
        rows.loc[2, "length"] = 6

    change(folder, EPISODES, repeated)
    change(folder, DATA, lambda rows: rows[rows["index"] != 17])
    assert [numbers(folder, index) for index in range(3)] == [*EXPECTED[:2], EXPECTED[0]]


def test_files_of_several_chunks_are_found(folder: Path) -> None:
    """Episode 2 lies in another data file, another video and another file of the table."""
    for name in (DATA, EPISODES):
        other = folder / name.replace("chunk-000/file-000", "chunk-001/file-004")
        other.parent.mkdir()
        shutil.copy(folder / name, other)
        change(folder, str(other.relative_to(folder)), lambda rows: rows[rows.episode_index == 2])
        change(folder, name, lambda rows: rows[rows.episode_index != 2])
    last = str((folder / EPISODES.replace("000/file-000", "001/file-004")).relative_to(folder))
    moved = {"data/chunk_index": 1, "data/file_index": 4, START: 0.0, STOP: 7 / RATE}
    moved |= {f"videos/{KEY}/chunk_index": 2, f"videos/{KEY}/file_index": 7}
    change(folder, last, lambda rows: rows.assign(**moved))
    video = folder / others.VIDEO.replace("chunk-000/file-000", "chunk-002/file-007")
    others.film(video, [others.picture(n) for n in EXPECTED[2]])
    others.film(folder / others.VIDEO, [others.picture(n) for n in range(11)])
    assert [numbers(folder, index) for index in range(3)] == EXPECTED
    assert [opened(folder).trajectory(index).actions[0, 0] for index in range(3)] == [0, 6, 11]


def test_the_whole_dataset_is_cached(folder: Path, tmp_path: Path) -> None:
    cache = build_cache(opened(folder), {"front": None}, tmp_path / "cache")
    assert cache.offsets.tolist() == [0, 6, 11, 18]
    assert [round(shown[16:].mean() / 10) for shown in cache.pictures["front"][0:18]] == list(
        range(sum(LENGTHS))
    )
