"""BrowserGym doing our oracle's moves; web.py starts this file in an interpreter that has
BrowserGym.

It reads a line of JSON for each task (its start, cookies and moves), and writes one with the
seconds of its reset and of each step.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib import import_module
from typing import Any


class Peer:
    """BrowserGym in a process of its own, with its own sites; `chromium` is as the env's option."""

    def __init__(self, python: str, chromium: str | None) -> None:
        from longhaul.webagents.browser.chromium import find_browser
        from longhaul.webagents.sites.running import Sites

        self._sites = Sites(seed=0)
        self._process = subprocess.Popen(
            [python, __file__, find_browser(chromium)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.name = f"BrowserGym {self._process.stdout.readline().strip()}"

    def play(self, episode: Any) -> dict[str, list[float]]:
        """Return the wall seconds of the reset and of each step of an episode."""
        self._sites.reset()
        port = self._sites.address.partition(":")[2]
        order = {
            "url": episode.start["task"]["start_url"].replace(".localhost", f".localhost:{port}"),
            "cookies": [self._sites.cookie(name) for name in self._sites.sites],
            "moves": [move for leg in episode.start["legs"] for move in leg["moves"]],
        }
        if "shopping_admin" in episode.start["task"]["sites"]:
            order["cookies"].append(self._sites.cookie("shop", "admin"))
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"BrowserGym ended with code {self._process.wait()}; see above")
        times: dict[str, list[float]] = json.loads(answer)
        return times

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._sites.close()


def main(chromium: str) -> None:
    """Answer each line. It imports what only the peer's interpreter has."""
    from importlib.metadata import version

    from playwright.sync_api import BrowserType

    launch = BrowserType.launch

    def with_chromium(self: Any, **options: Any) -> Any:
        # The chat window's browser is started without the env's options.
        return launch(self, **{"executable_path": chromium, **options})

    BrowserType.launch = with_chromium
    import_module("browsergym.core")  # registers its env
    import gymnasium

    print(version("browsergym-core"), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        cookies = [
            {"name": c["name"], "value": c["value"], "domain": c["url"][7:], "path": "/"}
            for c in order["cookies"]
        ]
        env = gymnasium.make(
            "browsergym/openended",
            task_kwargs={"start_url": order["url"], "goal": "go the oracle's way"},
            slow_mo=0,
            viewport={"width": 1280, "height": 720},
            pw_context_kwargs={"storage_state": {"cookies": cookies, "origins": []}},
        )
        began = time.perf_counter()
        observation, _ = env.reset(seed=0)
        times: dict[str, list[float]] = {"reset": [time.perf_counter() - began], "step": []}
        for move in order["moves"]:
            for action in actions(move, observation):
                began = time.perf_counter()
                observation, *_ = env.step(action)
                times["step"].append(time.perf_counter() - began)
                if observation["last_action_error"]:
                    raise RuntimeError(f"{action}: {observation['last_action_error']}")
        env.close()
        print(json.dumps(times), flush=True)


def actions(move: dict[str, Any], observation: dict[str, Any]) -> list[str]:
    """Return a move as BrowserGym's actions: none for a stop, two for a text that is typed and
    sent."""
    if not move["role"]:
        return []
    for node in observation["axtree_object"]["nodes"]:
        role, name = (node.get(key, {}).get("value", "") for key in ("role", "name"))
        if (role, " ".join(str(name).split())) == (move["role"], move["name"]):
            bid, text = json.dumps(node["browsergym_id"]), json.dumps(move["text"])
            kinds = {
                "click": [f"click({bid})"],
                "select": [f"select_option({bid}, {text})"],
                "type": [f"fill({bid}, {text})"],
            }
            return kinds[move["kind"]] + [f"press({bid}, 'Enter')"] * move["submit"]
    raise RuntimeError(f"no {move['role']} {move['name']!r} on {observation['url']}")


if __name__ == "__main__":
    main(sys.argv[1])
