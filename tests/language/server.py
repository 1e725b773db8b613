"""An HTTP server on 127.0.0.1 that answers what a test tells it to, and remembers the questions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Answer:
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0.0
    """Seconds before each of ten pieces of the body."""


@dataclass
class Server:
    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """What is answered, in this order, the last one for ever."""


def completion(content: Any, finish: str = "stop", **message: Any) -> Answer:
    """Return an answer in the shape of chat/completions."""
    choice = {"message": {"content": content, **message}, "finish_reason": finish}
    usage = {"prompt_tokens": 11, "completion_tokens": 7}
    return Answer(json.dumps({"choices": [choice], "usage": usage}).encode())


@contextmanager
def serving(answers: Sequence[Answer]) -> Iterator[Server]:
    """Serve `answers` in their order, the last one for ever."""
    server = Server("", answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            server.bodies.append(json.loads(self.rfile.read(length)))
            server.headers.append(dict(self.headers))
            server.paths.append(self.path)
            answer = server.answers[min(len(server.bodies), len(server.answers)) - 1]
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in answer.headers:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.send(answer)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has given up, as some tests want

        def send(self, answer: Answer) -> None:
            piece = max(len(answer.body) // 10, 1) if answer.drip else max(len(answer.body), 1)
            for start in range(0, len(answer.body), piece):
                time.sleep(answer.drip)
                self.wfile.write(answer.body[start : start + piece])
                self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
