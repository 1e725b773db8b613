"""Envs whose episodes depend on those before them: one worker, one go, or a refusal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import longhaul
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.task import open_task
from tests.evaluation.loop.test_evaluate import records, run
from tests.evaluation.running import TOY
from tests.toy import ToyPolicy

OPTION = "env.memory=long"


def toy(path: Path, n: int, workers: int = 1, **changes: Any) -> tuple[dict[str, Any], str]:
    task = replace(open_task({"id": TOY}, {}, None, n, seed=0), remembers=OPTION)
    return run(path, ToyPolicy(), n=n, task=task, workers=workers, **changes)


def test_several_workers_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"workers=2: with {OPTION} .*use workers=1"):
        toy(tmp_path / "run", n=2, workers=2)
    assert not list(tmp_path.iterdir())


def test_a_run_is_played_in_one_go(tmp_path: Path) -> None:
    path = tmp_path / "run"
    toy(path, n=2)
    whole = (path / "episodes.jsonl").read_bytes()
    for n, changes in ((3, {}), (4, {"retry_errors": True})):
        with pytest.raises(ConfigError, match=rf"has 2 episodes, and with {OPTION} no others can"):
            toy(path, n, **changes)
    again, _ = toy(path, n=2)
    assert again["played"] == 0 and (path / "episodes.jsonl").read_bytes() == whole
    (path / "episodes.jsonl").write_bytes(whole.splitlines(keepends=True)[0])  # as after kill -9
    with pytest.raises(ConfigError, match=r"has 1 episodes.*choose another run_dir"):
        toy(path, n=2)
    (path / "episodes.jsonl").write_bytes(b"")
    assert toy(path, n=2)[0]["played"] == 2, "nothing was simulated before that could be missing"


def test_an_error_is_not_retried_in_another_world(tmp_path: Path) -> None:
    path = tmp_path / "run"
    toy(path, n=2)
    first, second = map(json.loads, (path / "episodes.jsonl").read_text().splitlines())
    second |= {"status": "error", "error": "it failed"}
    lines = "".join(json.dumps(record) + "\n" for record in (first, second))
    (path / "episodes.jsonl").write_text(lines)
    with pytest.raises(ConfigError, match="has 1 episodes"):
        toy(path, n=2, retry_errors=True)
    assert (path / "episodes.jsonl").read_text() == lines


def test_the_same_sequence_gives_the_same_records(tmp_path: Path) -> None:
    """A replay of the whole run has the same history; records say so by the same hash."""
    options = {"history": "kept", "subtask_steps": 4, "observations": ["robot_obs"]}
    made = []
    for name in ("a", "b"):
        summary = longhaul.evaluate(
            "random", episodes=3, workers=1, run_dir=tmp_path / name, env_options=options
        )
        assert summary["status"]["error"] == 0
        made.append(records(tmp_path / name))
    assert [r["ending"]["history"]["rollouts"] for r in made[0].values()] == [0, 1, 2]
    assert all(record["parts"]["history"] == "kept" for record in made[0].values())
    for key, record in made[0].items():
        for part in ("ending", "outcomes", "steps"):
            assert record[part] == made[1][key][part]
