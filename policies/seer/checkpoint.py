"""Checkpoint files of Seer."""

from __future__ import annotations

from pathlib import Path

import torch

from longhaul.policies.checkpoint import CheckpointFormat
from longhaul.policies.seer.config import SeerConfig
from longhaul.policies.seer.model import Seer

SEER_CHECKPOINTS = CheckpointFormat(
    "seer", "Seer", SeerConfig, converter="longhaul.policies.seer.convert"
)


def load_checkpoint(path: Path) -> Seer:
    """Build the network that a checkpoint describes, with its weights, on the CPU.

    Raises CheckpointError in one line for a file that cannot be used.
    """
    config, _ = SEER_CHECKPOINTS.read_architecture(path)
    with torch.device("meta"):
        model = Seer(config)
    SEER_CHECKPOINTS.load_into(model, path)
    return model
