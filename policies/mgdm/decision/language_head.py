"""A causal language model as the head: it reads a sentence with slots, into which the present, the
thought, the memory and the waypoints are put, and says of each waypoint what it makes of it.

The published head is Vicuna-7B with slots for its history and three views. This one takes any
model of a local folder (Llama, Qwen, SmolLM, ...), frozen: only the way into its space and back is
learned, and is all of it that a checkpoint holds, beside the hash of the model's weights.
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
"""What stands before the present, the thought, the memory's rows, the waypoints, and at the end."""


class LanguageHead(nn.Module):
    """Stands where the small transformer does: tokens (n, length, width) in and out."""

    def __init__(self, weights: Weights, width: int) -> None:
        super().__init__()
        self.model = weights.model.float().requires_grad_(False)
        size = self.model.get_input_embeddings().embedding_dim
        self.into, self.back = nn.Linear(width, size), nn.Linear(size, width)
        self.whole = nn.Linear(size, width, bias=False)
        self.slots = nn.Parameter(0.02 * torch.randn(len(PROMPT), size))
        self._words: list[list[int]] = [
            weights.tokenizer(part, add_special_tokens=False)["input_ids"] for part in PROMPT
        ]

    def forward(self, tokens: Tensor, empty: Tensor, rows: int) -> Tensor:
        """Return a vector for each token: `tokens` (n, length, width) are the present, the thought,
        `rows` of memory, and waypoints; `empty` (n, length) bool marks those that are none.

        A waypoint's is what the model has read up to it, and what it has read in all.
        """
        counts = (1, 1, rows, tokens.shape[1] - 2 - rows)
        slots = [
            part + kind
            for part, kind in zip(self.into(tokens).split(counts, 1), self.slots, strict=False)
        ]
        slots.append(self.slots[-1].expand(len(tokens), 1, -1))
        filled = [*(~empty).split(counts, 1), empty.new_ones(len(tokens), 1)]
        parts: list[Tensor] = []
        seen: list[Tensor] = []
        for words, slot, there in zip(self._words, slots, filled, strict=True):
            said = self._said(words, len(tokens))
            parts += [said, slot]
            seen += [empty.new_ones(said.shape[:2]), there]
        read = self.model(
            inputs_embeds=torch.cat(parts, 1),
            attention_mask=torch.cat(seen, 1).long(),
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states[-1]
        of_parts = read.split([part.shape[1] for part in parts], dim=1)
        of_slots = torch.cat(of_parts[1:-1:2], 1)
        answer: Tensor = self.back(of_slots) + self.whole(read[:, -1:])
        return answer

    def _said(self, words: list[int], count: int) -> Tensor:
        """Return the embedded words of a part of the prompt, (count, words, size)."""
        numbers = torch.tensor(words, device=self.slots.device)
        embedded: Tensor = self.model.get_input_embeddings()(numbers)
        return embedded.expand(count, -1, -1)


def language_model(folder: str | None) -> Weights | None:
    """Return the model in a folder, None for None; ConfigError in one line for what is none."""
    if folder is None:
        return None
    try:
        return load(Path(folder), "cpu", "float32")
    except SetupError as error:
        raise ConfigError(f"policy.language_model: {error}") from None


def matching(folder: str | None, head: str, encoders: Mapping[str, str]) -> Weights | None:
    """Return the model in a folder, if it is the one whose hash a checkpoint has as `text`, and
    its `head` is one at all; ConfigError in one line where it is not."""
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
