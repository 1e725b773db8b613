"""Weights on disk: one safetensors file whose metadata says what they belong to.

Frozen pretrained encoders are not stored; their weights' hash may be, so that loading beside
another encoder is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from envs.specs import ConfigError
from policies.seer.config import SeerConfig
from policies.seer.model import Seer

FORMAT, VERSION = "longhaul.seer", "1"


class CheckpointError(ConfigError):
    """A file of weights that cannot be used; the message names it and says why."""


def save_checkpoint(
    path: Path,
    config: SeerConfig,
    weights: Mapping[str, Tensor],
    encoders: Mapping[str, str] | None = None,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Write weights named as `Seer.state_dict()`; the file appears whole or not at all.

    Networks compute in float32, whatever `dtype` their file has. `encoders` maps vision or text to
    the sha256 of the frozen encoder's weights.
    """
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "architecture": json.dumps(config.to_json()),
        "encoders": json.dumps(dict(encoders or {})),
    }
    if not path.parent.is_dir():
        raise CheckpointError(f"{path.parent}: no such folder")
    part = path.with_name(path.name + ".part")
    tensors = {name: weight.detach().to(dtype).contiguous() for name, weight in weights.items()}
    save_file(tensors, part, metadata)
    part.replace(path)


def read_architecture(
    path: Path, wanted: SeerConfig | None = None
) -> tuple[SeerConfig, dict[str, str]]:
    """Return a checkpoint's architecture and the hashes of the frozen encoders it was trained with.

    Raises CheckpointError, naming what was found, for anything but a Seer checkpoint, and for
    another architecture than `wanted`.
    """
    if not path.is_file():
        raise CheckpointError(f"checkpoint {path}: no such file")
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"checkpoint {path}: no safetensors file ({error})") from None
    found = metadata.get("format", "no policy's weights")
    if found != FORMAT:
        raise CheckpointError(f"checkpoint {path} holds {found}; valid: {FORMAT}")
    if metadata.get("version") != VERSION:
        raise CheckpointError(
            f"checkpoint {path} is of version {metadata.get('version')}; valid: {VERSION}"
        )
    try:
        config = SeerConfig.from_json(json.loads(metadata["architecture"]))
        encoders = dict(json.loads(metadata["encoders"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"checkpoint {path}: broken metadata ({error})") from None
    differences = [] if wanted is None else config.differences(wanted)
    if wanted is not None and differences:
        raise CheckpointError(
            f"checkpoint {path} is Seer {config.name!r}, the policy is Seer {wanted.name!r} "
            f"({'; '.join(differences)}); policy=seer takes the checkpoint's own"
        )
    return config, encoders


def read_weights(path: Path, wanted: SeerConfig | None = None) -> dict[str, Tensor]:
    """Return a checkpoint's weights in float32, on the CPU; raises as read_architecture does."""
    read_architecture(path, wanted)
    return {name: weight.float() for name, weight in load_file(path).items()}


def load_checkpoint(path: Path) -> Seer:
    """Build the network that a checkpoint describes, with its weights, on the CPU."""
    config, _ = read_architecture(path)
    with torch.device("meta"):
        model = Seer(config)
    try:
        model.load_state_dict(read_weights(path), assign=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise CheckpointError(f"checkpoint {path}: weights do not fit ({reason})") from None
    return model


def file_hash(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
