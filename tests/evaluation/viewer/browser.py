"""What the viewer's tests do with a page."""

from __future__ import annotations

from playwright.sync_api import Locator


def settle(video: Locator) -> None:
    """Wait until a video shows the frame that was asked for."""
    wait = "while (v.readyState < 2 || v.seeking) await new Promise((go) => setTimeout(go, 20));"
    video.evaluate(f"async (v) => {{ {wait} }}")
