"""Files of Seer's weights."""

from __future__ import annotations

from pathlib import Path

import torch

from longhaul.policies.checkpoint import CheckpointFormat
from longhaul.policies.seer.config import SeerConfig
from longhaul.policies.seer.model import Seer

FILES = CheckpointFormat("seer", "Seer", SeerConfig)


def load_checkpoint(path: Path) -> Seer:
    """Build the network that a checkpoint describes, with its weights, on the CPU.

    Raises CheckpointError in one line for a file that cannot be used.
    """
    config, _ = FILES.read_architecture(path)
    with torch.device("meta"):
        model = Seer(config)
    FILES.load_into(model, path)
    return model
