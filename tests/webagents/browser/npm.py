"""JavaScript libraries from npm, for slow tests of pages that they drive."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest


def fetched(folder: Path, libraries: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """Return the files of libraries (`name@version`: their paths in node_modules), each by its own
    name below /, fetched into a folder. The test is skipped where npm is not installed."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed (apt-get install npm)")
    command = ["npm", "install", "--silent", "--no-audit", "--ignore-scripts", *libraries]
    subprocess.run(command, cwd=folder, check=True, timeout=600)
    paths = [folder / "node_modules" / path for found in libraries.values() for path in found]
    return {f"/{path.name}": path.read_bytes() for path in paths}
