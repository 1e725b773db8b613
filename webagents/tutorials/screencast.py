"""The pictures of a page while it changes, from Chromium's screencast."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

Picture = NDArray[np.uint8]
"""(H, W, 3) RGB."""


class Screencast:
    """Collects a tab's pictures while `rolling`; Chromium sends one whenever the page changed."""

    def __init__(self, cdp: CDPSession) -> None:
        self._cdp = cdp
        self._frames: list[tuple[float, str]] = []
        cdp.on("Page.screencastFrame", self._take)

    @contextmanager
    def rolling(self) -> Iterator[list[tuple[float, Picture]]]:
        """Yield a list that has, after the block, the pictures with their times: 0 is the start of
        the block, 1 its end. The last picture shows the page at the end."""
        self._frames.clear()
        painted: list[tuple[float, Picture]] = []
        began = time.time()
        self._cdp.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})
        yield painted
        length = max(time.time() - began, 1e-3)
        self._cdp.send("Page.stopScreencast")
        for stamp, data in self._frames:
            painted.append((min(max((stamp - began) / length, 0.0), 1.0), _decode(data)))
        painted.append((1.0, self.still()))

    def still(self) -> Picture:
        """Return the picture of the page as it is now."""
        answer = self._cdp.send(
            "Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True}
        )
        return _decode(answer["data"])

    def _take(self, event: Mapping[str, Any]) -> None:
        from playwright.sync_api import Error

        self._frames.append((float(event["metadata"]["timestamp"]), event["data"]))
        # If the tab has been closed meanwhile, the acknowledgement is not needed.
        with suppress(Error):
            self._cdp.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})


def _decode(data: str) -> Picture:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
