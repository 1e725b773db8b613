"""Asks what a viewer or a live session serves, as a browser does, and keeps the answers."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

LIVE_STEPS = 3
"""How many steps a live session is told to do."""

TIMEOUT_S = 60.0
"""The most seconds that one answer may take."""

CHANGING = ("version", "viewers", "yours", "free", "policy_ms", "step_ms", "pace", "wall_s")
"""What of a live session's state depends on who looks, and when."""


def address(output: Path) -> str:
    """Return the address that a server has printed; empty if it has not yet."""
    words = output.read_text(errors="replace").split()
    return next((word for word in words if word.startswith("http://127.0.0.1:")), "")


def await_address(output: Path, seconds: float = 120.0) -> str:
    """Return a server's address as soon as it is printed. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not (found := address(output)):
        if time.monotonic() > end:
            raise TimeoutError(f"{output}: no address")
        time.sleep(0.05)
    return found


def ask(place: str, live: bool) -> dict[str, Any]:
    """Return what a server answers: of a viewer its documents, of a live session its state after
    some steps, without what changes from one session to the next."""
    if not live:
        names = ("run/0/rows", "run/0/summary", "run/0/episode/0")
        return {name: get(f"{place}data/{name}.json") for name in names}
    state: dict[str, Any] = {"ready": False, "version": -1}
    while not state["ready"]:
        state = get(f"{place}live/state?viewer=chaos&after={state['version']}")
    body = json.dumps({"do": "run", "steps": LIVE_STEPS}).encode()
    kind = {"Content-Type": "application/json"}
    urlopen(Request(f"{place}live/do?viewer=chaos", body, kind), timeout=TIMEOUT_S).read()
    while state["steps"] < LIVE_STEPS or state["running"]:
        state = get(f"{place}live/state?viewer=chaos&after={state['version']}")
    return {key: value for key, value in state.items() if key not in CHANGING}


def get(url: str) -> Any:
    """Return a JSON document. Raises OSError for a server that is gone."""
    with urlopen(url, timeout=TIMEOUT_S) as answer:
        return json.load(answer)
