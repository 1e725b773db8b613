"""The contact sheet: a row per trajectory, eight frames of it, and what it was told below each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from longhaul.demos.sheet import contact_sheet
from tests.demos.made import MadeSource, picture

CELL = (160 + 4, 160 + 46)
"""The width and the height of a cell: the picture, 2 pixels around it, and the caption below."""


def sheet(tmp_path: Path, lengths: tuple[int, ...], rows: int) -> NDArray[np.uint8]:
    """Return the cells of a sheet of square pictures (rows, frames, height, width, 3)."""
    contact_sheet(MadeSource(lengths), tmp_path / "sheet.png", rows)
    whole = np.asarray(Image.open(tmp_path / "sheet.png"))
    height, width, _ = whole.shape
    assert height % CELL[1] == 0 and width == 8 * CELL[0]
    return whole.reshape(height // CELL[1], CELL[1], 8, CELL[0], 3).swapaxes(1, 2)


def test_a_row_shows_evenly_spaced_frames_whole_and_in_order(tmp_path: Path) -> None:
    cells = sheet(tmp_path, (36, 15), 5)
    assert len(cells) == 2
    moments = [0, 5, 10, 15, 20, 25, 30, 35], [0, 2, 4, 6, 8, 10, 12, 14]
    for trajectory, row in enumerate(moments):
        for moment, cell in zip(row, cells[trajectory], strict=True):
            color = picture(trajectory, moment, 1)[0, 0]
            shown = (cell == color).all(axis=2)
            assert np.argwhere(shown).min(axis=0).tolist() == [2, 2]
            assert np.argwhere(shown).max(axis=0).tolist() == [161, 161] and shown.sum() == 160**2


def test_of_many_trajectories_evenly_spaced_ones_are_shown(tmp_path: Path) -> None:
    cells = sheet(tmp_path, (12, 12, 12, 12, 12), 3)
    assert cells[:, 0, 80, 80, 0].tolist() == [picture(i, 0, 1)[0, 0, 0] for i in (0, 2, 4)]


def test_below_each_picture_stands_what_was_told(tmp_path: Path) -> None:
    captions = sheet(tmp_path, (36,), 1)[0, :, 162:].max(axis=3) > 60
    assert captions.any(axis=(1, 2)).all()
    # "0: reach it" and "5: reach it" differ in one digit, "10: push it" in more.
    differ = (captions != captions[0]).sum(axis=(1, 2))
    assert 0 < differ[1] < differ[2:].min()
