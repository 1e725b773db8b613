"""Frozen text encoders: CLIP from a folder, MiniLM from a package. An instruction is encoded alone,
so that its vector does not depend on the others of a batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from longhaul.errors import ConfigError
from longhaul.language import embeddings
from longhaul.language.errors import SetupError
from longhaul.policies.seer.config import SeerConfig


class TextEncoder(Protocol):
    def __call__(self, sentence: str) -> Tensor:
        """Return the vector of a sentence: (text_width,) float32 on the CPU."""


class ClipText:
    """The projected text feature of CLIP, not normalized; text beyond 77 tokens is cut off."""

    def __init__(self, folder: Path, width: int) -> None:
        from transformers import AutoTokenizer, CLIPTextModelWithProjection

        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
            self.model: Any = CLIPTextModelWithProjection.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            ).eval()
        except (OSError, ValueError, RuntimeError) as error:
            raise ConfigError(f"text_folder {folder} cannot be read ({error})") from None
        found = self.model.config.projection_dim
        if found != width:
            raise ConfigError(
                f"text_folder {folder}: features of width {found}, the architecture wants {width}"
            )

    @torch.no_grad()
    def __call__(self, sentence: str) -> Tensor:
        tokens = self.tokenizer(
            sentence,
            truncation=True,
            max_length=self.model.config.max_position_embeddings,
            return_tensors="pt",
        )
        return self.model(**tokens).text_embeds[0]


def minilm_folder() -> Path:
    """Return MiniLM's folder in its package. Raises ConfigError saying how to install it."""
    try:
        return embeddings.minilm_folder()
    except SetupError as error:
        raise ConfigError(f"this Seer reads text with MiniLM: {error}") from None


def text_encoder(config: SeerConfig, folder: Path) -> TextEncoder:
    """Load the frozen text encoder of an architecture from its folder."""
    return (
        embeddings.MiniLM(folder)
        if config.text == "minilm"
        else ClipText(folder, config.text_width)
    )
