"""Several processes that train together: they go on, wait and end together."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from longhaul.policies.training.metrics import read_metrics
from tests.policies.training import several
from tests.policies.training.toy import BATCH

NOISY: dict[str, Any] = {"noise": 0.5, "save_every": 7, "ema": 0.9}
"""Options with which every step draws random numbers that its losses show."""


@pytest.fixture(scope="module")
def server() -> Iterator[several.Server]:
    one = several.Server()
    yield one
    one.close()


def losses(folder: Path) -> list[dict[str, Any]]:
    rows = read_metrics(folder / "run" / "metrics.jsonl")
    return [{k: v for k, v in row.items() if k != "windows_per_s"} for row in rows]


def state(folder: Path, name: str, step: int = 40) -> dict[str, torch.Tensor]:
    return load_file(folder / "run" / "state" / f"step-{step:08d}" / f"{name}.safetensors")


def test_two_processes_learn_what_one_does(server: several.Server, tmp_path: Path) -> None:
    """Each with half of the batch, and without random numbers."""
    weights = []
    for world in (1, 2):
        folder = tmp_path / str(world)
        folder.mkdir()
        ended = server.train(folder, [None] * world, noise=0.0, batch=BATCH // world)
        assert ended == [(0, "")] * world
        weights.append(load_file(folder / "run" / "last.safetensors"))
    assert losses(tmp_path / "1")[-1]["step"] == 40
    for name, value in weights[0].items():
        torch.testing.assert_close(weights[1][name], value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("others", [[], [None]], ids=["one process", "two"])
def test_a_killed_run_goes_on_bit_for_bit(
    server: several.Server, tmp_path: Path, others: list[None]
) -> None:
    """Each process goes on with its own random numbers, not with those of the main one."""
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    done = [(0, "")] * (1 + len(others))
    assert server.train(tmp_path / "whole", [None, *others], **NOISY) == done
    for step in (10, 25):
        changes = [several.Killed(step), *others]
        (main, _), *rest = server.train(tmp_path / "killed", changes, **NOISY)
        assert main == -signal.SIGKILL and all(code != 0 for code, _ in rest)
    assert server.train(tmp_path / "killed", [None, *others], **NOISY) == done
    assert len(losses(tmp_path / "whole")) == 41
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    for name in ("model", "average", "optimizer", "random"):
        one, other = (state(tmp_path / folder, name) for folder in ("whole", "killed"))
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)
    generators = state(tmp_path / "whole", "random")["cpu"]
    assert len(generators.unique(dim=0)) == len(generators) == len(done)


def test_the_others_wait_outside_of_the_training_while_the_main_process_evaluates(
    server: several.Server,
    tmp_path: Path,
) -> None:
    changes = [several.evaluating, several.asking]
    ended = server.train(tmp_path, changes, steps=15, evaluate_every=10)
    assert ended == [(0, "")] * 2
    assert [row["step"] for row in losses(tmp_path) if row["kind"] == "evaluation"] == [10, 15]
    assert (tmp_path / "next step").exists()


@pytest.mark.parametrize(
    ("changes", "codes", "words"),
    [
        (
            [several.failing, several.waiting],
            [1, 1],
            ["ValueError: no such env", "FailedError: the main process has failed"],
        ),
        (
            [several.dying_main, several.asking],
            [-signal.SIGKILL, 1],
            ["", "FailedError: another process of this run has ended"],
        ),
        (
            [several.outliving, several.dying_other],
            [1, -signal.SIGKILL],
            ["FailedError: another process of this run has ended", ""],
        ),
    ],
    ids=["it fails", "it dies", "another dies"],
)
def test_none_waits_for_ever_if_the_evaluation_does_not_end(
    server: several.Server,
    tmp_path: Path,
    changes: list[several.Change],
    codes: list[int],
    words: list[str],
) -> None:
    ended = server.train(tmp_path, changes, steps=15, evaluate_every=10)
    assert [code for code, _ in ended] == codes
    for (_, said), expected in zip(ended, words, strict=True):
        assert said.startswith(expected) and "\n" not in said


def test_a_signal_to_one_process_ends_all_at_the_same_step(
    server: several.Server, tmp_path: Path
) -> None:
    ended = server.train(tmp_path, [None, several.stopped_at_ten], steps=30)
    assert ended == [(0, "")] * 2
    assert [path.name for path in (tmp_path / "run" / "state").iterdir()] == ["step-00000011"]


def test_processes_that_find_other_states_say_so(server: several.Server, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert server.train(tmp_path, [None, None], steps=3) == [(0, "")] * 2
    ended = server.train(tmp_path, [None, None], folders=[tmp_path, other], steps=6)
    for code, words in ended:
        assert code == 1
        assert words.startswith("ConfigError: run_dir=")
        assert "process 0 finds the state of step 3 in it and process 1 that of step 0" in words


@pytest.mark.slow  # it waits for half a minute
def test_an_evaluation_may_outlast_the_time_out_of_collectives(
    server: several.Server, tmp_path: Path
) -> None:
    changes = [several.slow, several.waiting]
    ended = server.train(tmp_path, changes, timeout_s=10, steps=15, evaluate_every=15)
    assert ended == [(0, "")] * 2
    assert [row["score"] for row in losses(tmp_path) if row["kind"] == "evaluation"] == [15.0]


@pytest.mark.slow  # as several.train, with one more process and another number to go on
def test_three_go_on_as_three_and_then_as_two(server: several.Server, tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    assert server.train(tmp_path / "whole", [None] * 3, **NOISY) == [(0, "")] * 3
    server.train(tmp_path / "killed", [several.Killed(10), None, None], **NOISY)
    assert server.train(tmp_path / "killed", [None] * 3, **NOISY) == [(0, "")] * 3
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")
    more = {**NOISY, "steps": 44}
    assert server.train(tmp_path / "killed", [None] * 2, **more) == [(0, "")] * 2
    assert len(state(tmp_path / "killed", "random", 44)["cpu"]) == 2
