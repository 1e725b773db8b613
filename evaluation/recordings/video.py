"""Episode videos: the cameras side by side, the instruction, and the state of the subtasks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from longhaul.envs.episode import SubtaskOutcome
from longhaul.envs.pictures import side_by_side, upright
from longhaul.envs.specs import EnvSpec
from longhaul.files import partial, writing
from longhaul.secrets import scrub

CAMERA_HEIGHTS_PX = (160, 480)
"""The smallest and largest height of the pictures. Within these limits they are as high as the
highest camera, whose pixels are then kept."""

STRIP_HEIGHT_PX = 56
"""The height of the strip below the pictures, which shows the instruction and the subtasks."""

MIN_WIDTH_PX = 320
MARGIN_PX = 8
FONT_SIZE_PX = 14
LAST_FRAME_S = 1.0
"""How long a video shows its last frame, in seconds."""

FRAMES_PER_S = 15
"""About how many frames are kept per second of simulated time, if `every` is None."""

BACKGROUND_COLOR, TEXT_COLOR = (24, 26, 30), (236, 236, 232)
DONE_COLOR, CURRENT_COLOR, FAILED_COLOR, OPEN_COLOR = (
    (76, 175, 96),
    (238, 176, 58),
    (214, 84, 72),
    (78, 84, 94),
)
"""The RGB colors of the subtasks' boxes."""


class VideoWriter:
    """Writes an H.264 mp4 of the env's `video` cameras, turned upright. Every `every`-th step is a
    frame; None keeps about 15 per second.

    It plays in simulated time (`action.rate`, or 30 Hz if the env has none), and the last frame is
    shown for a second. Raises ValueError for an env that declares no video camera.
    """

    def __init__(self, path: Path, conventions: EnvSpec, every: int | None = None) -> None:
        if not conventions.video:
            raise ValueError("this env declares no cameras for videos; use videos=none")
        cameras = {camera.name: camera for camera in conventions.observation.cameras}
        self._cameras = {name: cameras[name] for name in conventions.video}
        rate = conventions.action.rate or 30
        self._every = every or max(1, round(rate / FRAMES_PER_S))
        self._rate = max(1, round(rate / self._every))
        self._path = path
        self._container = av.open(str(partial(path)), "w", format="mp4")
        self._stream: Any = None
        self._frames = 0
        self._strip: tuple[Any, np.ndarray] | None = None

    def shows(self, last: bool) -> bool:
        """Return whether the next state to be added is a frame: its pictures are read then."""
        return last or self._frames % self._every == 0

    def add(self, observation: Mapping[str, Any], info: Mapping[str, Any], last: bool) -> None:
        """Add the state after a reset or step; `last` is True at the end of the episode."""
        shown = self.shows(last)
        self._frames += 1
        if not shown:
            return
        image = self._compose(observation, info)
        with writing(self._path):
            for _ in range(1 + round(LAST_FRAME_S * self._rate) if last else 1):
                self._encode(image)

    def close(self) -> None:
        """Finish the file and rename it to its final name."""
        with writing(self._path):
            if self._stream is not None:
                self._container.mux(self._stream.encode())
            self._container.close()
            os.replace(partial(self._path), self._path)

    def discard(self) -> None:
        """Delete the unfinished file."""
        try:
            self._container.close()
        finally:
            partial(self._path).unlink(missing_ok=True)

    def _compose(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> np.ndarray:
        low, high = CAMERA_HEIGHTS_PX
        images = [upright(observation[name], spec) for name, spec in self._cameras.items()]
        highest = max(image.shape[0] for image in images)
        height = min(max(highest, low), high) // 2 * 2  # H.264 halves the colors' resolution
        pictures = side_by_side(images, height)
        width = max(MIN_WIDTH_PX, pictures.shape[1] + pictures.shape[1] % 2)
        left = (width - pictures.shape[1]) // 2
        frame = np.full((height + STRIP_HEIGHT_PX, width, 3), BACKGROUND_COLOR, np.uint8)
        frame[:height, left : left + pictures.shape[1]] = pictures
        frame[height:] = self._caption(info, width)
        return frame

    def _caption(self, info: Mapping[str, Any], width: int) -> np.ndarray:
        key = (scrub(info["instruction"]), int(info["subtask"]), tuple(info["outcomes"]), width)
        if self._strip is None or self._strip[0] != key:
            self._strip = (key, caption(*key))
        return self._strip[1]

    def _encode(self, image: np.ndarray) -> None:
        if self._stream is None:
            # One thread, fast preset: the encoder shares a core with the simulator.
            self._stream = self._container.add_stream(
                "libx264",
                rate=self._rate,
                options={"preset": "veryfast", "crf": "24", "threads": "1"},
            )
            self._stream.height, self._stream.width = image.shape[:2]
            self._stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        self._container.mux(self._stream.encode(frame))


def caption(
    instruction: str, subtask: int, outcomes: Sequence[SubtaskOutcome], width: int
) -> np.ndarray:
    """Return the strip below the pictures, (STRIP_HEIGHT_PX, width, 3) uint8.

    It has one box per subtask (done, failed, current or open) above the instruction.
    """
    strip = Image.new("RGB", (width, STRIP_HEIGHT_PX), BACKGROUND_COLOR)
    draw = ImageDraw.Draw(strip)
    for i, outcome in enumerate(outcomes):
        left = MARGIN_PX + i * (width - 2 * MARGIN_PX) / len(outcomes)
        right = MARGIN_PX + (i + 1) * (width - 2 * MARGIN_PX) / len(outcomes) - 3
        if outcome.success:
            color = DONE_COLOR
        elif outcome.end_step is not None:
            color = FAILED_COLOR
        else:
            color = CURRENT_COLOR if i == subtask else OPEN_COLOR
        draw.rectangle((left, 6, max(left, right), 14), fill=color)
    font = ImageFont.load_default(FONT_SIZE_PX)
    lines = _wrap(instruction, lambda text: font.getlength(text), width - 2 * MARGIN_PX)
    for row, line in enumerate(lines):
        draw.text((MARGIN_PX, 18 + 18 * row), line, fill=TEXT_COLOR, font=font)
    return np.asarray(strip)


def _wrap(text: str, measure: Any, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if measure(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines if len(lines) <= 2 else [lines[0], f"{lines[1]} ..."]
