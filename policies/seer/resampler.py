"""The perceiver resampler: any number of patch features in, a fixed number of latents out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class PerceiverAttention(nn.Module):
    """Latents attend to the media features and to themselves."""

    def __init__(self, width: int, heads: int, head_width: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_media = nn.LayerNorm(width)
        self.norm_latents = nn.LayerNorm(width)
        self.to_q = nn.Linear(width, heads * head_width, bias=False)
        self.to_kv = nn.Linear(width, 2 * heads * head_width, bias=False)
        self.to_out = nn.Linear(heads * head_width, width, bias=False)

    def forward(self, media: Tensor, latents: Tensor) -> Tensor:
        """Map media (N, P, width) and latents (N, Q, width) to (N, Q, width)."""
        latents = self.norm_latents(latents)
        context = torch.cat([self.norm_media(media), latents], dim=1)
        k, v = self.to_kv(context).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        q = self.to_q(latents).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        out = functional.scaled_dot_product_attention(q, k, v)
        return self.to_out(out.transpose(1, 2).flatten(2))


class PerceiverLayer(nn.Module):
    """Attention, then an MLP with the exact GELU; no biases but the LayerNorms'."""

    def __init__(self, width: int, heads: int, head_width: int) -> None:
        super().__init__()
        self.attention = PerceiverAttention(width, heads, head_width)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 4 * width, bias=False),
            nn.GELU(),
            nn.Linear(4 * width, width, bias=False),
        )

    def forward(self, media: Tensor, latents: Tensor) -> Tensor:
        latents = latents + self.attention(media, latents)
        return latents + self.mlp(latents)


class Resampler(nn.Module):
    """`depth` layers over learned latents; both cameras share one resampler.

    It adds no position embedding, so the order of the features does not matter.
    """

    def __init__(self, width: int, latents: int, depth: int, heads: int, head_width: int) -> None:
        super().__init__()
        self.latents = nn.Parameter(torch.zeros(latents, width))
        self.layers = nn.ModuleList(PerceiverLayer(width, heads, head_width) for _ in range(depth))
        self.norm = nn.LayerNorm(width)

    def forward(self, media: Tensor) -> Tensor:
        """Map (N, P, width) to (N, latents, width)."""
        latents = self.latents.expand(len(media), -1, -1)
        for layer in self.layers:
            latents = layer(media, latents)
        return self.norm(latents)
