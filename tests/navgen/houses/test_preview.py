"""The picture of a house from above."""

import numpy as np

from longhaul.navgen.houses.instances import instances
from longhaul.navgen.houses.preview import draw_house
from tests.navgen.houses.made import small_house


def test_every_story_shows_its_floors() -> None:
    """The middle of a picture is the middle of the story: the hallway's floor upstairs."""
    house = small_house()
    sheet = draw_house(house, 200)
    assert sheet.shape == (200, 400, 3)
    found, pictures = instances(house)
    hallway = next(i.piece for i in found if i.piece.category == "floor" and i.piece.room == 2)
    colors = pictures[hallway.picture].reshape(-1, 3).astype(int)
    spot = sheet[95:105, 280:290].reshape(-1, 3).mean(axis=0)
    assert np.abs(spot - colors.mean(axis=0)).max() < 25
    assert (sheet[:5] == 255).all() and (sheet[-5:] == 255).all()
    for story in (sheet[:, :200], sheet[:, 200:]):
        assert 0.25 < (story < 250).any(axis=2).mean() < 0.9
