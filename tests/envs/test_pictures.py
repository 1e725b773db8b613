"""Pictures of several cameras as one."""

from __future__ import annotations

import numpy as np

from longhaul.envs.pictures import side_by_side, upright
from longhaul.envs.specs import TRANSPOSED, CameraSpec


def test_pictures_stand_in_a_row_as_high_as_the_highest() -> None:
    tall = np.full((40, 30, 3), 10, np.uint8)
    wide = np.full((20, 40, 3), 200, np.uint8)
    row = side_by_side([tall, wide])
    assert row.shape == (40, 30 + 80, 3) and row.dtype == np.uint8
    assert (row[:, :30] == 10).all() and (row[:, 30:] == 200).all()
    assert side_by_side([tall, wide], 20).shape == (20, 15 + 40, 3)


def test_one_picture_is_copied() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    assert not np.shares_memory(side_by_side([picture]), picture)


def test_a_transposed_picture_is_turned_upright() -> None:
    picture = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)
    camera = CameraSpec("map", 2, 5, orientation=TRANSPOSED)
    np.testing.assert_array_equal(upright(picture, camera)[4, 1], picture[1, 4])
    assert upright(picture, CameraSpec("rgb", 2, 5)) is picture
