"""Speech by espeak-ng, where it is installed."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave

import numpy as np
from numpy.typing import NDArray

PROGRAM = "espeak-ng"
WORDS_PER_MINUTE = 165
RATE = 22_050
"""Samples a second of espeak-ng's voices."""


def can_narrate() -> bool:
    """Say whether espeak-ng is installed."""
    return shutil.which(PROGRAM) is not None


def narrate(text: str) -> NDArray[np.int16]:
    """Return a text as speech: mono samples at RATE. Raises OSError without espeak-ng."""
    # The text goes in by standard input: as an argument it could be an option.
    spoken = subprocess.run(
        [PROGRAM, "-v", "en-us", "-s", str(WORDS_PER_MINUTE), "--stdin", "--stdout"],
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    with wave.open(io.BytesIO(spoken.stdout)) as sound:
        # The header of what goes to a pipe says no true length; what is there is read.
        return np.frombuffer(sound.readframes(sound.getnframes()), np.int16)


def speaking_time(text: str) -> float:
    """Return about how many seconds a text takes to say."""
    return 60 * len(text.split()) / WORDS_PER_MINUTE
