"""Training states: the newest that is whole is gone on from, and older ones are deleted."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.optim import Optimizer

from longhaul.errors import ConfigError
from longhaul.policies.training.optimizers import optimizers
from longhaul.policies.training.options import Options
from longhaul.policies.training.state import load_state, prune, save_state, states
from tests.policies.training.toy import SESSION

Made = tuple[nn.Linear, list[Optimizer], dict[str, torch.Tensor]]


def made(seed: int) -> Made:
    """Return a network after one step, its optimizers, and an average of its weights."""
    torch.manual_seed(seed)
    network = nn.Linear(3, 2)
    moved_by = optimizers(network, Options(steps=1, **SESSION))
    network(torch.randn(4, 3)).sum().backward()
    moved_by[0].step()
    return network, moved_by, {name: w.detach() / 2 for name, w in network.named_parameters()}


def written(folder: Path, *steps: int) -> None:
    """Write states; the weights of each are those of its step as a seed."""
    for step in steps:
        save_state(folder, step, *made(step), {"best": step / 10, "seconds": 1.5})


def weights(one: Made) -> list[float]:
    network, moved_by, average = one
    kept = [network.weight, average["bias"], moved_by[0].state[network.bias]["exp_avg"]]
    return torch.cat([value.detach().flatten() for value in kept]).tolist()


def test_two_states_stay_and_those_of_later_steps_go(tmp_path: Path) -> None:
    written(tmp_path, 4, 8, 12, 16, 20)
    prune(tmp_path, 16)
    assert list(states(tmp_path)) == [12, 16]
    prune(tmp_path, 16)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["step-00000012", "step-00000016"]


def test_a_state_holds_all_that_a_run_needs(tmp_path: Path) -> None:
    written(tmp_path, 4)
    torch.manual_seed(4)
    made(4)
    expected = torch.rand(3)
    one = made(1)
    notes = load_state(tmp_path, *one)
    assert notes == {"step": 4, "best": 0.4, "seconds": 1.5}
    assert torch.equal(torch.rand(3), expected)
    assert weights(one) == weights(made(4))


def test_each_process_goes_on_with_its_own_generator(tmp_path: Path) -> None:
    """With another number of processes a line says so, and a new one keeps the generator it has.
    A state of before has the main process's alone."""
    rows = torch.stack([torch.Generator().manual_seed(seed).get_state() for seed in (5, 6)])
    save_state(tmp_path, 4, *made(4), {}, {"cpu": rows})
    told: list[str] = []
    for rank, processes, drawn_as in ((0, 2, 5), (1, 2, 6), (2, 3, 9), (0, 1, 5)):
        one = made(1)
        torch.manual_seed(9)
        load_state(tmp_path, *one, told.append, rank, processes)
        expected = torch.rand(3, generator=torch.Generator().manual_seed(drawn_as))
        assert torch.equal(torch.rand(3), expected), rank
    assert len(told) == 2
    assert "the random numbers of 2 processes, and 3 processes go on: from here" in told[0]
    assert "the random numbers of 2 processes, and 1 process goes on: from here" in told[1]
    holding("random.safetensors", "cpu", rows[0])(tmp_path / "step-00000004")
    load_state(tmp_path, *one, told.append)
    assert len(told) == 2
    assert torch.equal(torch.get_rng_state(), rows[0])


def test_all_files_are_on_the_disk_before_the_state_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    monkeypatch.setattr(os, "fsync", lambda file: synced.add(os.readlink(f"/proc/self/fd/{file}")))
    written(tmp_path, 4)
    names = {path.name for path in (tmp_path / "step-00000004").iterdir()}
    assert {str(tmp_path / "part" / name) for name in names} <= synced


def without(name: str) -> Callable[[Path], None]:
    return lambda state: (state / name).unlink()


def noted(**changes: object) -> Callable[[Path], None]:
    def change(state: Path) -> None:
        notes = json.loads((state / "notes.json").read_text())
        (state / "notes.json").write_text(json.dumps({**notes, **changes}))

    return change


def holding(file: str, name: str, tensor: torch.Tensor) -> Callable[[Path], None]:
    """Return what writes a tensor into one of a state's files."""

    def change(state: Path) -> None:
        save_file({**load_file(state / file), name: tensor}, state / file)

    return change


FAULTS = {
    "no notes": (without("notes.json"), "notes.json"),
    "no average": (without("average.safetensors"), "average.safetensors"),
    "another step": (noted(step=7), "says step 7"),
    "a best in words": (noted(best="high"), "says best 'high'"),
    "seconds in words": (noted(seconds="few"), "says seconds 'few'"),
    "a count in words": (noted(pending={"sums": {}, "count": "1"}), "says pending"),
    "sums in a list": (noted(pending={"sums": [], "count": 1}), "says pending"),
    "a larger layer": (holding("model.safetensors", "weight", torch.zeros(4, 3)), "weight does"),
    "one more layer": (holding("model.safetensors", "more", torch.zeros(1)), "more does not fit"),
    "another average": (
        holding("average.safetensors", "bias", torch.zeros(3)),
        "bias does not fit",
    ),
    "a strange moment": (
        holding("optimizer.safetensors", "bias/exp_avg", torch.zeros(3)),
        "bias/exp_avg (3,) does not fit",
    ),
    "the moment of nothing": (
        holding("optimizer.safetensors", "other/exp_avg", torch.zeros(2)),
        "other/exp_avg (2,) does not fit",
    ),
    "another generator": (
        holding("random.safetensors", "cpu", torch.zeros(3, dtype=torch.uint8)),
        "no state of torch's generator",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_of_a_broken_state_nothing_is_taken(tmp_path: Path, fault: str) -> None:
    """The state before it is loaded; where there is none, the run keeps what it had."""
    harm, words = FAULTS[fault]
    written(tmp_path, 4, 8)
    harm(tmp_path / "step-00000008")
    told: list[str] = []
    one = made(1)
    assert load_state(tmp_path, *one, told.append)["step"] == 4
    assert weights(one) == weights(made(4))
    (line,) = told
    assert "step-00000008 is broken and is left out: " in line and words in line
    harm(tmp_path / "step-00000004")
    one = made(1)
    with pytest.raises(ConfigError, match="none of the states step-00000004, step-00000008 is who"):
        load_state(tmp_path, *one, told.append)
    assert weights(one) == weights(made(1))


def test_without_a_state_a_run_begins(tmp_path: Path) -> None:
    assert load_state(tmp_path / "state", *made(1)) == {}
