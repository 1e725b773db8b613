"""Pictures to mp4 and back by PyAV: h264 with a full-resolution color plane for each pixel.

The usual 4:2:0 halves the color's resolution, and a block of five pixels loses its own.
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

PIXELS = "yuv444p"
CODEC = "libx264"
OPTIONS = {"qp": "0", "preset": "ultrafast", "g": "10", "threads": "1"}
"""Lossless but for the passage from RGB to YUV and back, which moves a value by 2 levels at most;
lossy settings small enough to be worth it moved object pixels by 10 and more. A key frame every
10 keeps seeking short."""


class VideoEncoder:
    """Writes one picture after the other; the file is complete after `close`."""

    def __init__(self, path: Path, rate: float) -> None:
        """`rate` is in frames per second."""
        self._path = path
        self._container = av.open(str(path), "w", format="mp4")
        self._rate = Fraction(rate).limit_denominator(1001)
        stream: Any = self._container.add_stream(CODEC, self._rate, options=OPTIONS)
        stream.pix_fmt = PIXELS
        self._stream = stream
        self.frames = 0

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Append a picture (H, W, 3) RGB; all must be of one size."""
        if not self.frames:
            self._stream.height, self._stream.width = picture.shape[:2]
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame = frame.reformat(format=PIXELS)
        frame.pts, frame.time_base = self.frames, 1 / self._rate
        self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def close(self) -> None:
        """Write what is still held back, and the file's index."""
        if self.frames:
            self._container.mux(self._stream.encode(None))
        self._container.close()

    def discard(self) -> None:
        """End without a file."""
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
    """Yield pictures (H, W, 3) RGB, from `start` seconds on: `frames` of them, or all.

    Raises DatasetError for a file that is missing, no video, or shorter than that.
    """
    found = 0
    reformatter = VideoReformatter()  # one for all: to make it takes as long as to decode a frame
    try:
        with av.open(str(path)) as container:
            stream: Any = container.streams.video[0]
            stream.thread_type = "NONE"
            if start:
                container.seek(int(start * av.time_base), backward=True)
            for frame in container.decode(stream):
                # Half a millisecond: a frame's time is rounded to the container's ticks.
                if frames is not None and found == frames:
                    return
                if frame.time >= start - 5e-4:
                    picture: Any = reformatter.reformat(frame, format="rgb24")
                    yield picture.to_ndarray()
                    found += 1
    except FileNotFoundError:
        raise DatasetError(f"{path}: this video is missing") from None
    except (av.FFmpegError, IndexError) as error:
        raise DatasetError(f"{path}: no readable video ({error})") from None
    if frames is not None and found < frames:
        raise DatasetError(
            f"{path}: {found} frames from {start:g} s on, the metadata says {frames}"
        )


def decode_key_frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield the pictures (H, W, 3) that can be decoded alone: the first and then every tenth."""
    try:
        with av.open(str(path)) as container:
            stream: Any = container.streams.video[0]
            stream.codec_context.skip_frame = "NONKEY"
            for frame in container.decode(stream):
                yield frame.to_ndarray(format="rgb24")
    except FileNotFoundError:
        raise DatasetError(f"{path}: this video is missing") from None
    except (av.FFmpegError, IndexError) as error:
        raise DatasetError(f"{path}: no readable video ({error})") from None
