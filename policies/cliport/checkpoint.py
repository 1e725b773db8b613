"""Weights on disk: one safetensors file in half precision, whose metadata says what they are of.

Networks compute in float32. Frozen encoders are not stored; their weights' hash is, so that
acting beside another encoder is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from policies.cliport.config import CliportConfig
from policies.cliport.model import Cliport
from policies.seer.checkpoint import CheckpointError

FORMAT, VERSION = "longhaul.cliport", "1"
FROZEN = "net.vision."


def save_checkpoint(
    path: Path, config: CliportConfig, weights: Mapping[str, Tensor], encoders: Mapping[str, str]
) -> None:
    """Write weights named as `Cliport.state_dict()`; the file appears whole or not at all.

    `encoders` maps vision or text to the sha256 of the frozen encoder's weights.
    """
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "architecture": json.dumps(config.to_json()),
        "encoders": json.dumps(dict(encoders)),
    }
    if not path.parent.is_dir():
        raise CheckpointError(f"{path.parent}: no such folder")
    trained = {name: weight for name, weight in weights.items() if not name.startswith(FROZEN)}
    part = path.with_name(path.name + ".part")
    save_file({k: w.detach().half().contiguous() for k, w in trained.items()}, part, metadata)
    part.replace(path)


def read_architecture(
    path: Path, wanted: CliportConfig | None = None
) -> tuple[CliportConfig, dict[str, str]]:
    """Return a checkpoint's architecture and the hashes of the encoders it was trained beside.

    Raises CheckpointError, naming what was found, for anything but a CLIPort checkpoint, and for
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
        config = CliportConfig.from_json(json.loads(metadata["architecture"]))
        encoders = dict(json.loads(metadata["encoders"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"checkpoint {path}: broken metadata ({error})") from None
    differences = [] if wanted is None else config.differences(wanted)
    if wanted is not None and differences:
        raise CheckpointError(
            f"checkpoint {path} is CLIPort {config.name!r}, the policy is CLIPort "
            f"{wanted.name!r} ({'; '.join(differences)}); policy=cliport takes the checkpoint's own"
        )
    return config, encoders


def load_weights(model: Cliport, path: Path) -> None:
    """Put a checkpoint's weights into a network of its architecture.

    Raises CheckpointError, in one line, if they do not fit.
    """
    read_architecture(path, model.config)
    weights = {name: weight.float() for name, weight in load_file(path).items()}
    expected = {name for name in model.state_dict() if not name.startswith(FROZEN)}
    odd = sorted(expected ^ weights.keys())
    if odd:
        raise CheckpointError(f"checkpoint {path}: weights do not fit ({odd[0]} and others)")
    try:
        model.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise CheckpointError(f"checkpoint {path}: weights do not fit ({reason})") from None
    if not all(torch.isfinite(weight).all() for weight in weights.values()):
        raise CheckpointError(f"checkpoint {path}: weights are not finite")
