"""A language model in this process, by transformers; constrained by llguidance."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.language.chat import Abilities, Finish, Message, Reply, Request, require_images
from longhaul.language.constraint import Constraint, grammar_of, wrap_tokenizer
from longhaul.language.drafts import split_drafts
from longhaul.language.errors import ContextError
from longhaul.language.prefix import PrefixCache
from longhaul.language.prompt import IMAGE_MARK, PLAIN_TURN, render
from longhaul.language.weights import load

ImageAdapter = Callable[[NDArray[np.uint8]], Tensor]

SCORED_AT_ONCE = 16
"""The number of candidates in a batch; their logits over a large vocabulary need the most memory.
"""

MAX_CHARS_PER_TOKEN = 64
"""A prompt that is longer than this number times the context is refused before it is tokenized."""


class LocalModel:
    """A language model in this process. Not safe for threads.

    `model`, `tokenizer` and `embed` are there to train an adapter with.

    Args:
        path: A folder as transformers' save_pretrained writes it, or a .gguf file; it must be
            given.
        device: Where the model computes, cpu or cuda.
        dtype: The type of floating-point numbers, float32, bfloat16 or float16.
        per_token: True scores by the mean over tokens; the sum favors short choices such as "done":
            of 30 first steps on a toy table SmolLM2-135M had 12 right by the mean and 3 by the sum.
        reasoning_tokens: The tokens that a model may use before its answer, in addition to those
            of the answer, for models that reason; a reply of a fixed form has no reasoning.
        image_adapter: A module that maps an RGB image, (H, W, 3) uint8, to embeddings of this
            model's width, (tokens, width); with one the model takes images.
    """

    def __init__(
        self,
        path: str | Path,
        device: str = "cpu",
        dtype: str = "float32",
        per_token: bool = True,
        reasoning_tokens: int = 0,
        *,
        image_adapter: ImageAdapter | None = None,
    ) -> None:
        self.path = Path(path)
        self._weights = load(self.path, device, dtype)
        self.model, self.tokenizer = self._weights.model, self._weights.tokenizer
        self._per_token, self._reasoning_tokens = per_token, reasoning_tokens
        self.image_adapter = image_adapter
        self._prefixes = PrefixCache(self.model)

    @property
    def abilities(self) -> Abilities:
        images = self.image_adapter is not None
        return Abilities(schema=True, grammar=True, choices=True, score=True, images=images)

    @torch.no_grad()
    def reply(self, request: Request) -> Reply:
        """Return the reply. Raises ContextError, and UnsupportedError for images and impossible
        grammars."""
        start = time.perf_counter()
        grammar = grammar_of(request) if _is_constrained(request) else None
        constraint = None if grammar is None else Constraint(grammar, self._constrainable)
        most = request.max_tokens
        if constraint is None:
            most += self._reasoning_tokens
        prompt = self._prompt(request, most)
        tokens, finish = self._decode(prompt, request, most, constraint)
        text = self._text(tokens)
        if constraint is None and PLAIN_TURN in text:
            text = text.partition(PLAIN_TURN)[0]
        seconds = time.perf_counter() - start
        drafted = ""
        if constraint is None:
            text, drafted = split_drafts(text)
        return Reply(text, finish, prompt.shape[1], len(tokens), seconds, reasoning=drafted)

    @torch.no_grad()
    def score(self, request: Request, candidates: Sequence[str]) -> list[float]:
        """Return the log-likelihood in nats of each candidate followed by the end token, per token
        by default."""
        endings = [[*self._ids(text), self._weights.ends[0]] for text in candidates]
        prompt = self._prompt(request, max((len(e) for e in endings), default=0))
        logits, cache = self._prefixes.read(prompt)
        scores: list[float] = []
        for first in range(0, len(endings), SCORED_AT_ONCE):
            batch = endings[first : first + SCORED_AT_ONCE]
            scores += self._score_batch(logits, copy.deepcopy(cache), batch)
        return scores

    def embed(self, messages: Sequence[Message]) -> Tensor:
        """Return the prompt's embeddings, (1, tokens, width), with those of images from the
        adapter."""
        images = [image for message in messages for image in message.images]
        words = self.model.get_input_embeddings()
        parts: list[Tensor] = []
        for index, text in enumerate(render(messages, self.tokenizer).split(IMAGE_MARK)):
            if index and self.image_adapter is not None:
                parts.append(self.image_adapter(images[index - 1]).to(words.weight))
            ids = torch.tensor(self._ids(text, start=not index), dtype=torch.long)
            parts.append(words(ids.to(self._device)))
        return torch.cat(parts)[None]

    def provenance(self) -> dict[str, str]:
        return {
            "backend": "local",
            "model": self.path.name,
            "weights": self._weights.sha256,
            "dtype": str(self.model.dtype).removeprefix("torch."),
        }

    @property
    def _device(self) -> torch.device:
        return torch.device(self.model.device)

    @cached_property
    def _constrainable(self) -> Any:
        size = self.model.get_output_embeddings().weight.shape[0]
        return wrap_tokenizer(self.tokenizer, size, list(self._weights.ends))

    def _prompt(self, request: Request, room: int) -> Tensor:
        """Return the embeddings of a request. Raises ContextError unless `room` tokens are left for
        an answer."""
        require_images(request, self.abilities, f"local model {self.path.name}")
        limit = self._weights.context
        chars = sum(len(message.text) for message in request.messages)
        if limit is not None and chars > MAX_CHARS_PER_TOKEN * limit:
            raise ContextError(f"a prompt of {chars} characters; the model reads {limit} tokens")
        prompt = self.embed(request.messages)
        if limit is not None and prompt.shape[1] + room > limit:
            raise ContextError(
                f"a prompt of {prompt.shape[1]} tokens and {room} for the answer; "
                f"the model reads {limit}"
            )
        return prompt

    def _decode(
        self, prompt: Tensor, request: Request, most: int, constraint: Constraint | None
    ) -> tuple[list[int], Finish]:
        """Draw at most `most` tokens until an end token, on the CPU, so that a seed gives the same
        answer on every device."""
        chance = torch.Generator().manual_seed(request.seed)
        logits, cache = self._prefixes.read(prompt)
        tokens: list[int] = []
        while len(tokens) < most:
            if constraint is not None:
                logits = constraint.mask(logits)
            token = _pick(logits, request.temperature, chance)
            if token in self._weights.ends:
                return tokens, "stop"
            tokens.append(token)
            if constraint is not None and constraint.accept(token):
                return tokens, "stop"
            if constraint is None and self._speaks_for_user(tokens):
                return tokens, "stop"
            ids = torch.tensor([[token]], device=self._device)
            logits = self._forward(ids, cache)[0, -1]
        return tokens, "length"

    def _score_batch(self, logits: Tensor, cache: Any, endings: list[list[int]]) -> list[float]:
        """Score candidates padded to the same length; causal attention never sees the padding."""
        width = max(len(ending) for ending in endings)
        ids = torch.tensor([ending + [0] * (width - len(ending)) for ending in endings])
        after = logits.expand(len(endings), 1, -1)
        if width > 1:
            cache.batch_repeat_interleave(len(endings))
            after = torch.cat([after, self._forward(ids[:, :-1].to(self._device), cache)], 1)
        found = after.log_softmax(-1).gather(-1, ids[..., None])[..., 0]
        sums = [row[: len(ending)].double() for row, ending in zip(found, endings, strict=True)]
        return [float(row.mean() if self._per_token else row.sum()) for row in sums]

    def _forward(self, ids: Tensor, cache: Any) -> Tensor:
        output = self.model(input_ids=ids, past_key_values=cache, use_cache=True)
        return output.logits.float().cpu()

    def _speaks_for_user(self, tokens: list[int]) -> bool:
        return not self.tokenizer.chat_template and PLAIN_TURN in self._text(tokens[-16:])

    def _ids(self, text: str, start: bool = False) -> list[int]:
        """Return the tokens; if there is a chat template, it adds the start token."""
        special = start and not self.tokenizer.chat_template
        return list(self.tokenizer.encode(text, add_special_tokens=special))

    def _text(self, tokens: list[int]) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True))


def _is_constrained(request: Request) -> bool:
    return request.schema is not None or request.grammar is not None or bool(request.choices)


def _pick(logits: Tensor, temperature: float, chance: torch.Generator) -> int:
    if temperature <= 0:
        return int(logits.argmax())
    odds = torch.softmax(logits / temperature, -1)
    return int(torch.multinomial(odds, 1, generator=chance))
