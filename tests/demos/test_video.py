"""What a picture loses by being stored: on real pictures of the play table, object pixels too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longhaul.demos.source import DatasetError
from longhaul.demos.video import VideoEncoder, decode, decode_key_frames, encode
from longhaul.envs.calvin.env import CalvinEnv


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    """The expert's first steps, as the gripper's camera sees them (84 x 84)."""
    env = CalvinEnv(observations=["rgb_gripper", "robot_obs"], renderer="bullet_tiny")
    episode = env.episodes("D", 1, 0)[0]
    seen, _ = env.reset(options={"episode": episode})
    expert = env.expert()
    expert.reset(0)
    taken = []
    for _ in range(25):
        taken.append(seen["rgb_gripper"].copy())
        seen, *_ = env.step(expert.act())
    env.close()
    return taken


def test_object_pixels_keep_within_three_levels(pictures: list[np.ndarray], tmp_path: Path) -> None:
    assert encode(tmp_path / "v.mp4", pictures, 30.0) == 25
    errors = []
    for before, after in zip(pictures, decode(tmp_path / "v.mp4", frames=25), strict=True):
        levels = before.astype(int)
        colored = levels.max(axis=-1) - levels.min(axis=-1) > 100  # blocks: nothing else is so
        errors.append(np.abs(levels - after)[colored])
    found = np.concatenate(errors)
    assert found.size > 1000
    assert found.max() <= 3


def test_frames_are_found_by_time(pictures: list[np.ndarray], tmp_path: Path) -> None:
    encode(tmp_path / "v.mp4", pictures, 30.0)
    for first in (0, 1, 9, 10, 13, 24):
        shown = list(decode(tmp_path / "v.mp4", first / 30, 1))
        assert np.abs(shown[0].astype(int) - pictures[first]).max() <= 3
    keys = list(decode_key_frames(tmp_path / "v.mp4"))
    assert len(keys) == 3
    assert np.abs(keys[2].astype(int) - pictures[20]).max() <= 3


def test_another_decoder_shows_the_same(pictures: list[np.ndarray], tmp_path: Path) -> None:
    """imageio's own way of asking PyAV, with its own conversion to RGB."""
    import imageio.v3 as iio

    encode(tmp_path / "v.mp4", pictures, 30.0)
    shown = iio.imread(tmp_path / "v.mp4", plugin="pyav")
    assert np.abs(shown.astype(int) - np.stack(pictures)).max() <= 3


def test_too_few_frames_and_no_video_are_said(pictures: list[np.ndarray], tmp_path: Path) -> None:
    encode(tmp_path / "v.mp4", pictures[:5], 30.0)
    with pytest.raises(DatasetError, match=r"v.mp4: 5 frames from 0 s on, the metadata says 6"):
        list(decode(tmp_path / "v.mp4", frames=6))
    (tmp_path / "no.mp4").write_bytes(b"not a video")
    with pytest.raises(DatasetError, match=r"no.mp4: no readable video"):
        list(decode(tmp_path / "no.mp4"))


def test_a_discarded_video_leaves_no_file(tmp_path: Path, pictures: list[np.ndarray]) -> None:
    encoder = VideoEncoder(tmp_path / "v.mp4", 30.0)
    encoder.add(pictures[0])
    encoder.discard()
    assert not (tmp_path / "v.mp4").exists()
