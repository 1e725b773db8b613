"""A film being written: pictures and speech to mp4."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from longhaul.webagents.tutorials.narrate import RATE
from longhaul.webagents.tutorials.screencast import Picture

FPS = 25
OPTIONS = {"crf": "31", "preset": "veryfast", "g": "250", "threads": "1"}
"""Text stays legible at 31; key frames are where pages change, and every 10 seconds at least."""

SOUND_BITS = 20_000
"""Bits a second of the narration: speech of one voice needs no more."""


class Writer:
    """Writes an mp4 of h264 pictures and, with `narrated`, AAC speech, one frame after the other;
    the file is complete after `close`."""

    def __init__(self, path: Path, narrated: bool) -> None:
        self._container = av.open(str(path), "w", format="mp4")
        self._video: Any = self._container.add_stream("libx264", FPS, options=OPTIONS)
        self._video.pix_fmt = "yuv420p"
        self._sound: Any = None
        if narrated:
            self._sound = self._container.add_stream("aac", RATE, layout="mono")
            self._sound.bit_rate = SOUND_BITS
        self.frames = 0

    def show(self, picture: Picture) -> None:
        """Append a frame (H, W, 3) RGB, of even height and width."""
        if not self.frames:
            self._video.height, self._video.width = picture.shape[:2]
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = self.frames, Fraction(1, FPS)
        self._container.mux(self._video.encode(frame))
        self.frames += 1

    def close(self, speech: NDArray[np.int16]) -> None:
        """Write the speech (mono, at RATE) and what is still held back."""
        self._container.mux(self._video.encode(None))
        if self._sound is not None:
            frame = av.AudioFrame.from_ndarray(speech[None], format="s16", layout="mono")
            frame.sample_rate = RATE
            resampler = av.AudioResampler("fltp", "mono", RATE)
            for part in (*resampler.resample(frame), None):
                self._container.mux(self._sound.encode(part))
        self._container.close()

    def discard(self) -> None:
        """End without a whole file."""
        self._container.close()
