"""Encodes pictures to mp4 and decodes them with PyAV: h264 with color in full resolution.

The usual 4:2:0 halves the resolution of color, so that a block five pixels wide would lose its
color.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
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


def decode(path: Path, frames: int) -> Iterator[NDArray[np.uint8]]:
    """Yield all pictures (H, W, 3) RGB of a video that should have so many `frames`.

    Raises DatasetError for a file that is missing, is not a video, or has another number of them.
    """
    found = 0
    reformatter = VideoReformatter()  # creating one takes as long as decoding a frame
    with _opened(path) as (container, stream):
        for frame in container.decode(stream):
            found += 1
            if found > frames:
                break
            picture: Any = reformatter.reformat(frame, format="rgb24")
            yield picture.to_ndarray()
    if found != frames:
        more = "more than " if found > frames else ""
        raise DatasetError(f"{path}: {more}{min(found, frames)} frames, the metadata says {frames}")


@dataclass(frozen=True)
class Excerpt:
    """The frames of a video that belong to an episode: those nearest to `times` (in seconds,
    ascending), each within half a `step`, the time from a frame to the next. The video has to last
    until `end`, in seconds: as far as the last of the episodes that lie in it."""

    times: Sequence[float]
    step: float
    end: float


def decode_excerpt(path: Path, excerpt: Excerpt, form: str = "rgb24") -> Iterator[NDArray[Any]]:
    """Yield the pictures of an excerpt: (H, W, 3) uint8 RGB, or (H, W) for a gray pixel `form`.

    Raises DatasetError for a file that is missing, is not a video, or does not last long enough;
    for a picture that is missing or would be used twice; and for a gray video where colors are
    wanted.
    """
    reformatter = VideoReformatter()
    with _opened(path) as (container, stream):
        _require_lasting(path, stream, excerpt)
        start = excerpt.times[0] - excerpt.step
        if start > 0:
            container.seek(int(start * av.time_base), backward=True)
        for frame in _nearest(path, container.decode(stream), excerpt):
            if len(frame.format.components) == 1 and form == "rgb24":
                raise DatasetError(f"{path}: {frame.format.name} is one channel, no RGB")
            picture: Any = reformatter.reformat(frame, format=form)
            yield picture.to_ndarray()


def _nearest(path: Path, frames: Iterable[Any], excerpt: Excerpt) -> Iterator[Any]:
    """Yield the frame nearest to each time of an excerpt."""
    waiting = list(reversed(excerpt.times))
    last: Any = None
    used = False
    timed = (frame for frame in frames if frame.time is not None)
    for frame in chain(timed, [None]):
        while last is not None and waiting:
            far = abs(waiting[-1] - last.time)
            if frame is not None and abs(waiting[-1] - frame.time) < far:
                break
            near = far <= excerpt.step / 2
            if not near or used:
                raise DatasetError(
                    f"{path}: the picture nearest to {waiting[-1]:.4f} s "
                    f"{'is used already' if near else f'is at {last.time:.4f} s'}; frames are "
                    f"{excerpt.step:.4f} s apart"
                )
            yield last
            used = True
            waiting.pop()
        if not waiting:
            return
        last, used = frame, False
    raise DatasetError(f"{path}: there is no picture near {waiting[-1]:.4f} s")


def _require_lasting(path: Path, stream: Any, excerpt: Excerpt) -> None:
    """Raise DatasetError for a video that ends half a step or more before the excerpt's `end`, by
    its duration and by its number of frames."""
    if stream.duration is None:
        return
    lasts = float((stream.start_time or 0) + stream.duration) * float(stream.time_base)
    counted = (stream.frames or 0) * excerpt.step
    if max(lasts, counted) < excerpt.end - excerpt.step / 2:
        raise DatasetError(
            f"{path}: a video of {lasts:.4f} s and {stream.frames} frames; the table of episodes "
            f"says that they take {excerpt.end:.4f} s of it"
        )


def decode_key_frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield the key frames (H, W, 3), which are decoded alone: the first and every tenth one."""
    with _opened(path) as (container, stream):
        stream.codec_context.skip_frame = "NONKEY"
        for frame in container.decode(stream):
            yield frame.to_ndarray(format="rgb24")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Give the container and the video stream of an mp4 file, decoded by one thread.

    What goes wrong with the file is raised as DatasetError.
    """
    try:
        with open_film(path, "mp4") as (container, stream):
            stream.thread_type = "NONE"
            yield container, stream
    except FileNotFoundError:
        raise DatasetError(f"{path}: this video is missing") from None
    except DatasetError:
        raise
    except BROKEN as error:
        raise DatasetError(f"{path}: no readable video ({single_line(error)})") from None
