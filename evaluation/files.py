"""Files that are either whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

PARTIAL = ".partial"


def partial(path: Path) -> Path:
    """Return the name that a file bears until it is complete."""
    return path.with_name(path.name + PARTIAL)


def replace_file(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never a half."""
    with partial(path).open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial(path), path)
