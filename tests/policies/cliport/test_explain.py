"""What a CLIPort says that it had in mind: heat where it is likely, crosses where it acts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from longhaul.policies.cliport.explain import (
    CROSS_ARM_PX,
    NEAR_PX,
    PICTURE_SCALE,
    Decision,
    explain,
)
from longhaul.policies.policy import Picture

ROWS, COLUMNS, TURNS = 32, 64, 4
PICK, PLACE = (10, 40), (3, 20, 30)
GRAY = 0.5


def decision(peak: float) -> Decision:
    """Return a decision upon a gray table with two peaks of logits, of which the second is chosen
    for its yaw of 270 degrees."""
    pick, place = torch.zeros(ROWS, COLUMNS), torch.zeros(TURNS, ROWS, COLUMNS)
    pick[PICK], place[PLACE] = peak, peak
    colors = torch.full((ROWS, COLUMNS, 3), GRAY)
    return Decision(colors, pick, place, torch.tensor(PICK), torch.tensor(PLACE))


def picture(told: object) -> np.ndarray:
    assert isinstance(told, Picture) and told.of == "rgb_map" and told.ahead == 0
    return told.image


def test_likelihoods_are_of_all_that_is_near() -> None:
    """As scipy adds the softmax up over a disc."""
    told = explain(decision(5.0))
    disc = np.hypot(*np.ogrid[-NEAR_PX : NEAR_PX + 1, -NEAR_PX : NEAR_PX + 1]) <= NEAR_PX
    given = decision(5.0)
    for name, logits, at in (
        ("pick", given.pick_logits[None], PICK),
        ("place", given.place_logits, PLACE[1:]),
    ):
        shares = logits.flatten().double().softmax(0).view_as(logits).sum(0).numpy()
        near = ndimage.convolve(shares, disc.astype(float), mode="constant")
        assert told[f"p({name} within 2 cm)"] == pytest.approx(near[at])
    assert told["turn (degrees)"] == -90


def test_what_is_as_likely_as_chance_has_no_color() -> None:
    """A table in which all places are as likely is the table, but for the cross."""
    flat, sharp = (picture(explain(decision(peak))["where to pick"]) for peak in (0.0, 20.0))
    assert flat.shape == (COLUMNS * PICTURE_SCALE, ROWS * PICTURE_SCALE, 3)
    row, column = (
        PICK[1] * PICTURE_SCALE,
        PICK[0] * PICTURE_SCALE,
    )  # upright: the map's rows run across
    assert np.ptp(flat[row + PICTURE_SCALE // 2, column + PICTURE_SCALE // 2].astype(int)) == 0
    red, green, blue = sharp[row + PICTURE_SCALE // 2, column + PICTURE_SCALE // 2].tolist()
    assert red > 200 and green > 180 and blue < 120
    far = sharp[5, 5]
    assert np.ptp(far.astype(int)) == 0 and far[0] < 255 * GRAY


def test_the_cross_is_where_it_acts() -> None:
    flat = picture(explain(decision(0.0))["where to place"])
    rows, columns = np.nonzero(np.ptp(flat.astype(int), axis=2))
    assert rows.mean() == pytest.approx(PICTURE_SCALE * (PLACE[2] + 0.5), abs=1)
    assert columns.mean() == pytest.approx(PICTURE_SCALE * (PLACE[1] + 0.5), abs=1)
    assert np.ptp(rows) == pytest.approx(2 * CROSS_ARM_PX * PICTURE_SCALE, abs=4)
