"""Opens videos that somebody else may have made, with a limit of what a frame may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import av

from longhaul.documents import require_regular

MOST_PIXELS = 2**24
"""The pixel limit of a frame: the square of 4096."""

BROKEN = (av.FFmpegError, OSError, LookupError, ValueError, TypeError, OverflowError)
"""What PyAV and `open_film` raise for a file that is no video, is broken or is too large; a
FileNotFoundError, an OSError too, says that there is none."""


@contextmanager
def open_film(file: Path | BinaryIO, kind: str | None = None) -> Iterator[tuple[Any, Any]]:
    """Give the container of a video file and its first video stream; `kind` is FFmpeg's name of the
    only format that is taken, such as mp4.

    Raises one of BROKEN for another file and for frames of more than MOST_PIXELS.
    """
    if isinstance(file, Path):
        require_regular(file)
    source = str(file) if isinstance(file, Path) else file
    modest: Any = {"max_pixels": str(MOST_PIXELS)}
    options: Any = [modest]
    with av.open(source, "r", format=kind, options=modest, stream_options=options) as container:
        stream: Any = container.streams.video[0]
        if stream.codec_context is None:
            raise ValueError("there is no decoder of its video stream")
        stream.codec_context.options = modest
        yield container, stream
