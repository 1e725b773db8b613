"""Loads a causal language model from a folder or a GGUF file; runs and downloads no code."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from longhaul.documents import MOST_DEPTH, depth_of, read_bytes, read_json
from longhaul.errors import ConfigError, unknown
from longhaul.files import file_hash
from longhaul.language.errors import SetupError, one_line, optional
from longhaul.tensors import read_header

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

LAYERS_PATTERN = r"layers?\b|depth|blocks?\b"
"""Matches how configurations name a number of layers: num_hidden_layers, n_layer, depth."""


@dataclass(frozen=True)
class Weights:
    model: Any
    tokenizer: Any
    ends: tuple[int, ...]
    sha256: str

    @property
    def context(self) -> int | None:
        """The number of tokens that the model can read; None if its configuration has none."""
        return getattr(self.model.config, "max_position_embeddings", None)


def load(path: Path, device: str, dtype: str) -> Weights:
    """Load a model in eval mode; `ends` are the tokens that end an answer.

    Raises SetupError for a path, dtype, device or file that can't be used, and for a model that
    needs code of its own.
    """
    if dtype not in DTYPES:
        raise SetupError(unknown(f"dtype={dtype}", DTYPES))
    folder, options = _source(path)
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, **options)
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=DTYPES[dtype],
            **options,
        )
        model = model.eval().to(device)
    except (OSError, ValueError, RuntimeError, LookupError, ImportError, struct.error) as error:
        raise SetupError(f"{path} cannot be read: {one_line(error)}") from None
    return Weights(model, tokenizer, _ends(model, tokenizer), _sha256(path))


def _source(path: Path) -> tuple[Path, dict[str, Any]]:
    """Return the folder and the options by which transformers finds a model."""
    options: dict[str, Any] = {"local_files_only": True}
    if path.suffix == ".gguf" and path.is_file():
        optional("gguf", "llm")
        return path.parent, options | {"gguf_file": path.name}
    if not (path / "config.json").is_file():
        raise SetupError(f"{path} is neither a .gguf file nor a folder with a config.json")
    weights = sorted(path.glob("*.safetensors"))
    if not weights:
        raise SetupError(f"{path} holds no .safetensors, which save_pretrained writes")
    try:
        require_modest(path, weights)
    except (ConfigError, OSError) as error:
        raise SetupError(f"{path} cannot be read: {error}") from None
    return path, options


def require_modest(folder: Path, weights: Sequence[Path]) -> None:
    """Raise ConfigError for a model's folder with a document that is too large or too deep, or with
    a configuration that claims more layers than its weights have tensors."""
    for path in sorted(folder.glob("*.json")):
        if depth_of(read_bytes(path)) > MOST_DEPTH:
            raise ConfigError(f"{path}: lists and objects are nested deeper than {MOST_DEPTH}")
    config = read_json(folder / "config.json")
    tensors = sum(len(read_header(path)) for path in weights)
    for name, value in config.items() if isinstance(config, Mapping) else ():
        if re.search(LAYERS_PATTERN, name) and isinstance(value, int) and value > tensors:
            raise ConfigError(f"{folder / 'config.json'}: {name}={value}, with {tensors} tensors")


def _ends(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """Return the end tokens, the tokenizer's own first."""
    configured = model.generation_config.eos_token_id
    several = configured if isinstance(configured, list) else [configured]
    found = [end for end in (tokenizer.eos_token_id, *several) if end is not None]
    if not found:
        raise SetupError("the tokenizer names no eos_token, so no answer would end")
    return tuple(dict.fromkeys(found))


def _sha256(path: Path) -> str:
    """Return the hash of a GGUF file, or of a folder's weights in the order of their names."""
    files = [path] if path.is_file() else sorted(path.glob("*.safetensors"))
    return hashlib.sha256(b"".join(bytes.fromhex(file_hash(file)) for file in files)).hexdigest()
