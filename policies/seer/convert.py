"""Convert published weights: `python -m longhaul.policies.seer.convert IN.pth OUT.safetensors`.

The file is read by policies/seer/published.py, which knows tensors, numbers, text and containers,
runs nothing and refuses anything else. Names and shapes must be those of Seer or
Seer-Large, from pretraining (K = 14) or fine-tuning (K = 10); anything else is an error.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from longhaul.errors import ConfigError
from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS
from longhaul.policies.seer.config import SEER_BASE, SEER_LARGE, SeerConfig
from longhaul.policies.seer.model import Seer
from longhaul.policies.seer.published import Weight, read_published

OFFICIAL_PREFIX = "module."
"""How the published names begin (torch's DistributedDataParallel puts it there)."""

UNUSED_NAMES = (
    "action_pose_encoder",
    "action_gripper_position_encoder",
    "action_projector",
    "recon_",
)
"""Beginnings of names that the published files hold and no forward pass of its code uses."""

RENAMES = (
    (r"obs_tokens", "frs"),
    (r"action_pred_token", "inv"),
    (r"transformer_backbone_position_embedding", "timesteps"),
    (r"mask_token", "foresight.mask_token"),
    (r"text_projector\.(.*)", r"text.\1"),
    (r"(arm|gripper)_state_encoder\.(.*)", r"frame.\1.\2"),
    (r"state_projector\.(.*)", r"frame.state.\1"),
    (r"perceiver_resampler\.layers\.(\d+)\.0\.(.*)", r"frame.resampler.layers.\1.attention.\2"),
    (r"perceiver_resampler\.layers\.(\d+)\.1\.(.*)", r"frame.resampler.layers.\1.mlp.\2"),
    (r"perceiver_resampler\.(.*)", r"frame.resampler.\1"),
    (r"image_primary_projector\.(.*)", r"frame.patches.0.\1"),
    (r"image_wrist_projector\.(.*)", r"frame.patches.1.\1"),
    (r"cls_token_primary_projector\.(.*)", r"frame.cls.0.\1"),
    (r"cls_token_wrist_projector\.(.*)", r"frame.cls.1.\1"),
    (r"embedding_layer_norm\.(.*)", r"norm.\1"),
    (r"transformer_backbone\.h\.(\d+)\.ln_1\.(.*)", r"trunk.blocks.\1.norm_attention.\2"),
    (r"transformer_backbone\.h\.(\d+)\.attn\.c_attn\.(.*)", r"trunk.blocks.\1.qkv.\2"),
    (r"transformer_backbone\.h\.(\d+)\.attn\.c_proj\.(.*)", r"trunk.blocks.\1.attention_out.\2"),
    (r"transformer_backbone\.h\.(\d+)\.ln_2\.(.*)", r"trunk.blocks.\1.norm_mlp.\2"),
    (r"transformer_backbone\.h\.(\d+)\.mlp\.c_fc\.(.*)", r"trunk.blocks.\1.mlp_in.\2"),
    (r"transformer_backbone\.h\.(\d+)\.mlp\.c_proj\.(.*)", r"trunk.blocks.\1.mlp_out.\2"),
    (r"transformer_backbone\.ln_f\.(.*)", r"trunk.norm.\1"),
    (r"action_decoder\.(.*)", r"action.trunk.\1"),
    (r"(arm|gripper)_action_decoder\.0\.(.*)", r"action.\1.\2"),
    (r"image_decoder_obs_pred_projector\.(.*)", r"foresight.project.\1"),
    (r"image_decoder\.(\d+)\.norm1\.(.*)", r"foresight.blocks.\1.norm_attention.\2"),
    (r"image_decoder\.(\d+)\.attn\.qkv\.(.*)", r"foresight.blocks.\1.qkv.\2"),
    (r"image_decoder\.(\d+)\.attn\.proj\.(.*)", r"foresight.blocks.\1.attention_out.\2"),
    (r"image_decoder\.(\d+)\.norm2\.(.*)", r"foresight.blocks.\1.norm_mlp.\2"),
    (r"image_decoder\.(\d+)\.mlp\.fc1\.(.*)", r"foresight.blocks.\1.mlp_in.\2"),
    (r"image_decoder\.(\d+)\.mlp\.fc2\.(.*)", r"foresight.blocks.\1.mlp_out.\2"),
    (r"image_decoder_norm\.(.*)", r"foresight.norm.\1"),
    (r"image_decoder_pred\.(.*)", r"foresight.pixels.\1"),
)
TRANSPOSED_WEIGHTS = re.compile(r"trunk\.blocks\.\d+\.(qkv|attention_out|mlp_in|mlp_out)\.weight")
"""The weights of the GPT-2 trunk, which are stored as (in, out); ours are (out, in)."""


def rename(official: str) -> str | None:
    """Return our name for an official one (without `module.`); None if nothing uses it.

    Raises CheckpointError for a name that the published network does not have.
    """
    for pattern, ours in RENAMES:
        if match := re.fullmatch(pattern, official):
            return match.expand(ours)
    if official.startswith(UNUSED_NAMES):
        return None
    raise CheckpointError(f"no official Seer checkpoint: it holds {official!r}")


def from_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights under our names and in our orientation; `module.` is optional."""
    renamed = {rename(name.removeprefix(OFFICIAL_PREFIX)): weight for name, weight in state.items()}
    return {
        name: weight.T if TRANSPOSED_WEIGHTS.fullmatch(name) else weight
        for name, weight in renamed.items()
        if name is not None
    }


def detect(weights: Mapping[str, Tensor]) -> SeerConfig:
    """Return the architecture and K that the shapes tell, after all names and shapes are checked.

    Raises CheckpointError naming the first that differs.
    """
    timesteps = weights.get("timesteps")
    if timesteps is None or timesteps.ndim != 4:
        raise CheckpointError("no official Seer checkpoint: it lacks the timestep embedding")
    sizes = {config.hidden: config for config in (SEER_BASE, SEER_LARGE)}
    if timesteps.shape[3] not in sizes:
        raise CheckpointError(
            f"Seer of width {timesteps.shape[3]}: valid are {SEER_BASE.hidden} (base) and "
            f"{SEER_LARGE.hidden} (large)"
        )
    config = replace(sizes[timesteps.shape[3]], history=timesteps.shape[1])
    with torch.device("meta"):
        expected = {name: tuple(w.shape) for name, w in Seer(config).state_dict().items()}
    found = {name: tuple(weight.shape) for name, weight in weights.items()}
    wrong = sorted(set(expected.items()) ^ set(found.items()))
    if wrong:
        raise CheckpointError(
            f"no official Seer {config.name}: {len(wrong)} names or shapes differ, "
            f"first {wrong[0][0]} {wrong[0][1]}"
        )
    return config


def read_official(path: Path) -> dict[str, Tensor]:
    """Return `model_state_dict` of an official checkpoint, on the CPU, memory-mapped."""
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file")
    content = read_published(path)
    state = content.get("model_state_dict") if isinstance(content, dict) else None
    if not isinstance(state, dict) or not state:
        raise CheckpointError(f"{path}: no official Seer checkpoint: it lacks model_state_dict")
    if not all(isinstance(k, str) and _is_weight(v) for k, v in state.items()):
        raise CheckpointError(f"{path}: model_state_dict holds something else than dense weights")
    return {name: weight.tensor() for name, weight in state.items()}


def _is_weight(value: object) -> bool:
    return isinstance(value, Weight) and value.storage.dtype.is_floating_point


def convert(source: Path, target: Path, gripper_width: bool = False) -> SeerConfig:
    """Write an official checkpoint as one of ours and return the architecture found.

    `gripper_width`: trained on finger positions (LIBERO), which the shapes do not tell.
    """
    weights = from_official(read_official(source))
    config = replace(detect(weights), gripper_width=gripper_width)
    SEER_CHECKPOINTS.save(target, config, weights)
    return config


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Convert an official Seer checkpoint.")
    parser.add_argument("official", type=Path, help="the published .pth")
    parser.add_argument("out", type=Path, help="the .safetensors to write")
    parser.add_argument("--gripper-width", action="store_true", help="a LIBERO checkpoint")
    options = parser.parse_args(arguments)
    try:
        config = convert(options.official, options.out, options.gripper_width)
    except (ConfigError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{options.out}: Seer {config.name}, K = {config.history}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
