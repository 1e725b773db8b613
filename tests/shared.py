"""Where golden numbers and official files lie: LONGHAUL_GOLDEN and LONGHAUL_DATA.

Without the variable a missing default folder skips the test and says why; with it set, a missing
file is a failure.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


def golden(name: str = "") -> Path:
    """Return a path under the golden folder."""
    return _find("LONGHAUL_GOLDEN", "golden", name)


def data(name: str = "") -> Path:
    """Return a path under the folder of official files."""
    return _find("LONGHAUL_DATA", "data", name)


def golden_folders(name: str) -> list[str]:
    """Return the folders under a golden folder, for tests of each, as names for `golden`.

    Where there is none it is a name that `golden` does not find: the test fails or is skipped.
    """
    parent = Path(os.environ.get("LONGHAUL_GOLDEN", SHARED / "golden"))
    found = sorted(path for path in parent.glob(f"{name}/*") if path.is_dir())
    return [str(path.relative_to(parent)) for path in found] or [f"{name}/*"]


def _find(variable: str, default: str, name: str) -> Path:
    folder = Path(os.environ.get(variable, SHARED / default))
    path = folder / name
    if not path.exists():
        if variable in os.environ:
            pytest.fail(f"{path} does not exist, and {variable} is set")
        pytest.skip(f"{path} does not exist; set {variable} to the folder that holds it")
    return path
