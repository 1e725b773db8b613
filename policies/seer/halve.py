"""A checkpoint in half precision: python -m longhaul.policies.seer.halve IN OUT (.safetensors)

Networks compute in float32 whatever their file holds, so what is lost is lost once.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from longhaul.errors import ConfigError
from longhaul.policies.seer.checkpoint import FILES


def halve(source: Path, target: Path) -> None:
    """Raises CheckpointError for anything but a Seer checkpoint, or where `target` exists."""
    if target.exists():
        raise ConfigError(f"{target} exists already; nothing was written")
    config, encoders = FILES.read_architecture(source)
    FILES.save(target, config, FILES.read_weights(source), encoders, torch.float16)


if __name__ == "__main__":
    try:
        halve(*(Path(argument) for argument in sys.argv[1:3]))
    except ConfigError as error:
        raise SystemExit(f"error: {error}") from None
