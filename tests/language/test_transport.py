"""Where a request goes, and when it ends: redirects, and servers that stall in mid-reply."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest

from longhaul.language.chat import Message, Request
from longhaul.language.endpoint import Endpoint
from longhaul.language.errors import EndpointError
from tests.language.server import Answer, completion, serving

KEY = "sk-secret-0123456789"
ASK = Request((Message("user", "What next?"),))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)


def connect(url: str, **options: Any) -> Endpoint:
    given = {"key_variable": "TEST_KEY", "sleep": lambda seconds: None, **options}
    return Endpoint(url, "m", **given)


def moved(location: str, status: int = 307) -> Answer:
    return Answer(b"", status, {"Location": location})


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_within_the_server_is_followed(status: int) -> None:
    with serving([moved("/v2/chat/completions/", status), completion("ok")]) as server:
        assert connect(server.url).reply(ASK).text == "ok"
    assert server.bodies[0] == server.bodies[1]
    assert server.headers[1]["Authorization"] == f"Bearer {KEY}"
    assert server.paths == ["/v1/chat/completions", "/v2/chat/completions/"]


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost:{port}/v1/x",
        "http://localhost:{own}/v1/x",
        "http://127.0.0.1:{other}/v1/x",
        "//localhost:{port}/v1/x",
        "https://127.0.0.1:{own}/v1/x",
        "http://127.0.0.1:{port}@localhost:{other}/v1/x",
        "http://user:word@127.0.0.1:{own}/v1/x",
        "ftp://127.0.0.1:{port}/v1/x",
    ],
)
@pytest.mark.parametrize("status", [307, 308])
def test_a_key_goes_to_no_other_server(location: str, status: int) -> None:
    with serving([completion("stolen")]) as other, serving([completion("here")]) as here:
        with serving([completion("moved")]) as server:
            found = {"port": here.url, "other": other.url, "own": server.url}
            ports = {name: url.split(":")[2].removesuffix("/v1") for name, url in found.items()}
            server.answers.insert(0, moved(location.format(**ports), status))
            with pytest.raises(EndpointError, match=f"HTTP {status} to .*another server"):
                connect(server.url).reply(ASK)
            assert len(server.bodies) == 1
        assert not other.bodies and not here.bodies


def test_the_same_host_on_its_own_port_is_the_same_server() -> None:
    with serving([completion("ok")]) as server:
        server.answers[:] = [moved(f"{server.url}/x"), completion("ok")]
        assert connect(server.url).reply(ASK).text == "ok"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_drops_the_body_is_named(status: int) -> None:
    with serving([moved("/v1/x", status)]) as server:
        with pytest.raises(EndpointError, match=f"HTTP {status} to /v1/x, by which a request"):
            connect(server.url).reply(ASK)
        assert len(server.bodies) == 1


def test_a_circle_of_redirects_ends() -> None:
    with serving([moved("/v1/chat/completions")]) as server:
        with pytest.raises(EndpointError, match="moves requests more than 5 times"):
            connect(server.url).reply(ASK)
        assert len(server.bodies) == 6


DRIPS = 300
"""How often `stalling` sends a piece, 6 s in all: far longer than the time limit of its test."""


@contextmanager
def stalling(start: bytes, drip: bytes = b"") -> Iterator[tuple[str, list[bool]]]:
    """Serve an answer of which only `start` comes, and then `drip` again and again. Yield the
    address, and a list that says of each request whether the client left before the last drip."""
    listener = socket.create_server(("127.0.0.1", 0))
    over, left = Event(), list[bool]()

    def serve() -> None:
        open_connections = []
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                break
            open_connections.append(connection)
            connection.recv(65_536)
            left.append(False)
            try:
                connection.sendall(start)
                for _ in range(DRIPS if drip else 0):
                    if over.wait(0.02):
                        break
                    connection.sendall(drip)
            except OSError:
                left[-1] = True
        for connection in open_connections:
            connection.close()

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", left
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HALF = b'{"choices": [{"message": {"content": "sto'


@pytest.mark.parametrize(
    ("start", "drip"),
    [
        (b"", b""),
        (HEAD, b""),
        (HEAD, b"X-Wait: 1\r\n"),
        (HEAD + b"Content-Length: 500\r\n\r\n" + HALF, b""),
        (HEAD + b"Content-Length: 500000\r\n\r\n" + HALF, b"p"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n29\r\n" + HALF + b"\r\n", b""),
        (HEAD + b"Connection: close\r\n\r\n" + HALF, b"p"),
    ],
    ids=["silent", "half a head", "a head without end", "half", "drips", "chunk", "no length"],
)
def test_half_a_reply_is_given_up(start: bytes, drip: bytes) -> None:
    told = r"tries: 2; last: reply not complete within 0\.3 s"
    with stalling(start, drip) as (url, left), pytest.raises(EndpointError, match=told):
        connect(url, timeout=0.3, tries=2).reply(ASK)
    assert not drip or left[0], "the client waits for as long as bytes come"


def test_a_reply_that_breaks_off_is_asked_for_again() -> None:
    cut = Answer(completion("x").body, headers={"Content-Length": "9000"})
    with serving([cut, completion("ok")]) as server:
        assert connect(server.url, timeout=5.0).reply(ASK).text == "ok"
