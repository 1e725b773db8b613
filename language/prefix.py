"""Key-value caches of prompts with the same beginning: a planner's prompt grows with every step."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

BLOCK_TOKENS = 128
"""The number of tokens in a block. Prompts are always read in blocks, with or without a cache, so
that an answer does not depend on earlier requests: the same sums are computed in the same shapes.
"""

MAX_KEPT_PROMPTS = 8
"""The number of prompts that are kept, which is the number of conversations that may take turns."""


class PrefixCache:
    """Keeps the whole blocks of the last prompts, by their embeddings (also those of images)."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._known: list[tuple[Tensor, Any]] = []
        self.tokens_read = 0

    @torch.no_grad()
    def read(self, prompt: Tensor) -> tuple[Tensor, Any]:
        """Return the logits after a prompt, (vocabulary,) float32 on the CPU, and its cache.

        `prompt` holds embeddings, (1, tokens, width), at least one token. The caller may change the
        returned cache.
        """
        whole = (prompt.shape[1] - 1) // BLOCK_TOKENS * BLOCK_TOKENS
        position, cache = self._longest(prompt[:, :whole])
        for start in range(position, whole, BLOCK_TOKENS):
            self._forward(prompt[:, start : start + BLOCK_TOKENS], cache)
        if whole:
            self._known = [
                (prompt[:, :whole], copy.deepcopy(cache)),
                *self._known[: MAX_KEPT_PROMPTS - 1],
            ]
        return self._forward(prompt[:, whole:], cache), cache

    def _longest(self, prompt: Tensor) -> tuple[int, Any]:
        """Return the length of the longest kept beginning of a prompt, and a copy of its cache.

        It is removed, because `read` then keeps the longer one.
        """
        best = -1
        for index, (start, _) in enumerate(self._known):
            longer = best < 0 or start.shape[1] > self._known[best][0].shape[1]
            if longer and torch.equal(prompt[:, : start.shape[1]], start):
                best = index
        if best < 0:
            from transformers import DynamicCache

            return 0, DynamicCache(config=self._model.config)
        start, cache = self._known.pop(best)
        return start.shape[1], cache

    def _forward(self, embeddings: Tensor, cache: Any) -> Tensor:
        self.tokens_read += embeddings.shape[1]
        output = self._model(
            inputs_embeds=embeddings, past_key_values=cache, use_cache=True, logits_to_keep=1
        )
        return output.logits[0, -1].float().cpu()
