"""Runs of scripts/rollout.py for benchmarks; each has its folder, so a second start does what is
missing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROLLOUT = Path(__file__).parents[1] / "rollout.py"


def roll_out(folder: Path, overrides: Sequence[str]) -> dict[str, Any] | str:
    """Run or continue a rollout and return its summary, or the line that says why it failed."""
    command = [sys.executable, str(ROLLOUT), *overrides, f"run_dir={folder}"]
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason given"
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return summary


def percent(summary: dict[str, Any], metric: str) -> str:
    """Return a metric in per cent with its 95 % interval."""
    found = summary["metrics"][metric]
    value, low, high = (100 * found[key] for key in ("value", "low", "high"))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"
