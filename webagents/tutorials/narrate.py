"""Speech by espeak-ng, if it is installed."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave

import numpy as np
from numpy.typing import NDArray

PROGRAM = "espeak-ng"
WORDS_PER_MINUTE = 165
"""The speed of the speech. Chosen here."""

SPEECH_RATE_HZ = 22_050
"""Samples per second of espeak-ng's voices."""


def can_narrate() -> bool:
    """Say whether espeak-ng is installed."""
    return shutil.which(PROGRAM) is not None


def narrate(text: str) -> NDArray[np.int16]:
    """Return a text as speech: mono samples at SPEECH_RATE_HZ. Raises OSError without espeak-ng."""
    # The text is passed by standard input, since as an argument it could be read as an option.
    spoken = subprocess.run(
        [PROGRAM, "-v", "en-us", "-s", str(WORDS_PER_MINUTE), "--stdin", "--stdout"],
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    with wave.open(io.BytesIO(spoken.stdout)) as sound:
        # In a pipe the header's length is wrong, so all samples that come are read.
        return np.frombuffer(sound.readframes(sound.getnframes()), np.int16)


def speaking_time(text: str) -> float:
    """Return the estimated seconds that a text takes to say."""
    return 60 * len(text.split()) / WORDS_PER_MINUTE
