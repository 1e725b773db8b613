"""CALVIN's records do not depend on what is drawn, on a message's steps, nor on who acts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.commands.rollout import main

SHORT = ("env=calvin", "episodes=2", "env.subtask_steps=40", "videos.first=0", "videos.failures=0")

LAZY = ("engine.replicas=on",)
EAGER = ("engine.lazy=false", "engine.replicas=off", "env.static_layer=off")


def played(policy: str, folder: Path, lazy: bool) -> tuple[list[dict[str, Any]], list[np.ndarray]]:
    """Return the records of a rollout, without timings, and the actions of its episodes."""
    ways = LAZY if lazy else EAGER
    words = [f"policy={policy}", *SHORT, "save_actions=true", *ways]
    assert main([*words, f"run_dir={folder}", "--quiet"]) == 0
    records = [json.loads(line) for line in (folder / "episodes.jsonl").read_text().splitlines()]
    for record in records:
        del record["timings"]
    actions = [np.load(path) for path in sorted((folder / "actions").iterdir())]
    return sorted(records, key=lambda record: record["episode"]["id"]), actions


@pytest.mark.parametrize("policy", ["seer", "expert"])
def test_lazy_and_eager_rollouts_are_equal(policy: str, tmp_path: Path) -> None:
    """Workers that act by themselves see with a static layer, which is in use after 8 pictures."""
    lazy, eager = (played(policy, tmp_path / str(lazy), lazy) for lazy in (True, False))
    assert lazy[0] == eager[0] and len(lazy[0]) == 2
    assert len(lazy[1]) == 2
    for one, other in zip(lazy[1], eager[1], strict=True):
        np.testing.assert_array_equal(one, other)
