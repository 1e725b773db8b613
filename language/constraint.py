"""Constrained decoding by llguidance: it says which tokens may come next."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from torch import Tensor

from longhaul.language.chat import Request
from longhaul.language.errors import UnsupportedError, one_line, optional


class Constraint:
    """The state of one reply. Raises UnsupportedError for a form that llguidance can't enforce."""

    def __init__(self, grammar: str, tokenizer: Any) -> None:
        self._matcher = optional("llguidance", "llm").LLMatcher(tokenizer, grammar, log_level=0)
        self._require_sound()

    def mask(self, logits: Tensor) -> Tensor:
        """Return logits, (vocabulary,), with -inf where a token would break the form."""
        bias = np.frombuffer(self._matcher.compute_logit_bias(), np.uint8)
        self._require_sound()
        allowed = torch.from_numpy(bias[: len(logits)] > 0)
        return logits.masked_fill(~allowed, float("-inf"))

    def accept(self, token: int) -> bool:
        """Add a token; return whether the form is complete and nothing may follow."""
        self._matcher.consume_token(token)
        self._require_sound()
        return bool(self._matcher.is_stopped())

    def _require_sound(self) -> None:
        if self._matcher.is_error():
            raise UnsupportedError(f"constraint: {one_line(self._matcher.get_error())}")


def wrap_tokenizer(tokenizer: Any, vocabulary: int, ends: list[int]) -> Any:
    """Return llguidance's form of a transformers tokenizer. It takes about a second, so keep the
    result.

    `vocabulary` is the number of logits, which padding may make larger than the tokenizer's.
    """
    hf = optional("llguidance.hf", "llm")
    return hf.from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=ends)


def grammar_of(request: Request) -> str | None:
    """Return the grammar of what a request allows; None if it allows anything.

    JSON may contain no white space between its tokens, because small models fill pages with it.
    """
    matcher = optional("llguidance", "llm").LLMatcher
    if request.schema is not None:
        compact = {"whitespace_flexible": False}
        return str(matcher.grammar_from_json_schema(dict(request.schema), overrides=compact))
    if request.grammar is not None:
        return str(matcher.grammar_from_lark(request.grammar))
    if request.choices:
        words = " | ".join(json.dumps(choice, ensure_ascii=False) for choice in request.choices)
        return str(matcher.grammar_from_lark(f"start: {words}"))
    return None
