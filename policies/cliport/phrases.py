"""From a sentence's tokens to its phrases: what to pick, where to place."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.cliport.config import CliportConfig


class Phrases(nn.Module):
    """Each role has queries of its own, which attend to words by what and where they are.

    One vector for a whole sentence hardly tells the red block on the green bowl from the green
    block on the red bowl; a token's vector says which word it is.
    """

    def __init__(self, config: CliportConfig, width: int, heads: int, roles: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(config.text_width)
        self.keys = nn.Linear(config.text_width, width)
        self.values = nn.Linear(config.text_width, width)
        self.places = nn.Parameter(torch.randn(config.text_tokens, width))
        self.queries = nn.Parameter(torch.randn(roles, heads, width // heads))
        self.mix = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))

    def forward(self, text: Tensor) -> Tensor:
        """Map tokens (B, L, text_width), rows of 0 behind the last, to (B, roles, width)."""
        absent = ~text.any(dim=-1)
        tokens = self.norm(text)
        keys = (self.keys(tokens) + self.places).unflatten(-1, (self.heads, -1))
        values = self.values(tokens).unflatten(-1, (self.heads, -1))
        scores = torch.einsum("rhd,blhd->brhl", self.queries, keys) / keys.shape[-1] ** 0.5
        shares = scores.masked_fill(absent[:, None, None], -1e4).float().softmax(dim=-1)
        seen = torch.einsum("brhl,blhd->brhd", shares.to(values.dtype), values).flatten(2)
        phrases: Tensor = seen + self.mix(functional.relu(seen))
        return phrases
