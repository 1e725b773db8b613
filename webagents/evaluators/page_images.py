"""The images that a page shows, fetched and drawn by the browser."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from longhaul.webagents.browser.settle import is_lost
from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.fetch import embedded
from longhaul.webagents.evaluators.images import Picture, read_picture

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

SOURCES = """css => {
  let found = [document];
  try { if (css) found = Array.from(document.querySelectorAll(css)); } catch { return null; }
  return found.flatMap(e => e.localName === 'img' ? [e] : Array.from(e.querySelectorAll('img')))
    .map(image => image.src || image.currentSrc).filter(source => source);
}"""
"""Finds the addresses of the `<img>` that are selected, or are below what is selected."""

DRAWING = """async ([source, most]) => {
  const image = new Image();
  await new Promise((done, failed) => {
    image.onload = done; image.onerror = failed; image.src = source;
  });
  const [width, height] = [image.naturalWidth || 300, image.naturalHeight || 150];
  const scale = Math.min(1, most / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png');
}"""
"""Draws an image on white and returns it as a PNG in a data URL. As an image, an SVG runs no script
and loads nothing."""

MAX_DRAWN_SIDE = 2000
"""The longer side in pixels to which a larger SVG is scaled. Chosen here."""

MAX_SVG_BYTES = 10_000_000
"""The most bytes of an SVG that is drawn. Chosen here."""


def image_sources(page: Page, css: str) -> list[str]:
    """Return the addresses of a page's images, each once, in its frames too: of those that a CSS
    selector selects or that are below what it selects; of all if it is empty.

    Raises TaskError for what is no selector.
    """
    found = [source for frame in page.frames for source in _sources(frame, css, page)]
    return list(dict.fromkeys(found))


def decode(data: bytes, page: Page) -> Picture:
    """Return the picture of an image file; an SVG is drawn in the page. Raises TaskError for what
    is no image or too large."""
    if data.lstrip().startswith((b"<", b"\xef\xbb\xbf<")) and b"<svg" in data:
        return _drawn(data, page)
    return read_picture(data)


def _sources(frame: Frame, css: str, page: Page) -> list[str]:
    from playwright.sync_api import Error

    try:
        sources: list[str] | None = frame.evaluate(SOURCES, css)
    except Error:
        if frame == page.main_frame:
            raise
        return []  # a frame that has gone meanwhile
    if sources is None:
        raise TaskError(f"eval_image_class {css!r:.80} is no CSS selector; valid: .name")
    return sources


def _drawn(data: bytes, page: Page) -> Picture:
    from playwright.sync_api import Error

    if len(data) > MAX_SVG_BYTES:
        raise TaskError(f"an SVG of {len(data)} bytes is too large")
    source = "data:image/svg+xml;base64," + base64.b64encode(data).decode()
    try:
        page.goto("about:blank")
        drawn = embedded(page.evaluate(DRAWING, [source, MAX_DRAWN_SIDE]))
    except Error:
        if is_lost(page):
            raise
        raise TaskError("no image: the SVG cannot be drawn") from None
    return read_picture(drawn or b"")
