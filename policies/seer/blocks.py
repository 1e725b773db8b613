"""The pre-norm transformer block of the GPT-2 trunk and of the foresight decoder."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class Block(nn.Module):
    """LayerNorm, self-attention, LayerNorm, MLP of four times the width, with residuals.

    `gelu` is tanh for GPT-2 (its gelu_new) and none for a ViT (the exact GELU). Dropout acts as
    in GPT-2: on attention weights and on both residual branches. LayerNorm's epsilon is 1e-5, as
    in both published networks, also in the blocks of the ViT decoder.
    """

    def __init__(self, width: int, heads: int, gelu: str, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.gelu = gelu
        self.dropout = dropout
        self.norm_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp_in = nn.Linear(width, 4 * width)
        self.mlp_out = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, mask: Tensor | None = None, keep: int | None = None) -> Tensor:
        """Map (B, T, width) to the same shape, or to its last `keep` tokens only.

        `mask` is bool, True where a row may attend to a column, broadcastable to (B, heads, T, T).
        """
        attended = self._attention(self.norm_attention(x), mask, keep)
        x = (x if keep is None else x[:, -keep:]) + self._drop(attended)
        hidden = functional.gelu(self.mlp_in(self.norm_mlp(x)), approximate=self.gelu)
        return x + self._drop(self.mlp_out(hidden))

    def _attention(self, x: Tensor, mask: Tensor | None, keep: int | None) -> Tensor:
        batch, _, width = x.shape
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        if keep is not None:
            q = q[:, :, -keep:]
            mask = None if mask is None else mask[..., -keep:, :]
        p = self.dropout if self.training else 0.0
        out = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=p)
        return self.attention_out(out.transpose(1, 2).reshape(batch, -1, width))

    def attention(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return the attention weights (B, heads, T, T): each row is a query and sums to 1."""
        q, k, _ = (
            self.qkv(self.norm_attention(x))
            .unflatten(-1, (3, self.heads, -1))
            .permute(2, 0, 3, 1, 4)
        )
        logits = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        return logits.masked_fill(~mask, float("-inf")).softmax(-1)

    def _drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout, self.training)
