"""Runs a script of this folder in an interpreter that has the real lerobot package.

LONGHAUL_LEROBOT_PYTHON names it (CONTRIBUTING.md says how to make it).
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PYTHON = os.environ.get("LONGHAUL_LEROBOT_PYTHON")

needs_lerobot = pytest.mark.skipif(
    PYTHON is None, reason="LONGHAUL_LEROBOT_PYTHON names no interpreter"
)


def run(script: str, *arguments: object, scratch: Path) -> str:
    """Return what a script prints; caches lie in `scratch`."""
    here = Path(__file__).parent
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_CACHE": str(scratch / "hf"),
        "PYTHONPATH": str(here / "torchvision_for_lerobot"),
    }
    command = [str(PYTHON), str(here / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
