"""A causal language model as the head that decides.

It reads a prompt with placeholders for the present, the thought, the memory rows and the waypoints,
whose tokens are put in as embeddings. Its last hidden states at the waypoints are the outputs. The
published head is Vicuna-7B with placeholders for its history and three views. This one takes any
model in a local folder (Llama, Qwen, SmolLM, ...). The model is frozen: only the projections into
its embeddings' space and back are learned, and a checkpoint holds these and the hash of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from longhaul.errors import ConfigError
from longhaul.language.errors import SetupError
from longhaul.language.weights import Weights, load

PROMPT = (
    "You walk through a house to a thing and stop there. You see:",
    " You think:",
    " You remember:",
    " You can go to:",
    " The best of these is:",
)
"""The prompt's texts: before the present, the thought, the memory rows and the waypoints, and at
the end."""


class LanguageHead(nn.Module):
    """Takes the place of `SmallHead`: tokens (n, length, width) in and out.

    `slots`, so called in checkpoints, are learned embeddings of the kinds of placeholders.
    """

    def __init__(self, weights: Weights, width: int) -> None:
        super().__init__()
        self.model = weights.model.float().requires_grad_(False)
        size = self.model.get_input_embeddings().embedding_dim
        self.into, self.back = nn.Linear(width, size), nn.Linear(size, width)
        self.whole = nn.Linear(size, width, bias=False)
        self.slots = nn.Parameter(0.02 * torch.randn(len(PROMPT), size))
        self._words: list[list[int]] = [
            weights.tokenizer(text, add_special_tokens=False)["input_ids"] for text in PROMPT
        ]

    def forward(self, tokens: Tensor, empty: Tensor, rows: int) -> Tensor:
        """Return an output for each token.

        `tokens` (n, length, width) are the present, the thought, `rows` memory rows, and the
        waypoints; those that are `empty` (n, length) bool are not attended to. Since the model is
        causal, an output is the sum of two projections: of the hidden state at the token, and of
        the last one, which has read all of them.
        """
        counts = (1, 1, rows, tokens.shape[1] - 2 - rows)
        placeholders = [
            embedded + kind
            for embedded, kind in zip(self.into(tokens).split(counts, 1), self.slots, strict=False)
        ]
        placeholders.append(self.slots[-1].expand(len(tokens), 1, -1))
        filled = [*(~empty).split(counts, 1), empty.new_ones(len(tokens), 1)]
        pieces: list[Tensor] = []
        mask: list[Tensor] = []
        for words, placeholder, here in zip(self._words, placeholders, filled, strict=True):
            text = self._embedded(words, len(tokens))
            pieces += [text, placeholder]
            mask += [empty.new_ones(text.shape[:2]), here]
        hidden = self.model(
            inputs_embeds=torch.cat(pieces, 1),
            attention_mask=torch.cat(mask, 1).long(),
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states[-1]
        of_pieces = hidden.split([piece.shape[1] for piece in pieces], dim=1)
        of_placeholders = torch.cat(of_pieces[1:-1:2], 1)
        outputs: Tensor = self.back(of_placeholders) + self.whole(hidden[:, -1:])
        return outputs

    def _embedded(self, words: list[int], count: int) -> Tensor:
        """Return the embeddings of one of the prompt's texts, (count, words, size)."""
        numbers = torch.tensor(words, device=self.slots.device)
        embedded: Tensor = self.model.get_input_embeddings()(numbers)
        return embedded.expand(count, -1, -1)


def language_model(folder: str | None) -> Weights | None:
    """Return the model in a folder, None for None. Raises ConfigError in one line where there is no
    model in it."""
    if folder is None:
        return None
    try:
        return load(Path(folder), "cpu", "float32")
    except SetupError as error:
        raise ConfigError(f"policy.language_model: {error}") from None


def matching_language_model(
    folder: str | None, head: str, encoders: Mapping[str, str]
) -> Weights | None:
    """Return the language model in a folder, None for None.

    `head` is the checkpoint's, and `encoders` has the model's hash as `text`. Raises ConfigError in
    one line where the checkpoint has no such head, or was trained with another model.
    """
    if folder is not None and head != "language_model":
        raise ConfigError(
            f"policy.language_model={folder}: this MGDM decides with a small transformer; "
            "train.py policy=mgdm policy.language_model=FOLDER makes another"
        )
    found = language_model(folder)
    if found is not None and encoders.get("text", found.sha256) != found.sha256:
        raise ConfigError(
            f"policy.language_model={folder} is not the one with which the checkpoint was trained: "
            f"sha256 {found.sha256[:12]}, not {encoders['text'][:12]}"
        )
    return found
