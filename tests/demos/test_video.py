"""What a picture loses by being stored: on real pictures of the play table, object pixels too."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from longhaul.demos.source import DatasetError
from longhaul.demos.video import (
    Excerpt,
    VideoEncoder,
    decode,
    decode_excerpt,
    decode_key_frames,
    encode,
)
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


def test_key_frames_are_found(pictures: list[np.ndarray], tmp_path: Path) -> None:
    encode(tmp_path / "v.mp4", pictures, 30.0)
    keys = list(decode_key_frames(tmp_path / "v.mp4"))
    assert len(keys) == 3
    assert np.abs(keys[2].astype(int) - pictures[20]).max() <= 3


def numbered(path: Path, times: list[int]) -> None:
    """Write a video of one frame at each time, in thirtieths of a second, as gray as its number."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", 30, options={"crf": "1", "g": "4"})
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 8 * number, np.uint8), "rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def excerpt(path: Path, thirtieths: Sequence[float], end: float = 0) -> list[int]:
    wanted = Excerpt([time / 30 for time in thirtieths], 1 / 30, end / 30)
    return [round(picture.mean() / 8) for picture in decode_excerpt(path, wanted)]


@pytest.mark.parametrize("off", [-0.45, -0.03, 0, 0.03, 0.45])
def test_the_nearest_frames_are_taken(tmp_path: Path, off: float) -> None:
    numbered(tmp_path / "v.mp4", list(range(25)))
    for first in (1, 4, 9, 13, 22):
        found = excerpt(tmp_path / "v.mp4", np.arange(first, first + 3) + off)
        assert found == [first, first + 1, first + 2]
    assert excerpt(tmp_path / "v.mp4", [2, 3, 7.1, 8]) == [2, 3, 7, 8]


def test_what_is_not_within_half_a_frame_is_said(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    numbered(path, [0, 1, 2, 4, 5, 6])
    assert excerpt(path, [0, 1, 2], end=7) == [0, 1, 2]
    assert excerpt(path, [4, 5, 6], end=7) == [3, 4, 5]
    with pytest.raises(DatasetError, match=r"v.mp4: the picture nearest to 0.0967 s is at 0.0667"):
        excerpt(path, [1, 2, 2.9, 4])
    with pytest.raises(DatasetError, match=r"nearest to 0.2200 s is at 0.2000 s"):
        excerpt(path, [5, 6.6])
    with pytest.raises(DatasetError, match=r"nearest to -0.0200 s is at 0.0000 s"):
        excerpt(path, [-0.6])
    with pytest.raises(DatasetError, match=r"nearest to 0.1733 s is used already"):
        excerpt(path, [4.8, 5.2])
    with pytest.raises(DatasetError, match=r"a video of 0.2333 s and 6 frames; .* take 0.2667 s"):
        excerpt(path, [0], end=8)


def test_another_decoder_shows_the_same(pictures: list[np.ndarray], tmp_path: Path) -> None:
    """imageio's own way of asking PyAV, with its own conversion to RGB."""
    import imageio.v3 as iio

    encode(tmp_path / "v.mp4", pictures, 30.0)
    shown = iio.imread(tmp_path / "v.mp4", plugin="pyav")
    assert np.abs(shown.astype(int) - np.stack(pictures)).max() <= 3


def test_too_few_frames_and_no_video_are_said(pictures: list[np.ndarray], tmp_path: Path) -> None:
    encode(tmp_path / "v.mp4", pictures[:5], 30.0)
    with pytest.raises(DatasetError, match=r"v.mp4: 5 frames, the metadata says 6"):
        list(decode(tmp_path / "v.mp4", frames=6))
    with pytest.raises(DatasetError, match=r"v.mp4: more than 4 frames, the metadata says 4"):
        list(decode(tmp_path / "v.mp4", frames=4))
    (tmp_path / "no.mp4").write_bytes(b"not a video")
    with pytest.raises(DatasetError, match=r"no.mp4: no readable video"):
        list(decode(tmp_path / "no.mp4", 1))


def test_a_discarded_video_leaves_no_file(tmp_path: Path, pictures: list[np.ndarray]) -> None:
    encoder = VideoEncoder(tmp_path / "v.mp4", 30.0)
    encoder.add(pictures[0])
    encoder.discard()
    assert not (tmp_path / "v.mp4").exists()
