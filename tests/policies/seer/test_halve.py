"""Half precision on disk: half the size, nearly the same network, nothing written over."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from longhaul.errors import ConfigError
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS, load_checkpoint
from longhaul.policies.seer.halve import halve
from tests.policies.seer.small import TINY, lively


def test_halves_a_checkpoint(tmp_path: Path) -> None:
    model, whole, half = lively(TINY), tmp_path / "whole", tmp_path / "half"
    SEER_CHECKPOINTS.save(whole, TINY, model.state_dict())
    halve(whole, half)
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    for name, weight in load_checkpoint(half).state_dict().items():
        assert weight.dtype == torch.float32
        torch.testing.assert_close(weight, model.state_dict()[name], rtol=1e-3, atol=1e-6)
    with pytest.raises(ConfigError, match="half exists already; nothing was written"):
        halve(whole, half)
