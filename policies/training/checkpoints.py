"""Writes the checkpoints of a training run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from longhaul.files import replace_file, replacing
from longhaul.policies.checkpoint import path_of_facts, trained_on_metadata
from longhaul.policies.tensors import add_metadata
from longhaul.policies.training.learner import Learner


def write_checkpoint(
    learner: Learner,
    path: Path,
    weights: Mapping[str, Tensor],
    facts: Mapping[str, Any],
    again: bool = False,
) -> Path:
    """Write a checkpoint that tells the `facts` of what it was trained on; return its path.

    A reader sees the old file or the new one, never a half. When it is written `again`, a file of
    the same tensors stays as it is: runs and memories know it by its hash. The facts of a file that
    is no safetensors lie beside it.
    """
    with replacing(path) as new:
        learner.save(new, weights)
        if facts:
            try:
                add_metadata(new, trained_on_metadata(facts))
            except ValueError:
                replace_file(path_of_facts(path), json.dumps(facts, sort_keys=True, indent=2))
        if again and same_tensors(path, new):
            new.write_bytes(path.read_bytes())
    return path


def same_tensors(one: Path, other: Path) -> bool:
    """Return whether two files are safetensors with the same tensors; False where one is not."""
    try:
        left, right = load_file(one), load_file(other)
    except (SafetensorError, OSError):
        return False
    return left.keys() == right.keys() and all(
        left[name].dtype == right[name].dtype and torch.equal(left[name], right[name])
        for name in left
    )
