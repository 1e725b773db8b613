"""A live session over the web: who holds the controls, and what is answered."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from longhaul.evaluation.viewer.live.routes import VIEWER_GONE_S, Viewers
from tests.evaluation.viewer.live.made import at, serving, session, until


def asked(address: str, path: str, command: Any = None) -> tuple[int, Any]:
    """Return the status and the JSON that a session's address answers."""
    body = None if command is None else json.dumps(command).encode()
    headers = {"Content-Type": "application/json"}
    base = address.partition("#")[0].rstrip("/")
    request = urllib.request.Request(f"{base}/live/{path}", body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text.startswith(b"{") else None


def test_what_is_asked_over_the_web_is_done_or_refused() -> None:
    with session() as live, serving(live) as address:
        assert asked(address, "episodes")[1] == [f"test-{number:04}" for number in range(5)]
        code, told = asked(address, "do?viewer=a", {"do": "run", "steps": 1})
        assert code == 200 and told["yours"]
        until(live, at(1))
        code, told = asked(address, "do?viewer=a", {"do": "dance"})
        assert (code, told) == (400, {"error": "do='dance' is unknown"})
        code, told = asked(address, "do?viewer=a", ["run"])
        assert (code, told) == (400, {"error": "a command must be a JSON object"})
        code, told = asked(address, "do?viewer=b", {"do": "run"})
        assert (code, told) == (409, {"error": "somebody else holds the controls"})
        assert asked(address, "do?viewer=b", {"do": "release"})[1]["free"] is False
        assert asked(address, "do?viewer=a", {"do": "release"})[1]["free"] is True
        assert asked(address, "do?viewer=b", {"do": "take"})[1]["yours"]
        state = asked(address, "state?viewer=b&after=-1")[1]
        assert state["steps"] == 1 and state["yours"] and state["viewers"] == 2
        assert asked(address, "picture/rgb_top")[0] == 404


def test_one_viewer_holds_the_controls_until_it_is_gone() -> None:
    now = [0.0]
    viewers = Viewers(lambda: now[0])
    assert viewers.take("a") and not viewers.take("b")
    assert viewers.watch("b") == {"viewers": 2, "yours": False, "free": False}
    viewers.release("b")
    assert viewers.watch("a")["yours"]
    now[0] = VIEWER_GONE_S + 1  # a has vanished
    assert viewers.watch("b")["free"] and viewers.take("b")
    viewers.release("b")
    assert viewers.take("a")
