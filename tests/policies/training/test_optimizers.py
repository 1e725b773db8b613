"""Which optimizer has which weights, and that two of them go on exactly where they stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.optim import AdamW, Muon, Optimizer

from longhaul.policies.training.optimizers import optimizers
from longhaul.policies.training.options import Options
from longhaul.policies.training.state import load_state, save_state
from tests.policies.training.toy import SESSION


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 64, 8), nn.Flatten(), nn.Linear(64, 64), nn.Linear(64, 2))


def learn(net: nn.Module, moved_by: list[Optimizer], steps: int, seed: int) -> float:
    generator = torch.Generator().manual_seed(seed)
    loss = torch.zeros(())
    for _ in range(steps):
        pictures = torch.randn(32, 1, 8, 8, generator=generator)
        loss = (net(pictures) - pictures.flatten(1)[:, :2]).square().mean()
        loss.backward()
        for optimizer in moved_by:
            optimizer.step()
            optimizer.zero_grad()
    return loss.item()


def test_muon_has_the_matrices_and_adamw_the_rest() -> None:
    net = network()
    muon, adamw = optimizers(net, Options(steps=1, lr=1e-3, muon_lr=2e-3, **SESSION))
    assert isinstance(muon, Muon) and isinstance(adamw, AdamW)
    owned = [[p for group in o.param_groups for p in group["params"]] for o in (muon, adamw)]
    assert [p is net[2].weight for p in owned[0]] == [True]
    assert {id(p) for p in (*owned[0], *owned[1])} == {id(p) for p in net.parameters()}
    assert len(owned[0]) + len(owned[1]) == len(list(net.parameters()))
    assert (muon.param_groups[0]["lr"], adamw.param_groups[0]["lr"]) == (2e-3, 1e-3)


def test_without_a_rate_for_muon_adamw_has_all() -> None:
    (only,) = optimizers(network(), Options(steps=1, **SESSION))
    assert isinstance(only, AdamW)


@pytest.mark.parametrize("muon_lr", [0.0, 3e-3])
def test_both_go_on_where_they_stopped(tmp_path: Path, muon_lr: float) -> None:
    options = Options(steps=1, lr=3e-3, muon_lr=muon_lr, **SESSION)
    whole = network()
    moved_by = optimizers(whole, options)
    first = learn(whole, moved_by, 30, seed=1)
    save_state(tmp_path, 30, whole, moved_by, None, {})
    last = learn(whole, moved_by, 100, seed=2)
    assert last < 0.3 * first
    again = network()
    moved_by = optimizers(again, options)
    assert load_state(tmp_path, again, moved_by, None)["step"] == 30
    assert learn(again, moved_by, 100, seed=2) == last
