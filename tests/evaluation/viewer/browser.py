"""What the viewer's tests do with a page."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

SIDEWAYS = "() => document.documentElement.scrollWidth - innerWidth"
BROKEN_WORDS = r"""() => {
    const longest = 40, broken = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const node = texts.currentNode;
        if (!node.parentElement.checkVisibility()) continue;
        for (const word of node.data.matchAll(/[^\s\-\/_.<>]+/g)) {
            const range = new Range();
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            const cut = node.parentElement.closest(".clamped")?.getBoundingClientRect().bottom - 24;
            const boxes = [...range.getClientRects()].filter((b) => b.width && !(b.top > cut));
            const lines = new Set(boxes.map((box) => Math.round(box.top))).size;
            if (lines > 1 && word[0].length <= longest) broken.push(word[0]);
        }
    }
    return broken;
}"""
"""Words of at most 40 letters that stand on several lines; the last line of a text that is cut off
with three dots does not count."""


def settle(video: Locator) -> None:
    """Wait until a video shows the frame that was asked for."""
    wait = "while (v.readyState < 2 || v.seeking) await new Promise((go) => setTimeout(go, 20));"
    video.evaluate(f"async (v) => {{ {wait} }}")


def require_laid_out(page: Page) -> None:
    """Assert that the page can be read without scrolling sideways, and no word is broken."""
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(BROKEN_WORDS) == []
