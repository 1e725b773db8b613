"""CALVIN's records do not depend on which pictures are drawn, nor on a message's steps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.commands.rollout import main

SHORT = ("env=calvin", "episodes=2", "env.subtask_steps=20", "videos.first=0", "videos.failures=0")


def played(policy: str, folder: Path, lazy: bool) -> tuple[list[dict[str, Any]], list[np.ndarray]]:
    """Return the records of a rollout, without timings, and the actions of its episodes."""
    words = [f"policy={policy}", *SHORT, "save_actions=true", f"engine.lazy={str(lazy).lower()}"]
    assert main([*words, f"run_dir={folder}", "--quiet"]) == 0
    records = [json.loads(line) for line in (folder / "episodes.jsonl").read_text().splitlines()]
    for record in records:
        del record["timings"]
    actions = [np.load(path) for path in sorted((folder / "actions").iterdir())]
    return sorted(records, key=lambda record: record["episode"]["id"]), actions


@pytest.mark.parametrize("policy", ["seer", "expert"])
def test_lazy_and_eager_rollouts_are_equal(policy: str, tmp_path: Path) -> None:
    lazy, eager = (played(policy, tmp_path / str(lazy), lazy) for lazy in (True, False))
    assert lazy[0] == eager[0] and len(lazy[0]) == 2
    assert len(lazy[1]) == 2
    for one, other in zip(lazy[1], eager[1], strict=True):
        np.testing.assert_array_equal(one, other)
