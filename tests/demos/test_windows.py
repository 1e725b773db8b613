"""From a dataset to batches: what belongs together stays together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.demos.cache import build_cache
from longhaul.demos.cache_folder import INDEX_FILE
from longhaul.demos.frames import Cache
from longhaul.demos.loading import Loader, Sampler
from longhaul.demos.source import DatasetError, Trajectory
from longhaul.demos.windows import Windows
from tests.demos.made import MadeSource

SIZES = {"front": 16, "wrist": 16}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return build_cache(MadeSource(), SIZES, tmp_path_factory.mktemp("cache"))


def where(cache: Cache, batch: dict[str, np.ndarray]) -> np.ndarray:
    """Return trajectory and frame (B, T, 2) as the pictures tell them."""
    pixel = batch["front"][:, :, 8, 8].astype(int)
    return np.stack([(pixel[..., 0] - 20) // 40, pixel[..., 1] // 4], axis=-1)


def test_pictures_states_and_actions_are_of_one_frame(cache: Cache) -> None:
    windows = Windows(cache, length=6, holdout=0)
    batch = windows.batch(np.arange(len(windows)))
    for name in ("front", "wrist"):
        assert batch[name].shape == (len(windows), 6, 16, 16, 3)
    shown = where(cache, batch)
    np.testing.assert_array_equal(shown, batch["actions"])
    np.testing.assert_array_equal(shown, batch["robot_obs"][..., :2])
    steps = np.diff(shown[..., 1], axis=1)
    np.testing.assert_array_equal(steps == 1, batch["valid"][:, 1:])


def test_a_window_stays_in_its_segment_and_failures_are_left_out(cache: Cache) -> None:
    windows = Windows(cache, length=6, holdout=0)
    batch = windows.batch(np.arange(len(windows)))
    shown = where(cache, batch)
    assert len(windows) == 10 + 20 + 10 + 10 + 30
    reach = batch["sentence"] == cache.sentences.index("reach it")
    assert (shown[reach][..., 1] < 10).all()
    assert (shown[~reach][..., 1] >= 10).all()
    assert not (shown[~reach][..., 0] == 1).any()
    assert len(Windows(cache, length=6, holdout=0, ahead=4)) == len(windows) - 4 * 5


def test_windows_of_play_lie_anywhere_in_a_trajectory(cache: Cache) -> None:
    windows = Windows(cache, length=12, within="trajectory", holdout=0)
    batch = windows.batch(np.arange(len(windows)))
    assert len(windows) == 19 + 10 + 29
    assert batch["valid"].all()
    assert (np.diff(where(cache, batch)[..., 0], axis=1) == 0).all()


class Grasps(MadeSource):
    """The gripper closes at frame 4 and opens at frame 15."""

    def trajectory(self, index: int) -> Trajectory:
        made = super().trajectory(index)
        actions = made.actions.copy()
        frame = np.arange(len(actions))
        actions[:, -1] = np.where((frame >= 4) & (frame < 15), -1, 1)
        return replace(made, actions=actions)

    def fingerprint(self) -> str:
        return "grasps"


def test_a_keyframe_is_the_next_change_of_the_gripper_or_the_end(tmp_path: Path) -> None:
    windows = Windows(build_cache(Grasps((30,)), SIZES, tmp_path), 4, keyframe="robot_obs")
    batch = windows.batch(np.arange(len(windows)))
    for start, frames in enumerate(batch["keyframe"][..., 1].tolist()):
        segment = (0, 10) if start < 10 else (10, 30)
        for frame, found in enumerate(frames, start):
            frame = min(frame, segment[1] - 1)
            later = [change for change in (4, 15) if frame < change < segment[1]]
            assert found == (later or [segment[1] - 1])[0]


@pytest.mark.parametrize("length", [3, 25])
def test_a_window_of_an_episode_crosses_segments_and_is_filled_behind_the_end(
    cache: Cache, length: int
) -> None:
    windows = Windows(cache, length, within="episode", holdout=0, keyframe="robot_obs")
    batch = windows.batch(np.arange(len(windows)))
    assert len(windows) == len(cache.actions)  # one begins at every frame
    names = (*cache.sentences, "none")
    row = 0
    for trajectory, frames in enumerate((30, 21, 40)):
        for first in range(frames):
            for step in range(length):
                valid, frame = first + step < frames, min(first + step, frames - 1)
                assert batch["valid"][row, step] == valid
                assert batch["actions"][row, step].tolist() == [trajectory, frame]
                failed = trajectory == 1 and frame >= 10  # its second segment is left out
                said = "reach it" if frame < 10 else "none" if failed else "push it"
                assert names[batch["sentence"][row, step]] == said
                end = 9 if frame < 10 else frame if failed else frames - 1
                assert batch["keyframe"][row, step, 1] == end
            row += 1
    shown = where(cache, {"front": batch["front"][batch["valid"]][:, None]})[:, 0]
    np.testing.assert_array_equal(shown, batch["actions"][batch["valid"]])


def test_windows_of_episodes_may_end_earlier(cache: Cache) -> None:
    windows = Windows(cache, 6, within="episode", holdout=0, ahead=4)
    assert len(windows) == len(cache.actions) - 3 * 4


def test_fractions_are_nested_and_validation_is_apart(tmp_path: Path) -> None:
    cache = build_cache(MadeSource((12,) * 60), SIZES, tmp_path)
    kept = {}
    for fraction in (0.1, 0.3, 1.0):
        windows = Windows(cache, 4, fraction=fraction, holdout=0.2)
        kept[fraction] = set(windows.batch(np.arange(len(windows)))["actions"][:, 0, 0])
    assert kept[0.1] < kept[0.3] < kept[1.0]
    held = Windows(cache, 4, split="validation", holdout=0.2)
    apart = set(held.batch(np.arange(len(held)))["actions"][:, 0, 0])
    assert apart and not apart & kept[1.0] and len(apart | kept[1.0]) == 60


def test_nothing_to_learn_from_is_said(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no train window of 50 frames"):
        Windows(cache, 50, within="trajectory", holdout=0)
    with pytest.raises(DatasetError, match="no trajectories"):
        build_cache(MadeSource(()), SIZES, tmp_path)
    with pytest.raises(DatasetError, match="no camera top; it has"):
        build_cache(MadeSource(), {"top": 8}, tmp_path)


def test_a_cache_is_made_once_and_again_when_it_is_broken(tmp_path: Path) -> None:
    first = build_cache(MadeSource(), SIZES, tmp_path)
    stamp = (tmp_path / first.key / INDEX_FILE).stat().st_mtime_ns
    build_cache(MadeSource(), SIZES, tmp_path)
    assert (tmp_path / first.key / INDEX_FILE).stat().st_mtime_ns == stamp
    (tmp_path / first.key / INDEX_FILE).unlink()  # as a crash while it is made would leave it
    again = build_cache(MadeSource(), SIZES, tmp_path)
    np.testing.assert_array_equal(again.pictures["front"], first.pictures["front"])
    assert build_cache(MadeSource((30, 21, 41)), SIZES, tmp_path).key != first.key
    assert [p.name for p in tmp_path.iterdir() if "-" in p.name] == []


@settings(max_examples=25, deadline=None)
@given(size=st.integers(1, 9), drawn=st.integers(0, 40), balance=st.sampled_from([0.0, 0.5]))
def test_a_sampler_goes_on_where_it_stopped(
    cache: Cache, size: int, drawn: int, balance: float
) -> None:
    windows = Windows(cache, 6, holdout=0)
    whole = Sampler(windows, size, seed=3, balance=balance)
    batches = [whole.next() for _ in range(drawn + 1)]
    again = Sampler(windows, size, seed=3, balance=balance, position=drawn)
    np.testing.assert_array_equal(again.next(), batches[-1])


def test_an_epoch_holds_every_window_once_over_all_processes(cache: Cache) -> None:
    windows = Windows(cache, 6, holdout=0)
    assert len(windows) % 8 == 0
    samplers = [Sampler(windows, 4, seed=1, rank=rank, world=2) for rank in range(2)]
    drawn = [sampler.next() for _ in range(len(windows) // 8) for sampler in samplers]
    np.testing.assert_array_equal(np.sort(np.concatenate(drawn)), np.arange(len(windows)))


def test_balance_gives_a_rare_task_its_share(cache: Cache) -> None:
    windows = Windows(cache, 6, holdout=0)
    rare = cache.tasks.index("reach")

    def share(balance: float) -> float:
        tasks = windows.tasks(Sampler(windows, 4000, balance=balance).next())
        return float((tasks == rare).mean())

    assert share(0.0) == pytest.approx(30 / 80, abs=0.03)
    assert share(1.0) == pytest.approx(0.5, abs=0.03)


def test_a_loader_hands_on_what_the_sampler_draws_and_its_errors(cache: Cache) -> None:
    windows = Windows(cache, 6, holdout=0)
    loader = Loader(windows, Sampler(windows, 5, seed=2))
    expected = Sampler(windows, 5, seed=2)
    for batch, _ in zip(loader, range(20), strict=False):
        same = windows.batch(expected.next())
        np.testing.assert_array_equal(batch["front"].numpy(), same["front"])
    loader.close()
    broken = Loader(windows, Sampler(windows, 5, position=-(10**30)))
    with pytest.raises(Exception, match=r".+"):
        next(iter(broken))
    broken.close()
