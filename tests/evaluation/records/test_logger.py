"""What Weights & Biases is told of a run, by a stand-in for its `init`."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import wandb

from longhaul.errors import ConfigError
from longhaul.evaluation.records.logger import NoLogger, make_logger
from longhaul.evaluation.settings import LoggerSettings
from tests.evaluation.made import make_record


@pytest.mark.parametrize(("key", "mode"), [(None, "offline"), ("0123", "online")])
def test_each_episode_is_logged_and_the_summary_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None, mode: str
) -> None:
    begun: list[dict[str, Any]] = []
    logged: list[tuple[int, dict[str, float]]] = []
    ended: list[bool] = []
    run = SimpleNamespace(
        log=lambda values, step: logged.append((step, values)),
        summary={},
        finish=lambda: ended.append(True),
    )
    monkeypatch.setattr(wandb, "init", lambda **given: begun.append(given) or run)
    if key:
        monkeypatch.setenv("WANDB_API_KEY", key)
    (tmp_path / "a-run").mkdir()
    logger = make_logger(LoggerSettings("wandb", "ours"), tmp_path / "a-run", {"seed": 3})
    (given,) = begun
    assert (given["project"], given["name"], given["mode"]) == ("ours", "a-run", mode)
    assert given["config"] == {"seed": 3} and given["dir"] == str(tmp_path / "a-run")
    # It prints nothing between our own lines.
    assert given["settings"].silent is True
    for status in ("success", "failure", "timeout", "error"):
        logger.log(make_record([1, int(status == "success")], status=status, steps=[4, 5]))
    assert logged == [
        (
            number,
            {"episode/success": float(number == 1), "episode/solved": 2 - (number > 1), **steps},
        )
        for number, steps in enumerate([{"episode/steps": 9}] * 4, start=1)
    ]
    logger.finish({"metrics": {"sr": 1}, "status": {}, "timing": {}, "provenance": {"x": 1}})
    assert run.summary == {"metrics": {"sr": 1}, "status": {}, "timing": {}} and ended == [True]


def test_another_session_goes_on_with_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[dict[str, Any]] = []
    steps: list[int] = []
    run = SimpleNamespace(log=lambda values, step: steps.append(step))
    monkeypatch.setattr(wandb, "init", lambda **given: begun.append(given) or run)
    for done in (0, 2):
        logger = make_logger(LoggerSettings("wandb", "ours"), tmp_path, {}, done)
        logger.log(make_record([1]))
        logger.log(make_record([1]))
    assert steps == [1, 2, 3, 4]
    first, second = ((given["id"], given["resume"]) for given in begun)
    assert first == second == ((tmp_path / "wandb-id.txt").read_text().strip(), "allow")
    other = tmp_path / "other"
    other.mkdir()
    make_logger(LoggerSettings("wandb", "ours"), other, {})
    assert begun[2]["id"] != first[0]


@pytest.mark.parametrize("text", ["", "../../up", "abc", "ABCDEFGH", "a" * 20, "\xff"])
def test_an_id_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "wandb-id.txt").write_text(text)
    with pytest.raises(ConfigError, match=r"wandb-id\.txt holds no id"):
        make_logger(LoggerSettings("wandb", "ours"), tmp_path, {})


def test_without_one_nothing_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandb, "init", lambda **_: pytest.fail("nobody asked for it"))
    logger = make_logger(LoggerSettings("none", ""), tmp_path, {})
    assert isinstance(logger, NoLogger)
    logger.log(make_record([1]))
    logger.finish({})
