"""What was recorded of an episode for the viewer: evaluation/explain.py writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from longhaul.evaluation.viewer.folder import RECORDINGS


def read_recording(run: Path, name: str) -> dict[str, Any] | None:
    """Return an episode's recording, None where it is not (yet) whole.

    `folder` is where its videos lie, below the run's.
    """
    try:
        found = json.loads((run / RECORDINGS / name / "recording.json").read_text())
    except (OSError, ValueError):
        return None
    return {**found, "folder": f"{RECORDINGS}/{name}"} if isinstance(found, dict) else None
