"""Convert published weights: `python -m longhaul.policies.seer.convert IN.pth OUT.safetensors`.

The file is read by policies/seer/published.py, which knows tensors, numbers, text and containers,
runs nothing and refuses anything else. The weights may be all of the file or stand under one of
STATE_KEYS, and their names may bear what torch.compile and the wrappers of several processes put
before them. Names and shapes must be those of Seer or Seer-Large, from pretraining (K = 14) or
fine-tuning (K = 10); anything else is an error.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from longhaul.errors import ConfigError, complain
from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS
from longhaul.policies.seer.config import SEER_BASE, SEER_LARGE, SeerConfig
from longhaul.policies.seer.model import Seer
from longhaul.policies.seer.published import read_published
from longhaul.policies.seer.stored import Weight

STATE_KEYS = ("model_state_dict", "state_dict", "model", "module")
"""The keys under which weights stand in a file: those of Seer's published code, of Lightning, of
many training scripts, and of DeepSpeed."""

WRAPPERS = frozenset({"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"})
"""Parts of names that are put there by torch's DistributedDataParallel (in the published files),
torch.compile, torch's FullyShardedDataParallel, and its activation checkpointing."""

ANCHOR = "transformer_backbone_position_embedding"
"""The official name of a weight that every Seer has; what stands before it is Lightning's."""

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
    """Return our name for an official one (without wrappers); None if nothing uses it.

    Raises CheckpointError for a name that the published network does not have.
    """
    for pattern, ours in RENAMES:
        if match := re.fullmatch(pattern, official):
            return match.expand(ours)
    if official.startswith(UNUSED_NAMES):
        return None
    raise CheckpointError(f"no official Seer checkpoint: it holds {official!r}")


def unwrapped(names: Iterable[str]) -> dict[str, str]:
    """Return the official names by the names in a file, which may have wrappers before them.

    Of Lightning they also have the name of the module's attribute, such as `model.`. Raises
    CheckpointError for two names that become the same.
    """
    found = {name: ".".join(p for p in name.split(".") if p not in WRAPPERS) for name in names}
    prefixes = {name.removesuffix(ANCHOR) for name in found.values() if name.endswith(ANCHOR)}
    if len(prefixes) == 1:
        (prefix,) = prefixes
        found = {name: official.removeprefix(prefix) for name, official in found.items()}
    twice = [name for name, count in Counter(found.values()).items() if count > 1]
    if twice:
        raise CheckpointError(f"no official Seer checkpoint: it holds {twice[0]!r} twice")
    return found


def from_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights under our names and in our orientation; wrappers in names are optional."""
    officials = unwrapped(state)
    renamed = {rename(officials[name]): weight for name, weight in state.items()}
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
    """Return the weights of an official checkpoint by name, on the CPU, memory-mapped."""
    if path.is_dir():
        raise CheckpointError(f"{path}: this is a folder, and a file of torch.save is needed")
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file")
    state = _state(read_published(path))
    if state is None:
        valid = ", ".join(STATE_KEYS[1:])
        raise CheckpointError(
            f"{path}: no official Seer checkpoint: it lacks model_state_dict (or {valid}, or "
            "weights alone)"
        )
    for name, value in state.items():
        if not isinstance(name, str) or not _is_weight(value):
            raise CheckpointError(
                f"{path}: model_state_dict holds something else than dense weights: {name!r}"
            )
    return {name: weight.tensor() for name, weight in state.items()}


def _state(content: Any) -> dict[Any, Any] | None:
    """Return the weights by name in what a file holds; None where there are none."""
    if not isinstance(content, dict):
        return None
    if content and all(isinstance(value, Weight) for value in content.values()):
        return content
    for key in STATE_KEYS:
        state = content.get(key)
        if isinstance(state, dict) and state:
            return state
    return None


def _is_weight(value: object) -> bool:
    return isinstance(value, Weight) and value.storage.dtype.is_floating_point


def convert(source: Path, target: Path, gripper_width: bool = False) -> SeerConfig:
    """Write an official checkpoint as one of ours and return the architecture found.

    `gripper_width`: trained on finger positions (LIBERO), which the shapes do not tell.
    """
    weights = from_official(read_official(source))
    config = replace(detect(weights), gripper_width=gripper_width)
    if target.exists() and target.samefile(source):
        raise CheckpointError(f"{target}: the converted file needs another name")
    for name, weight in weights.items():
        if not torch.isfinite(weight).all():
            raise CheckpointError(f"{source}: the weight {name} is not finite")
    SEER_CHECKPOINTS.save(target, config, weights)
    return config


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Convert an official Seer checkpoint.")
    parser.add_argument("official", type=Path, help="the published .pth (or .pt, .bin, .ckpt)")
    parser.add_argument("out", type=Path, help="the .safetensors to write")
    parser.add_argument("--gripper-width", action="store_true", help="a LIBERO checkpoint")
    options = parser.parse_args(arguments)
    try:
        config = convert(options.official, options.out, options.gripper_width)
    except (ConfigError, OSError) as error:
        return complain(error)
    print(f"{options.out}: Seer {config.name}, K = {config.history}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
