"""Importing an env says nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    ["longhaul.envs.calvin.env", "longhaul.envs.bullet.world", "longhaul.envs.render.renderer"],
)
def test_importing_says_nothing(module: str) -> None:
    command = [sys.executable, "-c", f"import {module}, sys; print('after', file=sys.stderr)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "after\n")
