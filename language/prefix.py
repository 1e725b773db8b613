"""Key-value caches of prompts that begin alike: a planner's prompt grows with every step."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

BLOCK = 128
"""Prompts are read in blocks of so many tokens, whether or not a cache is at hand, so that an
answer does not depend on what was asked before: the same sums are done in the same shapes."""

KEPT = 8
"""Prompts remembered: as many conversations as may take turns."""


class PrefixCache:
    """Remembers the whole blocks of the last prompts, by their embeddings (images too)."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._known: list[tuple[Tensor, Any]] = []
        self.tokens_read = 0

    @torch.no_grad()
    def read(self, prompt: Tensor) -> tuple[Tensor, Any]:
        """Return the logits after a prompt, (vocabulary,) float32 on the CPU, and its cache.

        `prompt` holds embeddings, (1, tokens, width), at least one token. The cache is the
        caller's own to go on with.
        """
        whole = (prompt.shape[1] - 1) // BLOCK * BLOCK
        position, cache = self._longest(prompt[:, :whole])
        for start in range(position, whole, BLOCK):
            self._forward(prompt[:, start : start + BLOCK], cache)
        if whole:
            self._known = [(prompt[:, :whole], copy.deepcopy(cache)), *self._known[: KEPT - 1]]
        return self._forward(prompt[:, whole:], cache), cache

    def _longest(self, prompt: Tensor) -> tuple[int, Any]:
        """Return the length of the longest remembered start of a prompt, and a copy of its cache.

        Its place is taken by the longer one that `read` remembers.
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
