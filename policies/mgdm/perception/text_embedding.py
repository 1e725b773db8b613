"""Text as the network reads it: MiniLM's embeddings of subgoals and thoughts."""

from __future__ import annotations

import torch
from torch import Tensor

from longhaul.errors import ConfigError
from longhaul.language.embeddings import shared_embeddings
from longhaul.language.errors import SetupError
from longhaul.policies.mgdm.decision.subgoals import Subgoal


class TextEmbedder:
    """Embeds texts, each of them once. Raises ConfigError where MiniLM is not installed."""

    def __init__(self) -> None:
        try:
            self.embed = shared_embeddings()
        except SetupError as error:
            raise ConfigError(f"policy=mgdm: {error}") from None

    def __call__(self, text: str) -> Tensor:
        """Return a text's embedding (text_width,) float32; that of an empty text is zeros."""
        vector = torch.from_numpy(self.embed([text or "nothing"])[0].copy())
        return vector if text else torch.zeros_like(vector)

    def subgoal(self, subgoal: Subgoal) -> Tensor:
        """Return the embeddings of a subgoal's target and room, (2, text_width)."""
        return torch.stack([self(subgoal.target), self(subgoal.room)])
