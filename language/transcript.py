"""Transcripts: requests and replies, one JSON line each, which are on the disk at once.

Images are written as shape and hash. A line that a crash cut short is left out when it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from longhaul.files import writing
from longhaul.language.chat import Abilities, ChatModel, Message, Reply, Request
from longhaul.language.errors import LanguageError
from longhaul.secrets import hidden

AnswerT = TypeVar("AnswerT")
Entry = dict[str, Any]


class Transcript:
    """Appends to a JSONL file; `tokens_in`, `tokens_out` and `seconds` are sums of its lines."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.tokens_in = self.tokens_out = 0
        self.seconds = 0.0
        self._lock = Lock()
        self._end_line()

    def write(self, request: Request, answer: Mapping[str, Any], **context: Any) -> None:
        """Append one exchange; `context` says where it belongs (episode, step)."""
        entry = {"time": time.time(), **context, "request": request_entry(request), **answer}
        line = json.dumps(hidden(entry)) + "\n"  # ASCII: a reply may hold half a surrogate pair
        with self._lock:
            with writing(self.path), self.path.open("a", encoding="ascii") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            reply = answer.get("reply", {})
            self.tokens_in += reply.get("tokens_in", 0)
            self.tokens_out += reply.get("tokens_out", 0)
            self.seconds += reply.get("seconds", 0.0)

    def _end_line(self) -> None:
        """End a line that a crash cut short, so that the next one starts on a line of its own."""
        if self.path.is_file() and self.path.read_bytes()[-1:] not in (b"", b"\n"):
            with self.path.open("ab") as file:
                file.write(b"\n")


class Recorded:
    """A back end that writes every exchange, also a failed one, to a transcript.

    The caller sets `context` (episode, step) before each request.
    """

    def __init__(self, model: ChatModel, transcript: Transcript) -> None:
        self.model, self.transcript = model, transcript
        self.context: dict[str, Any] = {}

    @property
    def abilities(self) -> Abilities:
        return self.model.abilities

    def reply(self, request: Request) -> Reply:
        reply = self._ask(request, lambda: self.model.reply(request))
        self.transcript.write(request, {"reply": vars(reply)}, **self.context)
        return reply

    def score(self, request: Request, candidates: Sequence[str]) -> list[float]:
        scores = self._ask(request, lambda: self.model.score(request, candidates))
        answer = {"scores": dict(zip(candidates, scores, strict=True))}
        self.transcript.write(request, answer, **self.context)
        return scores

    def provenance(self) -> dict[str, str]:
        return self.model.provenance()

    def _ask(self, request: Request, ask: Callable[[], AnswerT]) -> AnswerT:
        try:
            return ask()
        except LanguageError as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
            self.transcript.write(request, answer, **self.context)
            raise


def request_entry(request: Request) -> Entry:
    """Return a request as plain JSON, images as shape and sha256."""
    entry = vars(request) | {"messages": [_message_entry(m) for m in request.messages]}
    return {k: v for k, v in entry.items() if v not in (None, ())}


def _message_entry(message: Message) -> Entry:
    images = [
        {"shape": image.shape, "sha256": hashlib.sha256(image.tobytes()).hexdigest()}
        for image in message.images
    ]
    return {"role": message.role, "text": message.text} | ({"images": images} if images else {})


def read_transcript(path: Path) -> Iterator[Entry]:
    """Yield the entries of a transcript in order, torn lines left out."""
    with path.open(encoding="ascii") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            yield entry
