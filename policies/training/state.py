"""The state from which a training run is resumed, as safetensors and JSON."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

KEPT_STATES = 2
"""States that stay on disk: the newest, and the one before in case the newest is broken."""


def save_state(
    folder: Path,
    step: int,
    model: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    average: Mapping[str, Tensor] | None,
    notes: Mapping[str, Any],
) -> None:
    """Write `folder`/step-N, whole or not at all; `notes` is plain JSON. All but the newest
    KEPT_STATES are deleted."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    save_file(_contiguous(model.state_dict()), part / "model.safetensors")
    save_file(_optimizer_tensors(model, optimizers), part / "optimizer.safetensors")
    save_file(_random_states(), part / "random.safetensors")
    if average is not None:
        save_file(_contiguous(average), part / "average.safetensors")
    (part / "notes.json").write_text(json.dumps({"step": step, **notes}))
    for file in part.iterdir():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    target = folder / f"step-{step:08d}"
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    for old in sorted(folder.glob("step-*"))[:-KEPT_STATES]:
        shutil.rmtree(old)


def load_state(
    folder: Path,
    model: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    average: dict[str, Tensor] | None,
) -> dict[str, Any]:
    """Load the newest state and return its notes with its `step`; {} if there is none."""
    found = sorted(folder.glob("step-*"))
    if not found:
        return {}
    newest = found[-1]
    model.load_state_dict(load_file(newest / "model.safetensors"))
    _load_optimizers(model, optimizers, load_file(newest / "optimizer.safetensors"))
    if average is not None:
        for name, value in load_file(newest / "average.safetensors").items():
            average[name].copy_(value)
    random = load_file(newest / "random.safetensors")
    torch.set_rng_state(random["cpu"])
    if "cuda" in random and torch.cuda.is_available():
        torch.cuda.set_rng_state(random["cuda"])
    notes: dict[str, Any] = json.loads((newest / "notes.json").read_text())
    return notes


def _contiguous(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}


def _random_states() -> dict[str, Tensor]:
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def _optimizer_tensors(
    model: nn.Module, optimizers: Sequence[torch.optim.Optimizer]
) -> dict[str, Tensor]:
    """Return the optimizers' tensors as `<parameter>/<quantity>`; a parameter has one optimizer."""
    tensors = {}
    for optimizer in optimizers:
        for name, parameter in model.named_parameters():
            for quantity, value in optimizer.state.get(parameter, {}).items():
                tensors[f"{name}/{quantity}"] = torch.as_tensor(value).detach().contiguous().clone()
    return tensors


def _load_optimizers(
    model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], tensors: Mapping[str, Tensor]
) -> None:
    parameters = dict(model.named_parameters())
    owner = {p: o for o in optimizers for group in o.param_groups for p in group["params"]}
    for key, value in tensors.items():
        name, quantity = key.rsplit("/", 1)
        where = value.device if quantity == "step" else parameters[name].device
        owner[parameters[name]].state[parameters[name]][quantity] = value.to(where)
