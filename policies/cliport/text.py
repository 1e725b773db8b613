"""Text encoders, both frozen: CLIP gives one vector for a sentence, MiniLM one for each token."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from longhaul.errors import ConfigError
from longhaul.language.embeddings import MiniLM, minilm_folder
from longhaul.language.errors import SetupError
from longhaul.policies.cliport.config import CliportConfig
from longhaul.policies.seer.text import ClipText


class TextEncoder(Protocol):
    def __call__(self, sentence: str) -> Tensor:
        """Return (text_tokens, text_width) float32 on the CPU, padded with rows of 0."""


class Sentence:
    """CLIP's vector of a whole sentence."""

    def __init__(self, folder: Path, config: CliportConfig) -> None:
        self._encode = ClipText(folder, config.text_width)

    def __call__(self, sentence: str) -> Tensor:
        return self._encode(sentence)[None]


class Tokens:
    """MiniLM's vectors of a sentence's tokens; tokens beyond `text_tokens` are cut off."""

    def __init__(self, folder: Path, config: CliportConfig) -> None:
        self._minilm = MiniLM(folder)
        self._most = config.text_tokens

    @torch.no_grad()
    def __call__(self, sentence: str) -> Tensor:
        ids = torch.tensor([self._minilm.tokenizer.encode(sentence).ids[: self._most]])
        features: Tensor = self._minilm.model(ids).last_hidden_state[0]
        return functional.pad(features, (0, 0, 0, self._most - len(features)))


def text_folder(config: CliportConfig, given: str | None) -> Path:
    """Return where the text encoder lies; ConfigError names the option or package to give."""
    if config.text == "clip":
        if given is None:
            raise ConfigError(
                f"CLIPort {config.name!r} needs policy.text_folder: the text tower of CLIP RN50 "
                "as transformers saves it (CLIPTextModelWithProjection)"
            )
        return Path(given)
    try:
        return minilm_folder()
    except SetupError as error:
        raise ConfigError(f"this CLIPort reads text with MiniLM: {error}") from None


def text_encoder(config: CliportConfig, folder: Path) -> TextEncoder:
    """Load the frozen text encoder of an architecture from its folder."""
    return Sentence(folder, config) if config.text == "clip" else Tokens(folder, config)
