"""One node of a page's DOM, and functions that run on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from longhaul.webagents.browser.settle import Isolated
from longhaul.webagents.browser.tree import Element

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession


def script(name: str) -> str:
    """Return one of the JavaScript functions in `static/`."""
    return (Path(__file__).parent / "static" / f"{name}.js").read_text("utf-8")


class Node:
    """A node as Chromium's remote object `handle`. Functions run in the isolated world, which has
    the same DOM and whose built-ins a page's scripts cannot change."""

    def __init__(self, cdp: CDPSession, handle: str) -> None:
        self._cdp, self._handle = cdp, handle

    def call(self, function: str, *arguments: Any) -> Any:
        """Return the JSON value of a function whose `this` is the node; None if it throws."""
        return self._call(function, arguments, by_value=True).get("value")

    def find(self, function: str, *arguments: Any) -> Node | None:
        """Return the node that such a function returns; None if it returns none."""
        answer = self._call(function, arguments, by_value=False)
        handle = answer.get("objectId") if answer.get("subtype") == "node" else None
        return None if handle is None else Node(self._cdp, handle)

    def _call(self, function: str, arguments: tuple[Any, ...], by_value: bool) -> dict[str, Any]:
        answer: dict[str, Any] = self._cdp.send(
            "Runtime.callFunctionOn",
            {
                "objectId": self._handle,
                "functionDeclaration": function,
                "arguments": [{"value": argument} for argument in arguments],
                "returnByValue": by_value,
            },
        )
        return {} if "exceptionDetails" in answer else answer["result"]


def resolve(element: Element) -> Node | None:
    """Return an element's node; None if it is gone."""
    from playwright.sync_api import Error

    cdp = element.document.session.cdp
    try:
        world = Isolated(cdp, element.document.frame).world()
        wanted = {"backendNodeId": element.backend, "executionContextId": world}
        found = cdp.send("DOM.resolveNode", wanted)
    except Error:
        return None
    return Node(cdp, found["object"]["objectId"])
