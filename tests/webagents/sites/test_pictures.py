"""Pictures of goods: one drawing a kind, in the color that is said."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from longhaul.webagents.sites.classifieds.seed import LISTING_KINDS as ADVERTISED
from longhaul.webagents.sites.pictures import PICTURE_PX, draw, drawing_of
from longhaul.webagents.sites.shop.seed import PRODUCT_COLORS
from longhaul.webagents.sites.shop.seed import PRODUCT_KINDS as SOLD
from longhaul.webagents.sites.silhouettes import PARCEL, SILHOUETTES

KINDS = [kind for goods in (SOLD, ADVERTISED) for kinds, _ in goods.values() for kind in kinds]


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_every_kind_has_a_drawing_of_its_own() -> None:
    assert set(KINDS) == set(SILHOUETTES)
    pictures = {draw(kind, "Blue", PRODUCT_COLORS) for kind in KINDS}
    assert len(pictures) == len(KINDS)
    assert drawing_of("Red Keyboard Piano, like new") == SILHOUETTES["Keyboard Piano"]
    assert drawing_of("Garage find number 7") == PARCEL


@pytest.mark.parametrize(("color", "channel"), [("Red", 0), ("Green", 1), ("Blue", 2)])
@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_has_its_color(kind: str, color: str, channel: int) -> None:
    picture = pixels(draw(kind, color, PRODUCT_COLORS))
    assert picture.shape == (PICTURE_PX, PICTURE_PX, 3)
    rest = np.delete(picture, channel, axis=2).max(axis=2)
    assert np.mean(picture[..., channel] > rest + 50) > 0.01


def test_an_unknown_color_is_named_with_the_valid_ones() -> None:
    with pytest.raises(ValueError, match="color Mauve is unknown; valid: Red"):
        draw("Kite", "Mauve", PRODUCT_COLORS)
