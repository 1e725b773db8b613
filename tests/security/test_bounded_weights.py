"""Files of weights and folders of models that claim much are refused in one line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from longhaul.errors import ConfigError
from longhaul.language.errors import SetupError
from longhaul.language.weights import load as load_model
from longhaul.policies.cliport.checkpoint import CLIPORT_CHECKPOINTS
from longhaul.policies.cliport.config import CliportConfig
from longhaul.policies.mgdm.checkpoint import SHIPPED as MGDM_WEIGHTS
from longhaul.policies.mgdm.memory.long_term import FORMAT
from longhaul.policies.mgdm.memory.long_term import load as load_memory
from longhaul.policies.planner.adapter import ADAPTER_FORMAT, load_adapter
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS
from longhaul.policies.seer.config import SEER_BASE
from longhaul.tensors import MOST_HEADER_BYTES, largest_side, read_header
from tests.security.limits import memory_limit

DEEP = "[" * 100000


def write(path: Path, header: bytes | dict[str, Any], tail: bytes = b"") -> None:
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(data).to_bytes(8, "little") + data + tail)


def seer(**changes: Any) -> dict[str, Any]:
    """Return a header without tensors; `changes` are metadata, or fields of the architecture."""
    fields = {name: value for name, value in changes.items() if name in asdict(SEER_BASE)}
    told = {"architecture": json.dumps({**asdict(SEER_BASE), **fields}), "encoders": "{}"}
    told |= {name: value for name, value in changes.items() if name not in fields}
    return {"__metadata__": {"format": "longhaul.seer", "version": "1", **told}}


def tensors(count: int, shape: list[int]) -> dict[str, Any]:
    return {
        f"{i:x}": {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]} for i in range(count)
    }


HEADERS: dict[str, bytes | dict[str, Any]] = {
    "a million tensors": seer() | tensors(100_000, [0]),
    "a million layers": seer(layers=10**6),
    "a million layers of a decoder": seer(decoder_layers=10**6),
    "a deep resampler": seer(resampler_depth=10**5),
    "a width of a million": seer(hidden=10**6),
    "a width that a tensor without bytes has": seer(hidden=10**6) | tensors(1, [0, 10**6]),
    "a deep architecture": seer(architecture=DEEP),
    "deep encoders": seer(encoders='{"a":' * 50000),
    "an architecture that is a list": seer(architecture="[]"),
    "a deep header": b'{"a":' * 100000,
    "a header that is a list": b"[]",
    "offsets beyond the file": seer()
    | {"a": {"dtype": "F32", "shape": [2**30], "data_offsets": [0, 2**32]}},
    "a product beyond 64 bits": seer()
    | {"a": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 0]}},
    "nothing": b"",
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_checkpoint_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write(path, HEADERS[name])
    with memory_limit(), pytest.raises(ConfigError) as refused:
        SEER_CHECKPOINTS.choose(path, path, None, SEER_BASE)
    assert "\n" not in str(refused.value) and str(path) in str(refused.value)


def test_a_header_longer_than_its_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    for length in (2**63, MOST_HEADER_BYTES + 1, 9):
        path.write_bytes(length.to_bytes(8, "little") + b"{}")
        with pytest.raises(ConfigError, match=str(path)):
            read_header(path)


def test_what_is_shipped_and_what_is_saved_is_read(tmp_path: Path) -> None:
    header = read_header(MGDM_WEIGHTS)
    assert len(header) > 10 and largest_side(header) > 10
    path = tmp_path / "w.safetensors"
    save_file({"a": torch.ones(3, 5000), "none": torch.ones(0, 9999)}, path)
    assert largest_side(read_header(path)) == 5000
    config = CliportConfig()
    CLIPORT_CHECKPOINTS.save(path, config, {"a": torch.ones(3)})
    assert CLIPORT_CHECKPOINTS.read_architecture(path)[0] == config


@pytest.mark.parametrize(
    "config",
    [
        DEEP,
        '{"width": 8, "size": [8, 8], "grid": [1, 1], "channels": [' + "8," * 99999 + "8]}",
        '{"width": 1000000000, "size": [8, 8], "grid": [1, 1], "channels": [8]}',
        '{"width": 8, "size": [8, 8], "grid": [1000000000, 1000000], "channels": [8]}',
        '{"width": 8, "size": [8, 8], "grid": [1, 1], "channels": [-8]}',
    ],
)
def test_an_adapter_is_refused(config: str, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write(path, {"__metadata__": {"format": ADAPTER_FORMAT, "config": config, "model": ""}})
    with memory_limit(), pytest.raises(ConfigError, match=f"policy.adapter={path}"):
        load_adapter(path)


def test_a_memory_with_deep_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    write(path, {"__metadata__": {"format": FORMAT, "names": DEEP, "checkpoint": "x"}})
    with pytest.raises(ConfigError, match="nested deeper"):
        load_memory(path, lambda _: None)  # type: ignore[arg-type,return-value]


CONFIG = {"model_type": "gpt2", "n_layer": 1, "n_embd": 8, "n_head": 2, "vocab_size": 10}

FOLDERS: dict[str, Callable[[Path], Any]] = {
    "deep configuration": lambda folder: (folder / "config.json").write_text(DEEP),
    "deep tokenizer": lambda folder: (folder / "tokenizer.json").write_text(DEEP),
    "deep tokenizer options": lambda folder: (folder / "tokenizer_config.json").write_text(DEEP),
    "million layers": lambda folder: (folder / "config.json").write_text(
        json.dumps({**CONFIG, "n_layer": 10**6})
    ),
    "million hidden layers": lambda folder: (folder / "config.json").write_text(
        json.dumps({"model_type": "llama", "num_hidden_layers": 10**6})
    ),
    "pipe for a tokenizer": lambda folder: os.mkfifo(folder / "tokenizer.json"),
    "pipe for weights": lambda folder: (
        (folder / "model.safetensors").unlink(),
        os.mkfifo(folder / "model.safetensors"),
    ),
    "header without end": lambda folder: (folder / "model.safetensors").write_bytes(b"\xff" * 9),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_language_model_is_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path / "model.safetensors", {"__metadata__": {"format": "pt"}})
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    FOLDERS[name](tmp_path)
    with memory_limit(), pytest.raises(SetupError) as refused:
        load_model(tmp_path, "cpu", "float32")
    assert "\n" not in str(refused.value) and str(tmp_path) in str(refused.value)
