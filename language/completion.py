"""Reads an answer of chat/completions, as the servers that offer it really give it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from longhaul.language.chat import Finish, Reply
from longhaul.language.drafts import split_drafts
from longhaul.secrets import scrub

BYTES_PER_TOKEN = 3
"""The bytes that count as one token if a server reports no usage; English has more bytes per token,
so that the budget is not exceeded."""

REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
"""The fields of a message in which servers put a model's drafts: DeepSeek, SGLang and llama.cpp;
vLLM, OpenRouter, Groq and Ollama; Ollama's own API."""

TEXT_PARTS = ("text", "output_text")
"""The kinds of content parts that are answers; others are drafts (Mistral's thinking) or tools."""

CUT_REASONS = ("length", "max_tokens", "max_output_tokens", "max_length", "model_length")
"""Values of finish_reason of a reply that was cut at a limit: OpenAI's, and those that gateways to
Anthropic, Gemini and Mistral pass on."""

REFUSED_REASONS = ("content_filter", "refusal", "safety", "recitation", "prohibited_content")
"""Values of finish_reason of a reply that was withheld."""

BROKEN_REASONS = ("error", "abort", "insufficient_system_resource")
"""Values of finish_reason of a reply that its server gave up (Mistral; vLLM and SGLang;
DeepSeek)."""


def read_completion(data: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> Reply:
    """Return the reply in an answer; `messages` are those that were sent, by which tokens are
    estimated if the server counts none.

    A wrong form raises a LookupError, TypeError, ValueError or AttributeError.
    """
    choice = data["choices"][0]
    message = choice["message"]
    content, declined = _content(message.get("content"))
    refusal = message.get("refusal") or declined or None
    if not isinstance(refusal, str | None):
        raise TypeError("a refusal is no text")
    reason = str(choice.get("finish_reason") or "stop").lower()
    if reason in BROKEN_REASONS:
        raise ValueError(f"finish_reason={reason}")
    if reason.startswith(REFUSED_REASONS):
        refusal = refusal or reason
    # What repeats a key is nobody's action or instruction; here it ends.
    text, drafted = split_drafts(scrub(content))
    fields = [message[name] for name in REASONING_FIELDS if isinstance(message.get(name), str)]
    reasoning = "\n".join(filter(None, [*map(scrub, dict.fromkeys(fields)), drafted]))
    finish: Finish = "refusal" if refusal else "length" if reason in CUT_REASONS else "stop"
    usage = data.get("usage")
    counts = usage if isinstance(usage, Mapping) else {}
    tokens_in = _count(counts.get("prompt_tokens"), json.dumps(messages))
    tokens_out = _count(counts.get("completion_tokens"), content + reasoning)
    refusal = scrub(refusal) if refusal else None
    return Reply(text, finish, tokens_in, tokens_out, refusal=refusal, reasoning=reasoning)


def _content(content: Any) -> tuple[str, str]:
    """Return the text of a content, which may come in parts, and the refusal among them."""
    if isinstance(content, str | None):
        return content or "", ""
    if not isinstance(content, list):
        raise TypeError("content is no text")
    texts, refusals = [], []
    for part in content:
        if isinstance(part, str):
            texts.append(part)
        elif part.get("type", "text") in TEXT_PARTS:
            texts.append(part.get("text") or "")
        elif part["type"] == "refusal":
            refusals.append(part.get("refusal") or "refusal")
    return "".join(texts), "".join(refusals)


def _count(told: Any, text: str) -> int:
    """Return a count of tokens; of a server that tells none, an estimate from the text."""
    try:
        number = float(told)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if number >= 0 and math.isfinite(number):
        return int(number)
    return math.ceil(len(text.encode(errors="replace")) / BYTES_PER_TOKEN)
