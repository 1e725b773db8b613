"""The state from which a training run is resumed, as safetensors and JSON."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from longhaul.documents import read_object
from longhaul.errors import ConfigError
from longhaul.files import remove_tree
from longhaul.policies.tensors import write_tensors

KEPT_STATES = 2
"""States that stay on disk: the newest, and the one before in case the newest is broken."""

STATE_NAME = re.compile(r"step-(\d{8,})")
"""The name of a state's folder, which ends in its step; another folder is none of ours."""

NOTES_FILE = "notes.json"
"""The file of a state that is written last and says of which step it is."""


class _State(NamedTuple):
    """What a state's folder holds, read and found to fit the run."""

    notes: dict[str, Any]
    model: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    random: dict[str, Tensor]
    average: dict[str, Tensor] | None


def save_state(
    folder: Path,
    step: int,
    model: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    average: Mapping[str, Tensor] | None,
    notes: Mapping[str, Any],
    random: Mapping[str, Tensor] | None = None,
) -> None:
    """Write `folder`/step-N, whole or not at all; `notes` is plain JSON.

    `random` are the states of the generators of all processes that train together: (processes,
    bytes) by the names of `random_states`; None if there is one process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "part"
    remove_tree(part, inside=folder)
    part.mkdir()
    write_tensors(part / "model.safetensors", _contiguous(model.state_dict()))
    write_tensors(part / "optimizer.safetensors", _optimizer_tensors(model, optimizers))
    write_tensors(part / "random.safetensors", _contiguous(random or random_states()))
    if average is not None:
        write_tensors(part / "average.safetensors", _contiguous(average))
    (part / NOTES_FILE).write_text(json.dumps({"step": step, **notes}))
    for file in part.iterdir():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    target = folder / f"step-{step:08d}"
    remove_tree(target, inside=folder)
    part.rename(target)


def prune(folder: Path, step: int) -> None:
    """Delete all states but the newest KEPT_STATES up to the one of `step`.

    Those of later steps are broken, or the run would not be at this step.
    """
    steps = states(folder)
    kept = [number for number in steps if number <= step][-KEPT_STATES:]
    for number, old in steps.items():
        if number not in kept:
            remove_tree(old, inside=folder)


def states(folder: Path) -> dict[int, Path]:
    """Return the states' folders by their step, in order."""
    found = {
        int(match.group(1)): path
        for path in folder.glob("step-*")
        if (match := STATE_NAME.fullmatch(path.name)) and path.is_dir()
    }
    return dict(sorted(found.items()))


def load_state(
    folder: Path,
    model: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    average: dict[str, Tensor] | None,
    tell: Callable[[str], object] = print,
    rank: int = 0,
    processes: int = 1,
) -> dict[str, Any]:
    """Load the newest state that is whole and return its notes with its `step`; {} if there is
    none.

    Of the generators it takes those of process number `rank` of the `processes` that train
    together; those of a process that the state does not know stay as they are. `tell` is called
    with one line for each state that is broken, and for one of another number of processes. Raises
    ConfigError if all states are broken; nothing is changed then.
    """
    found = states(folder)
    for step, path in reversed(found.items()):
        try:
            state = _read(path, step, model, optimizers, average)
        except (SafetensorError, OSError, ValueError, LookupError, TypeError) as error:
            tell(f"the state {path} is broken and is left out: {' '.join(str(error).split())}")
            continue
        _put(state, model, optimizers, average, rank)
        before = len(state.random["cpu"])
        if before != processes:
            tell(
                f"{path} was saved with the random numbers of {_counted(before)}, and "
                f"{_counted(processes)} {'go' if processes > 1 else 'goes'} on: from here a step "
                f"learns from {processes} x optimization.batch windows, "
                "in another order, and the losses are not those of the run before"
            )
        return state.notes
    if found:
        raise ConfigError(
            f"{folder}: none of the states {', '.join(path.name for path in found.values())} is "
            "whole; remove the folder to begin again, or choose another run_dir"
        )
    return {}


def _read(
    path: Path,
    step: int,
    model: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    average: Mapping[str, Tensor] | None,
) -> _State:
    """Read a state. Raises SafetensorError, OSError, ValueError, LookupError or TypeError for one
    that is broken or does not fit, before anything of the run is changed."""
    notes = read_object(path / NOTES_FILE)
    if notes.get("step") != step:
        raise ValueError(f"{NOTES_FILE} says step {notes.get('step')}")
    pending = notes.get("pending", {"sums": {}, "count": 0})
    if not isinstance(pending["count"], int) or not isinstance(pending["sums"], dict):
        raise ValueError(f"{NOTES_FILE} says pending {pending!r}")
    for name in ("best", "seconds"):
        if not isinstance(notes.get(name, 0.0), int | float):
            raise ValueError(f"{NOTES_FILE} says {name} {notes[name]!r}")
    state = _State(
        notes,
        load_file(path / "model.safetensors"),
        load_file(path / "optimizer.safetensors"),
        {
            name: rows if rows.ndim > 1 else rows[None]  # one process's, as written without others
            for name, rows in load_file(path / "random.safetensors").items()
        },
        None if average is None else load_file(path / "average.safetensors"),
    )
    _require_same("model.safetensors", state.model, model.state_dict())
    if average is not None and state.average is not None:
        _require_same("average.safetensors", state.average, average)
    parameters, owners = dict(model.named_parameters()), _owners(optimizers)
    for key, value in state.optimizer.items():
        name, _, quantity = key.rpartition("/")
        fits = name in parameters and parameters[name] in owners
        if not fits or value.shape not in (torch.Size(), parameters[name].shape) or not quantity:
            raise ValueError(f"optimizer.safetensors: {key} {tuple(value.shape)} does not fit")
    now, then = torch.get_rng_state(), state.random["cpu"]
    if (then.shape[1:], then.dtype) != (now.shape, now.dtype) or not len(then):
        raise ValueError("random.safetensors: this is no state of torch's generator")
    return state


def _require_same(file: str, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    shapes = [{name: tuple(w.shape) for name, w in side.items()} for side in (found, wanted)]
    if shapes[0] != shapes[1]:
        odd = min(set(shapes[0].items()) ^ set(shapes[1].items()))
        raise ValueError(f"{file}: {odd[0]} does not fit")


def _put(
    state: _State,
    model: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    average: dict[str, Tensor] | None,
    rank: int,
) -> None:
    model.load_state_dict(state.model)
    parameters, owners = dict(model.named_parameters()), _owners(optimizers)
    for key, value in state.optimizer.items():
        name, _, quantity = key.rpartition("/")
        where = value.device if quantity == "step" else parameters[name].device
        owners[parameters[name]].state[parameters[name]][quantity] = value.to(where)
    if average is not None and state.average is not None:
        for name, value in state.average.items():
            average[name].copy_(value)
    own = {name: rows[rank].clone() for name, rows in state.random.items() if rank < len(rows)}
    if "cpu" in own:
        torch.set_rng_state(own["cpu"])
    if "cuda" in own and torch.cuda.is_available():
        torch.cuda.set_rng_state(own["cuda"])


def _owners(
    optimizers: Sequence[torch.optim.Optimizer],
) -> dict[nn.Parameter, torch.optim.Optimizer]:
    return {p: o for o in optimizers for group in o.param_groups for p in group["params"]}


def _contiguous(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}


def _counted(processes: int) -> str:
    return f"{processes} process{'es' if processes > 1 else ''}"


def random_states() -> dict[str, Tensor]:
    """Return the states of this process's generators, each (bytes,) uint8: `cpu`, and with a device
    `cuda`."""
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
