"""Any OpenAI-compatible endpoint, through its `chat/completions`."""

from __future__ import annotations

import base64
import io
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from longhaul.errors import unknown
from longhaul.language.budget import Budget, BudgetLimits
from longhaul.language.chat import Abilities, Finish, Message, Reply, Request, require_images
from longhaul.language.errors import SetupError, UnsupportedError
from longhaul.language.structured import Refusal, read_json
from longhaul.language.transport import Transport
from longhaul.options import group
from longhaul.secrets import learn, scrub

Structured = Literal["json_schema", "json_object", "prompt"]

BYTES_PER_TOKEN = 3
"""The bytes that count as one token if a server reports no usage; English has more bytes per token,
so that the budget is not exceeded."""


class Endpoint:
    """A model behind a server. Safe for threads: several requests may be under way at once.

    Args:
        base_url: The address of the server's API, such as http://127.0.0.1:8000/v1.
        model: The model's name on the server; it must be given.
        key_variable: The environment variable that holds the API key, which is never read from a
            file; None means that the server wants no key.
        structured: How a schema or choices are requested: with json_schema the server enforces them
            (OpenAI, vLLM, llama.cpp); json_object and prompt only ask for them in words, and
            `abilities` says so.
        images: True says that the model takes images.
        timeout: Seconds allowed for each try.
        tries: How often a request is sent at most; it is sent again after status 408, 409, 425, 429
            or 5xx, a broken connection or a broken reply.
        max_wait: The largest number of seconds between tries; if the server asks for more, the
            request fails.
        limit_field: The name of the field that limits a reply's tokens, max_tokens or
            max_completion_tokens.
        extra: More fields of each request; None removes one (temperature: None).
        budget: The limits of all requests together.
        sleep: The function that waits between tries.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        key_variable: str | None = "OPENAI_API_KEY",
        structured: Structured = "json_schema",
        images: bool = False,
        timeout: float = 60,
        tries: int = 4,
        max_wait: float = 60,
        limit_field: str = "max_tokens",
        extra: Mapping[str, Any] = {},
        budget: BudgetLimits | Mapping[str, Any] = BudgetLimits(),
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if structured not in get_args(Structured):
            raise SetupError(unknown(f"structured={structured}", get_args(Structured)))
        if tries < 1 or timeout <= 0:
            raise SetupError(f"tries={tries} and timeout={timeout} must be positive")
        self.base_url, self.model, self.structured = base_url.rstrip("/"), model, structured
        learn(extra)
        self._limit_field, self._extra = limit_field, dict(extra)
        self._images = images
        try:
            self.budget = Budget(group("budget", budget, BudgetLimits))
        except ValueError as error:
            raise SetupError(f"budget: {error}") from None
        url, key = f"{self.base_url}/chat/completions", _key(key_variable)
        self._transport = Transport(url, key, timeout, tries, max_wait, sleep)

    @property
    def abilities(self) -> Abilities:
        kept = self.structured == "json_schema"
        return Abilities(schema=kept, choices=kept, images=self._images)

    def reply(self, request: Request) -> Reply:
        """Return the reply. Raises EndpointError, BudgetError, and UnsupportedError (grammars,
        images)."""
        require_images(request, self.abilities, f"endpoint model {self.model}")
        if request.grammar is not None:
            raise UnsupportedError("an endpoint takes a schema or choices, no grammar")
        self.budget.require()
        start = time.perf_counter()
        body = self._body(request)
        reply = self._transport.post(body, lambda data: _read(data, body))
        self.budget.spend(reply.tokens_in, reply.tokens_out)
        text = _chosen(reply.text) if request.choices else reply.text
        seconds = time.perf_counter() - start
        return Reply(text, reply.finish, reply.tokens_in, reply.tokens_out, seconds, reply.refusal)

    def score(self, request: Request, candidates: Sequence[str]) -> list[float]:
        raise UnsupportedError(
            "chat/completions cannot score candidates; use the local or lexical back end"
        )

    def provenance(self) -> dict[str, str]:
        return {
            "backend": "endpoint",
            "base_url": scrub(self.base_url),
            "model": self.model,
            "structured": self.structured,
        }

    def close(self) -> None:
        self._transport.close()

    def _body(self, request: Request) -> dict[str, Any]:
        messages = [_message(message) for message in request.messages]
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            self._limit_field: request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
        }
        schema = request.schema
        if request.choices:
            schema = _choice_schema(request.choices)
        if schema is not None:
            if self.structured == "json_schema":
                form = {"name": "reply", "schema": schema, "strict": True}
                body["response_format"] = {"type": "json_schema", "json_schema": form}
            else:
                order = "Answer with one JSON object of this JSON schema and nothing else: "
                messages.append({"role": "user", "content": order + json.dumps(schema)})
            if self.structured == "json_object":
                body["response_format"] = {"type": "json_object"}
        return {k: v for k, v in (body | self._extra).items() if v is not None}


def _key(variable: str | None) -> str | None:
    """Return the API key; None if the server wants none."""
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise SetupError(f"{variable} is not set; put the endpoint's API key into it")
    return key


def _choice_schema(choices: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"choice": {"type": "string", "enum": list(choices)}},
        "required": ["choice"],
        "additionalProperties": False,
    }


def _chosen(text: str) -> str:
    """Return the choice in a reply, or the text itself if it is not in that form."""
    found = read_json(text, {"type": "object", "required": ["choice"]})
    return text if isinstance(found, Refusal) else str(found["choice"])


def _message(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.text}]
    parts += [{"type": "image_url", "image_url": {"url": data_url(i)}} for i in message.images]
    return {"role": message.role, "content": parts}


def data_url(image: NDArray[np.uint8]) -> str:
    """Return an RGB image, (H, W, 3), as a PNG data URL."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _read(data: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Read an answer of chat/completions. A wrong form raises an error, after which the transport
    retries."""
    choice = data["choices"][0]
    message = choice["message"]
    content, refusal = message.get("content"), message.get("refusal")
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content)
    if not isinstance(content, str | None) or not isinstance(refusal, str | None):
        raise TypeError("content is no text")
    # What repeats a key is nobody's action or instruction; here it ends.
    text, reason = scrub(content or ""), choice.get("finish_reason")
    refusal = scrub(refusal) if refusal else refusal
    if reason == "content_filter":
        refusal = refusal or reason
    finish: Finish = "refusal" if refusal else "length" if reason == "length" else "stop"
    usage = data.get("usage") or {}
    tokens_in = usage.get("prompt_tokens", _estimate(json.dumps(body["messages"])))
    tokens_out = usage.get("completion_tokens", _estimate(text))
    return Reply(text, finish, int(tokens_in), int(tokens_out), refusal=refusal)


def _estimate(text: str) -> int:
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)
