"""Draws a contact sheet: an overview of a dataset's pictures, read through its reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from longhaul.demos.source import DemoSource, Trajectory

FRAMES_PER_ROW = 8
"""How many pictures of a trajectory are shown."""

PICTURE_HEIGHT_PX = 160
"""The height (pixels) of a picture on the sheet."""

CAPTION_HEIGHT_PX = 46
"""The height (pixels) of a caption."""

MAX_CAPTION_LINES, FONT_SIZE_PX = 3, 12
"""The most lines of a caption, and its font size (pixels)."""

BACKGROUND_COLOR, TEXT_COLOR = (24, 26, 30), (236, 236, 232)
"""The sheet's colors."""


def contact_sheet(source: DemoSource, path: Path, rows: int) -> None:
    """Write a PNG with one row per trajectory and evenly spaced frames from left to right.

    The trajectories are evenly spaced too. The caption is the instruction of the frame's segment.
    """
    chosen = np.unique(np.linspace(0, len(source) - 1, min(rows, len(source))).round().astype(int))
    strips = [_strip(source, int(index)) for index in chosen]
    width = max(strip.shape[1] for strip in strips)
    padded = [np.pad(s, ((0, 0), (0, width - s.shape[1]), (0, 0))) for s in strips]
    Image.fromarray(np.concatenate(padded)).save(path)


def _strip(source: DemoSource, index: int) -> NDArray[np.uint8]:
    trajectory = source.trajectory(index)
    moments = np.linspace(0, len(trajectory) - 1, FRAMES_PER_ROW).round().astype(int)
    pictures: dict[int, NDArray[np.uint8]] = {}
    for number, frame in enumerate(source.frames(index, source.spec.pictures[0].name)):
        if number in moments:
            pictures[number] = frame.copy()
    return np.concatenate([_captioned(pictures[m], _caption(trajectory, m)) for m in moments], 1)


def _caption(trajectory: Trajectory, moment: int) -> str:
    now = [s.instruction for s in trajectory.segments if s.start <= moment < s.stop]
    return f"{moment}: {now[0]}" if now else f"{moment}"


def _captioned(picture: NDArray[np.uint8], text: str) -> NDArray[np.uint8]:
    width = round(picture.shape[1] * PICTURE_HEIGHT_PX / picture.shape[0])
    sheet = Image.new("RGB", (width + 4, PICTURE_HEIGHT_PX + CAPTION_HEIGHT_PX), BACKGROUND_COLOR)
    sheet.paste(
        Image.fromarray(picture).resize((width, PICTURE_HEIGHT_PX), Image.Resampling.BILINEAR),
        (2, 2),
    )
    font = ImageFont.load_default(FONT_SIZE_PX)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    ImageDraw.Draw(sheet).multiline_text(
        (4, PICTURE_HEIGHT_PX + 3),
        "\n".join(lines[:MAX_CAPTION_LINES]),
        fill=TEXT_COLOR,
        font=font,
        spacing=2,
    )
    return np.asarray(sheet)
