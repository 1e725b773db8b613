"""The pictures that a task file names: those its agent sees, and those a page is compared with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from longhaul.identifiers import is_plain_name
from longhaul.webagents.errors import TaskError

PLACEHOLDER_PATTERN = re.compile(r"__[A-Z_]+__")


class Pictures:
    """The pictures in `folder`. Each lies at the path of its address:
    `__HOMEPAGE__/static/x.png` and `https://images.example/static/x.png` are `static/x.png`."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, names: Sequence[str]) -> list[Path]:
        """Return the files of pictures. Raises TaskError for one that is missing."""
        return [self._file(name) for name in names]

    def read(self, name: str) -> bytes:
        """Return a picture's content. Raises TaskError for one that is missing."""
        return self._file(name).read_bytes()

    def _file(self, name: str) -> Path:
        path = unquote(urlsplit(PLACEHOLDER_PATTERN.sub("", name)).path).lstrip("/")
        if self._folder is None:
            raise TaskError(f"picture {name} is on none of the sites; set env.images=FOLDER to "
                            f"one that has {path}")  # fmt: skip
        root = self._folder.resolve()
        # The name comes from a task file and must not lead out of the folder.
        named = all(map(is_plain_name, filter(None, path.split("/"))))
        file = (root / path).resolve() if named else root
        if not (file.is_relative_to(root) and file.is_file()):
            raise TaskError(f"no picture {path} in env.images={self._folder}; the task file names "
                            f"{name}")  # fmt: skip
        return file
