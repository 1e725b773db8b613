"""What the network reads: a subgoal's target and room, and a thought, as MiniLM's vectors."""

from __future__ import annotations

import torch
from torch import Tensor

from longhaul.errors import ConfigError
from longhaul.language.embeddings import Embeddings
from longhaul.language.errors import SetupError
from longhaul.policies.mgdm.decision.subgoals import Subgoal


class Words:
    """Embeds what is said, each text once. Raises ConfigError where MiniLM is not installed."""

    def __init__(self) -> None:
        try:
            self.embed = Embeddings()
        except SetupError as error:
            raise ConfigError(f"policy=mgdm: {error}") from None

    def __call__(self, text: str) -> Tensor:
        """Return (text_width,) float32; nothing said is zeros."""
        vector = torch.from_numpy(self.embed([text or "nothing"])[0].copy())
        return vector if text else torch.zeros_like(vector)

    def subgoal(self, subgoal: Subgoal) -> Tensor:
        """Return target and room, (2, text_width)."""
        return torch.stack([self(subgoal.target), self(subgoal.room)])
