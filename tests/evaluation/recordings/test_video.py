"""Videos: readable, in simulated time, with the subtasks' state in the strip."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from longhaul.envs.episode import SubtaskOutcome
from longhaul.envs.specs import TRANSPOSED, ActionSpec, CameraSpec, EnvSpec, ObservationSpec
from longhaul.evaluation.recordings.video import (
    CURRENT_COLOR,
    DONE_COLOR,
    FAILED_COLOR,
    OPEN_COLOR,
    STRIP_HEIGHT_PX,
    VideoWriter,
    caption,
)
from longhaul.files import partial

HEIGHT = 200
CONVENTIONS = EnvSpec(
    ObservationSpec((CameraSpec("left", HEIGHT, 200), CameraSpec("right", 60, 60))),
    ActionSpec("delta", rate=20.0),
    splits=(),
    video=("left", "right"),
)
OUTCOMES = (
    SubtaskOutcome("a", 1, started=True, success=True, start_step=0, end_step=3),
    SubtaskOutcome("b", 1, started=True, start_step=3),
    SubtaskOutcome("c", 1),
)
INFO = {"instruction": "push the red block", "subtask": 1, "outcomes": OUTCOMES}


def observation(level: int) -> dict[str, np.ndarray]:
    left = np.zeros((HEIGHT, 200, 3), np.uint8)
    left[..., 0] = level
    return {"left": left, "right": np.full((60, 60, 3), 200, np.uint8)}


def test_a_video_plays_in_simulated_time_and_ends_on_the_last_frame(tmp_path: Path) -> None:
    path = tmp_path / "episode.mp4"
    writer = VideoWriter(path, CONVENTIONS, every=2)
    for step in range(42):
        assert not path.exists()
        writer.add(observation(5 * step), INFO, last=step == 41)
    writer.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["episode.mp4"]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert stream.average_rate == 10 and stream.codec_context.pix_fmt == "yuv420p"
    assert frames[0].shape == (HEIGHT + STRIP_HEIGHT_PX, 200 + HEIGHT, 3)
    reds = [int(np.median(frame[:HEIGHT, :200, 0])) for frame in frames]
    shown = [*range(0, 42, 2), *[41] * 11]  # every second step, then the last for a second
    np.testing.assert_allclose(reds, [5 * step for step in shown], atol=6)
    np.testing.assert_allclose(np.median(frames[0][:HEIGHT, 200:]), 200, atol=6)


@pytest.mark.parametrize(("rate", "kept"), [(1.0, 4), (22.0, 4), (30.0, 3)])
def test_slow_envs_are_filmed_at_every_step_and_maps_upright(
    rate: float, kept: int, tmp_path: Path
) -> None:
    """Four states, the third half dark along the array's rows: columns, once it is upright."""
    camera = CameraSpec("map", 320, 160, orientation=TRANSPOSED)
    action = ActionSpec("pick_place", rate=rate)
    conventions = EnvSpec(ObservationSpec((camera,)), action, splits=(), video=("map",))
    writer = VideoWriter(tmp_path / "map.mp4", conventions)
    for step in range(4):
        image = np.full((320, 160, 3), 200, np.uint8)
        image[: 160 if step == 2 else 0] = 0
        writer.add({"map": image}, INFO, last=step == 3)
    writer.close()
    with av.open(str(tmp_path / "map.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert frames[0].shape == (160 + STRIP_HEIGHT_PX, 320, 3)
    held = len(frames) - kept
    assert held == max(1, round(rate / max(1, round(rate / 15))))  # the last stays for a second
    dark = frames[2 if kept == 4 else 1][:160]
    assert dark[:, :150].max() < 40 and dark[:, 170:].min() > 160


def test_a_video_given_up_leaves_nothing(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "episode.mp4", CONVENTIONS)
    for step in range(150):  # more than the encoder looks ahead
        writer.add(observation(step), INFO, last=False)
    assert partial(tmp_path / "episode.mp4").exists()
    writer.discard()
    assert not list(tmp_path.iterdir())


def test_an_env_without_video_cameras_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="declares no cameras for videos"):
        VideoWriter(tmp_path / "x.mp4", EnvSpec(ObservationSpec(), ActionSpec("delta"), ()))


def test_the_strip_shows_each_subtask() -> None:
    failed = SubtaskOutcome("d", 1, started=True, start_step=3, end_step=9)
    strip = caption("go", 1, [*OUTCOMES, failed], width=400)
    boxes = [tuple(strip[10, x]) for x in (50, 150, 250, 350)]
    assert boxes == [DONE_COLOR, CURRENT_COLOR, OPEN_COLOR, FAILED_COLOR]


def test_a_long_instruction_is_wrapped_and_ends_in_dots() -> None:
    def rows_with_text(text: str) -> np.ndarray:
        strip = caption(text, 0, (), width=320)
        return np.flatnonzero((strip > 150).all(axis=2).any(axis=1))

    short, long = rows_with_text("go"), rows_with_text("place the block in the drawer " * 9)
    assert short.max() < 36 <= long.max() < STRIP_HEIGHT_PX
