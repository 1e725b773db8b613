"""Writes pictures and speech to an mp4 file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from longhaul.webagents.tutorials.narrate import SPEECH_RATE_HZ
from longhaul.webagents.tutorials.screencast import Picture

VIDEO_FPS = 25
"""Frames per second of a video."""

X264_OPTIONS = {"crf": "31", "preset": "veryfast", "g": "250", "threads": "1"}
"""Options of the encoder: text is legible at crf 31; key frames come where pages change, and at
least every 10 seconds (g)."""

SOUND_BITS = 20_000
"""Bits per second of the narration; one voice needs no more."""


class Writer:
    """Writes an mp4 of h264 pictures and, with `narrated`, AAC speech, one frame after the other;
    the file is complete after `close`."""

    def __init__(self, path: Path, narrated: bool) -> None:
        self._container = av.open(str(path), "w", format="mp4")
        self._video: Any = self._container.add_stream("libx264", VIDEO_FPS, options=X264_OPTIONS)
        self._video.pix_fmt = "yuv420p"
        self._sound: Any = None
        if narrated:
            self._sound = self._container.add_stream("aac", SPEECH_RATE_HZ, layout="mono")
            self._sound.bit_rate = SOUND_BITS
        self.frames = 0

    def show(self, picture: Picture) -> None:
        """Append a frame (H, W, 3) RGB, of even height and width."""
        if not self.frames:
            self._video.height, self._video.width = picture.shape[:2]
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = self.frames, Fraction(1, VIDEO_FPS)
        self._container.mux(self._video.encode(frame))
        self.frames += 1

    def close(self, speech: NDArray[np.int16]) -> None:
        """Write the speech (mono, at SPEECH_RATE_HZ) and the frames still in the encoder."""
        self._container.mux(self._video.encode(None))
        if self._sound is not None:
            frame = av.AudioFrame.from_ndarray(speech[None], format="s16", layout="mono")
            frame.sample_rate = SPEECH_RATE_HZ
            resampler = av.AudioResampler("fltp", "mono", SPEECH_RATE_HZ)
            for samples in (*resampler.resample(frame), None):
                self._container.mux(self._sound.encode(samples))
        self._container.close()

    def discard(self) -> None:
        """Close the file, which is not complete."""
        self._container.close()
