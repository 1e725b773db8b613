"""A checkpoint in half precision: python -m longhaul.policies.seer.halve IN OUT (.safetensors)

Networks compute in float32 whatever their file holds: the weights are rounded once, and nothing
else changes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from longhaul.errors import ConfigError
from longhaul.policies.checkpoint import read_trained_on
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS


def halve(source: Path, target: Path) -> None:
    """Write the Seer checkpoint `source` to `target` with its weights in float16.

    Raises CheckpointError if `source` is no Seer checkpoint and ConfigError if `target` exists.
    """
    if target.exists():
        raise ConfigError(f"{target} exists already; nothing was written")
    config, encoders = SEER_CHECKPOINTS.read_architecture(source)
    weights, facts = SEER_CHECKPOINTS.read_weights(source), read_trained_on(source)
    SEER_CHECKPOINTS.save(target, config, weights, encoders, torch.float16, facts)


if __name__ == "__main__":
    try:
        halve(*(Path(argument) for argument in sys.argv[1:3]))
    except ConfigError as error:
        raise SystemExit(f"error: {error}") from None
