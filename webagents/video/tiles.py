"""Cuts pictures into overlapping tiles for text detection, and joins what the tiles found.

A detector of text that sees a large picture with little on it finds nothing there: RapidOCR 3.10.0
(PP-OCRv6 small) misses lines of 10 to 14 pixels on an empty picture of 1920 x 1080 and finds all of
them in parts of it up to 736 x 736 (findings/rapidocr_misses_small_text_on_large_pictures.sh).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from longhaul.webagents.video.contract import Box, Picture

Corners = NDArray[np.float32]
"""(4, 2): the corners (x, y) of a line of text, in pixels, clockwise from the upper left one."""

TILE_SIDE_PX = 704
"""The longest side of a tile, in pixels. Chosen here: the detector finds small text in windows of
736, and it takes sides that are multiples of 32."""

OVERLAP_PX = 64
"""The rows and columns that neighboring tiles share, in pixels: a line up to this height is whole
in one of them. Chosen here."""

STRIDE_PX = 32
"""The detector resizes pictures to multiples of this."""

MIN_SIDE_PX = 64
"""The least side of a tile, in pixels, where the picture has room for that. Chosen here."""

BLOCK_PX = 16
"""The side of the blocks that are looked at for anything but background, in pixels. It is also the
least margin around what they hold. Chosen here."""

BLANK_LEVELS = 16
"""A block whose levels (0 to 255, each channel by itself) differ by less is background: it holds no
legible text, but may hold a codec's noise. Chosen here."""


def tiles(picture: Picture) -> Iterator[Box]:
    """Yield the boxes of overlapping tiles that hold all of a picture but its background, row by
    row."""
    marks = _marks(picture)
    around = _held(marks, (0, 0, picture.shape[1], picture.shape[0]))
    if around is None:
        return
    left, top, right, bottom = around
    for y0, y1 in _spans(top, bottom):
        for x0, x1 in _spans(left, right):
            held = _held(marks, (x0, y0, x1, y1))
            if held is not None:
                yield held


def join(found: Sequence[Sequence[Corners]]) -> list[Corners]:
    """Return the corners of lines from those that each tile found, in pixels of the picture.

    What different tiles found becomes one line if it overlaps at the same height: its upright box.
    What one tile keeps apart is joined by what another tile found, and by nothing else.
    """
    lines: list[tuple[Corners, set[int]]] = []
    for number, boxes in enumerate(found):
        for corners in boxes:
            line, seen_in = corners, {number}
            while rest := [x for x in lines if x[1] != seen_in and _same_line(x[0], line)]:
                for part, others in rest:
                    line, seen_in = _around(line, part), seen_in | others
                lines = [x for x in lines if all(x is not y for y in rest)]
            lines.append((line, seen_in))
    return [line for line, _ in lines]


def bounds(corners: Corners) -> Box:
    """Return the upright box around the four corners of a line."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return round(left), round(top), round(right), round(bottom)


def overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes share more than half of the narrower one's width and more than half of
    the lower one's height."""
    wide, narrow = _shared(one[::2], other[::2])
    high, low = _shared(one[1::2], other[1::2])
    return wide > 0.5 * narrow and high > 0.5 * low


def _same_line(one: Corners, other: Corners) -> bool:
    """Say whether two lines overlap and share more than half of the lower one's height."""
    box, another = bounds(one), bounds(other)
    high, low = _shared(box[1::2], another[1::2])
    return _shared(box[::2], another[::2])[0] > 0 and high > 0.5 * low


def _shared(one: Sequence[int], other: Sequence[int]) -> tuple[int, int]:
    """Return how much two spans share (negative: the gap between them), and the shorter one's
    length."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared, min(one[1] - one[0], other[1] - other[0])


def _around(one: Corners, other: Corners) -> Corners:
    left, top, right, bottom = bounds(np.concatenate((one, other)))
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def _marks(picture: Picture) -> NDArray[np.bool_]:
    """Return for every block of a picture whether it is anything but background."""
    rows, columns = (np.arange(0, size, BLOCK_PX) for size in picture.shape[:2])

    def over_blocks(function: np.ufunc) -> NDArray[np.uint8]:
        reduced = function.reduceat(function.reduceat(picture, rows, axis=0), columns, axis=1)
        return np.asarray(reduced)

    contrast = over_blocks(np.maximum) - over_blocks(np.minimum)
    return np.asarray(contrast.max(axis=2) >= BLANK_LEVELS)


def _held(marks: NDArray[np.bool_], window: Box) -> Box | None:
    """Return the part of a window around its marked blocks, with a margin; None if it has none."""
    x0, y0, x1, y1 = window
    part = marks[y0 // BLOCK_PX : ceil(y1 / BLOCK_PX), x0 // BLOCK_PX : ceil(x1 / BLOCK_PX)]
    if not part.any():
        return None
    left, right = _grown(np.flatnonzero(part.any(axis=0)), x0, x1)
    top, bottom = _grown(np.flatnonzero(part.any(axis=1)), y0, y1)
    return left, top, right, bottom


def _grown(places: NDArray[np.intp], start: int, stop: int) -> tuple[int, int]:
    """Return the span around blocks of a window from `start` to `stop` (px), counted from its
    first one, whose length is a multiple of STRIDE_PX where the window has room for that."""
    first = start // BLOCK_PX * BLOCK_PX
    low = max(first + (int(places[0]) - 1) * BLOCK_PX, start)
    high = min(first + (int(places[-1]) + 2) * BLOCK_PX, stop)
    length = max(ceil((high - low) / STRIDE_PX) * STRIDE_PX, MIN_SIDE_PX)
    low = max(min(low, stop - length), start)
    return low, min(low + length, stop)


def _spans(low: int, high: int) -> list[tuple[int, int]]:
    """Return overlapping spans of one length, at most TILE_SIDE_PX, from `low` to `high` (px)."""
    count = max(1, ceil((high - low - OVERLAP_PX) / (TILE_SIDE_PX - OVERLAP_PX)))
    length = ceil((high - low + (count - 1) * OVERLAP_PX) / count / STRIDE_PX) * STRIDE_PX
    room = max(high - low - length, 0)
    starts = [low + round(room * index / max(count - 1, 1)) for index in range(count)]
    return [(start, min(start + length, high)) for start in starts]
