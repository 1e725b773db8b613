"""Any OpenAI-compatible endpoint, through its `chat/completions`."""

from __future__ import annotations

import base64
import io
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from longhaul.errors import unknown
from longhaul.language.budget import Budget, BudgetLimits
from longhaul.language.chat import (
    Abilities,
    Message,
    Reply,
    Request,
    joined,
    require_images,
    without_system,
)
from longhaul.language.choices import choice_schema, read_choice
from longhaul.language.completion import read_completion
from longhaul.language.errors import SetupError, UnsupportedError
from longhaul.language.transport import Transport
from longhaul.options import group
from longhaul.secrets import learn, scrub

Structured = Literal["json_schema", "json_object_schema", "json_object", "prompt"]

ENFORCED = ("json_schema", "json_object_schema")
"""The values of `structured` with which the server keeps a reply to its schema."""

SystemRole = Literal["system", "user"]

SCHEMA_ORDER = "Answer with one JSON object of this JSON schema and nothing else: "
CHOICE_ORDER = 'Answer with {"choice": CHOICE} and nothing else, where CHOICE is one of: '
"""The sentences that end the last message of a request which allows certain forms only."""


class Endpoint:
    """A model behind a server. Safe for threads: several requests may be under way at once.

    Args:
        base_url: The address of the server's API, such as http://127.0.0.1:8000/v1.
        model: The model's name on the server; it must be given.
        key_variable: The environment variable that holds the API key, which is never read from a
            file; None means that the server wants no key.
        structured: How a schema or choices are requested: with json_schema the server enforces them
            (OpenAI, vLLM, llama.cpp), with json_object_schema too, in the form of llama-cpp-python;
            json_object and prompt only ask for them in words, and `abilities` says so.
        images: True says that the model takes images.
        timeout: Seconds allowed for each try.
        tries: How often a request is sent at most; it is sent again after status 408, 409, 425, 429
            or 5xx, a broken connection or a broken reply.
        max_wait: The largest number of seconds between tries; if the server asks for more, the
            request fails.
        limit_field: The name of the field that limits a reply's tokens, max_tokens or
            max_completion_tokens.
        reasoning_tokens: The tokens that a model may use before its answer, in addition to those
            of the answer; a model that does not reason seldom needs them.
        system_role: The role of the system's text, system, or user for models without that role.
        extra: More fields of each request; None removes one (on the command line
            +policy.backends.endpoint.extra.temperature=null).
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
        reasoning_tokens: int = 2048,
        system_role: SystemRole = "system",
        extra: Mapping[str, Any] = {},
        budget: BudgetLimits | Mapping[str, Any] = BudgetLimits(),
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if structured not in get_args(Structured):
            raise SetupError(unknown(f"structured={structured}", get_args(Structured)))
        if system_role not in get_args(SystemRole):
            raise SetupError(unknown(f"system_role={system_role}", get_args(SystemRole)))
        if reasoning_tokens < 0:
            raise SetupError(f"reasoning_tokens={reasoning_tokens} must be at least 0")
        if tries < 1 or timeout <= 0:
            raise SetupError(f"tries={tries} and timeout={timeout} must be positive")
        self.base_url, self.model, self.structured = base_url.rstrip("/"), model, structured
        learn(extra)
        self._limit_field, self._extra = limit_field, dict(extra)
        self._reasoning_tokens, self._system_role = reasoning_tokens, system_role
        self._images = images
        try:
            self.budget = Budget(group("budget", budget, BudgetLimits))
        except ValueError as error:
            raise SetupError(f"budget: {error}") from None
        url, key = f"{self.base_url}/chat/completions", _key(key_variable)
        self._transport = Transport(url, key, timeout, tries, max_wait, sleep)

    @property
    def abilities(self) -> Abilities:
        kept = self.structured in ENFORCED
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
        messages = body["messages"]
        reply = self._transport.post(body, lambda data: read_completion(data, messages))
        self.budget.spend(reply.tokens_in, reply.tokens_out)
        chosen = read_choice(reply.text, request.choices) if request.choices else None
        text = reply.text if chosen is None else chosen
        return replace(reply, text=text, seconds=time.perf_counter() - start)

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
        form: dict[str, Any] | None = None
        schema, order = request.schema, ""
        if request.choices:
            schema = choice_schema(request.choices)
            order = CHOICE_ORDER + json.dumps(request.choices, ensure_ascii=False)
        elif schema is not None and self.structured not in ENFORCED:
            order = SCHEMA_ORDER + json.dumps(schema)
        if schema is not None and self.structured == "json_schema":
            told = {"name": "reply", "schema": schema, "strict": True}
            form = {"type": "json_schema", "json_schema": told}
        elif schema is not None and self.structured == "json_object_schema":
            form = {"type": "json_object", "schema": schema}
        elif schema is not None and self.structured == "json_object":
            form = {"type": "json_object"}
        turns = [*request.messages, *([Message("user", order)] if order else [])]
        if self._system_role == "user":
            turns = [without_system(turn) for turn in turns]
        body = {
            "model": self.model,
            "messages": [_message(turn) for turn in joined(turns)],
            self._limit_field: request.max_tokens + self._reasoning_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "response_format": form,
        }
        return {k: v for k, v in (body | self._extra).items() if v is not None}


def _key(variable: str | None) -> str | None:
    """Return the API key; None if the server wants none."""
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise SetupError(f"{variable} is not set; put the endpoint's API key into it")
    return key


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
