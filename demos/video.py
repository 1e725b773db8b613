"""Encodes pictures to mp4 and decodes them with PyAV: h264 with color in full resolution.

The usual 4:2:0 halves the resolution of color, so that a block five pixels wide would lose its
color.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from longhaul.demos.source import DatasetError
from longhaul.errors import single_line
from longhaul.files import writing
from longhaul.films import BROKEN, open_film

PIXEL_FORMAT = "yuv444p"
"""PyAV's name of the pixel format."""

CODEC = "libx264"
"""PyAV's name of the encoder."""

CODEC_OPTIONS = {"qp": "0", "preset": "ultrafast", "g": "10", "threads": "1"}
"""The encoder's options: lossless, except that the conversion from RGB to YUV and back changes a
value by at most 2 levels. Lossy settings with clearly smaller files changed pixels of objects by
10 levels and more. With a key frame every 10 frames, seeking is fast."""


class VideoEncoder:
    """Writes a video picture by picture; the file is complete after `close`."""

    def __init__(self, path: Path, rate: float) -> None:
        """`rate` is in frames per second."""
        self._path = path
        self._container = av.open(str(path), "w", format="mp4")
        self._rate = Fraction(rate).limit_denominator(1001)
        stream: Any = self._container.add_stream(CODEC, self._rate, options=CODEC_OPTIONS)
        stream.pix_fmt = PIXEL_FORMAT
        self._stream = stream
        self.frames = 0

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Append a picture (H, W, 3) RGB; all must be of one size."""
        if not self.frames:
            self._stream.height, self._stream.width = picture.shape[:2]
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame = frame.reformat(format=PIXEL_FORMAT)
        frame.pts, frame.time_base = self.frames, 1 / self._rate
        with writing(self._path):
            self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def close(self) -> None:
        """Write the frames that are still in the encoder, and the file's index."""
        with writing(self._path):
            if self.frames:
                self._container.mux(self._stream.encode(None))
            self._container.close()

    def discard(self) -> None:
        """Close the encoder and remove the file."""
        try:
            self._container.close()
        finally:
            self._path.unlink(missing_ok=True)


def encode(path: Path, pictures: Iterable[NDArray[np.uint8]], rate: float) -> int:
    """Write a video; return the number of its frames."""
    encoder = VideoEncoder(path, rate)
    try:
        for picture in pictures:
            encoder.add(picture)
    except BaseException:
        encoder.discard()
        raise
    encoder.close()
    return encoder.frames


def decode(
    path: Path, start: float = 0.0, frames: int | None = None
) -> Iterator[NDArray[np.uint8]]:
    """Yield pictures (H, W, 3) RGB from `start` seconds on: `frames` of them, or all.

    Raises DatasetError for a file that is missing, is not a video, or has fewer frames.
    """
    found = 0
    reformatter = VideoReformatter()  # creating one takes as long as decoding a frame
    try:
        with open_film(path, "mp4") as (container, stream):
            stream.thread_type = "NONE"
            if start:
                container.seek(int(start * av.time_base), backward=True)
            for frame in container.decode(stream):
                # A frame's time is rounded to the container's ticks: allow half a millisecond.
                if frames is not None and found == frames:
                    return
                if frame.time >= start - 5e-4:
                    picture: Any = reformatter.reformat(frame, format="rgb24")
                    yield picture.to_ndarray()
                    found += 1
    except FileNotFoundError:
        raise DatasetError(f"{path}: this video is missing") from None
    except BROKEN as error:
        raise DatasetError(f"{path}: no readable video ({single_line(error)})") from None
    if frames is not None and found < frames:
        raise DatasetError(
            f"{path}: {found} frames from {start:g} s on, the metadata says {frames}"
        )


def decode_key_frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield the key frames (H, W, 3), which are decoded alone: the first and every tenth one."""
    try:
        with open_film(path, "mp4") as (container, stream):
            stream.codec_context.skip_frame = "NONKEY"
            for frame in container.decode(stream):
                yield frame.to_ndarray(format="rgb24")
    except FileNotFoundError:
        raise DatasetError(f"{path}: this video is missing") from None
    except BROKEN as error:
        raise DatasetError(f"{path}: no readable video ({single_line(error)})") from None
