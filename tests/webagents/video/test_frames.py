"""Pictures at given times: the right ones, in red, green and blue; broken videos say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.webagents.errors import VideoError
from longhaul.webagents.video.frames import measure, read_at, sample
from tests.webagents.video.made import COLORS, FPS, make_video, plain


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds: red, green, blue."""
    path = tmp_path_factory.mktemp("frames") / "colors.mp4"
    return make_video(path, [plain(color) for color in COLORS])


def test_pictures_are_rgb_and_in_the_middle_of_their_shares(video: Path) -> None:
    reel = sample(video, 3)
    assert reel.duration == pytest.approx(3.0) and reel.times == pytest.approx((0.5, 1.5, 2.5))
    means = [picture.reshape(-1, 3).mean(0) for picture in reel.pictures]
    assert np.allclose(means, COLORS, atol=12)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 3), min_size=1, max_size=6).map(sorted))
def test_a_picture_is_the_last_that_had_come(video: Path, times: list[float]) -> None:
    reel = read_at(video, times)
    wanted = {min(int(time * FPS + 1e-6), 3 * FPS - 1) for time in times}
    assert [round(time * FPS) for time in reel.times] == sorted(wanted)
    for time, picture in zip(reel.times, reel.pictures, strict=True):
        assert np.allclose(picture.mean((0, 1)), COLORS[int(time + 1e-6)], atol=12)


def test_more_pictures_than_there_are_is_all_of_them(video: Path) -> None:
    assert len(sample(video, 100).pictures) == 3 * FPS


def broken(folder: Path, video: Path) -> dict[str, Path]:
    data = video.read_bytes()
    contents = {"noise": b"\x00\x13" * 500, "empty": b"", "cut": data[: len(data) // 2]}
    for name, content in contents.items():
        (folder / f"{name}.mp4").write_bytes(content)
    return {name: folder / f"{name}.mp4" for name in (*contents, "missing")}


@pytest.mark.parametrize("name", ["noise", "empty", "cut", "missing"])
def test_what_is_no_video_says_so_in_one_line(tmp_path: Path, video: Path, name: str) -> None:
    path = broken(tmp_path, video)[name]
    for read in (measure, lambda path: sample(path, 2)):
        with pytest.raises(VideoError, match=f"{name}.mp4") as caught:
            read(path)
        assert "\n" not in str(caught.value) and "record" in str(caught.value)
