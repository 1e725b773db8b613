"""Reads what evaluation/recordings/explain.py recorded of an episode for the viewer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from longhaul.evaluation.viewer.folder import RECORDINGS_FOLDER


def read_recording(run: Path, name: str) -> dict[str, Any] | None:
    """Return an episode's recording, or None if there is none or it is not complete yet.

    `folder` is the folder of its videos, relative to the run's.
    """
    try:
        found = json.loads((run / RECORDINGS_FOLDER / name / "recording.json").read_text())
    except (OSError, ValueError):
        return None
    return {**found, "folder": f"{RECORDINGS_FOLDER}/{name}"} if isinstance(found, dict) else None
