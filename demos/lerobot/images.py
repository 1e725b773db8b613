"""Reads pictures that lie in a data file: a picture file in each row, or the path of one."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from longhaul.demos.lerobot.data_files import PICTURE_ROWS, episode_batches
from longhaul.demos.source import DatasetError
from longhaul.documents import read_bytes
from longhaul.errors import ConfigError, single_line
from longhaul.films import MOST_PIXELS
from longhaul.identifiers import is_plain_name, shown

FORMATS = ("PNG", "JPEG", "TIFF")
"""The kinds of picture files that lerobot writes, and JPEG, which others do: they hold pixels
only."""

COLORED = ("RGB", "RGBA", "P")
"""PIL's modes of pictures with colors, which are read as RGB; gray ones are not."""

MEASURED = ("I;16", "I;16L", "I;16B", "I", "F")
"""PIL's modes of pictures of more than 8 bits, in which lerobot writes depth."""

BROKEN = (
    *(OSError, ValueError, SyntaxError, RuntimeError, EOFError, struct.error),
    Image.DecompressionBombError,
)
"""What PIL raises for a file that is no picture or broken."""


def table_pictures(
    folder: Path, path: Path, key: str, number: int, unit: float | None
) -> Iterator[NDArray[Any]]:
    """Yield the pictures (H, W, 3) uint8 of episode `number` in a data file of the dataset in
    `folder`; with `unit`, the length of one in meters, depth (H, W) float16 in meters.

    Raises DatasetError for a picture that is missing or broken, or gray where colors are wanted.
    """
    for batch in episode_batches(path, [key], number, PICTURE_ROWS):
        for cell in batch.column(0).to_pylist():
            yield _decoded(_bytes(cell, path, folder, key), path, key, unit)


def _bytes(cell: Any, path: Path, folder: Path, key: str) -> bytes:
    """Return the picture file of a cell: bytes, a path in the dataset, or a struct of both."""
    held = cell if isinstance(cell, dict) else {"bytes": cell}
    data, name = held.get("bytes"), held.get("path")
    if isinstance(data, bytes):
        return data
    name = data if isinstance(data, str) else name
    if not isinstance(name, str):
        raise DatasetError(f"{path}: a picture of {key} is neither bytes nor a path")
    parts = PurePosixPath(name).parts
    if not parts or not all(map(is_plain_name, parts)):
        raise DatasetError(f"{path}: {shown(name)} does not lie in the dataset's folder")
    try:
        return read_bytes(folder / name)
    except FileNotFoundError:
        raise DatasetError(f"{folder / name}: this picture is missing") from None
    except (ConfigError, OSError) as error:
        raise DatasetError(str(error)) from None


def _decoded(data: bytes, path: Path, key: str, unit: float | None) -> NDArray[Any]:
    wanted = COLORED if unit is None else MEASURED
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise DatasetError(f"{path}: a picture of {key} claims {image.size} pixels")
        if image.mode not in wanted:
            raise DatasetError(
                f"{path}: a picture of {key} is of PIL's mode {image.mode}; "
                f"{'colors' if unit is None else 'depth'} are {', '.join(wanted)}"
            )
        if unit is None:
            return np.asarray(image.convert("RGB"))
        return (np.asarray(image).astype(np.float32) * np.float32(unit)).astype(np.float16)
    except DatasetError:
        raise
    except BROKEN as error:
        raise DatasetError(f"{path}: a picture of {key} is broken ({single_line(error)})") from None
