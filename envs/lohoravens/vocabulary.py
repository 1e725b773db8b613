"""The words of the tabletop: colors, palettes, categories of colors, sizes of things."""

from __future__ import annotations

from collections.abc import Mapping

from longhaul.envs.lohoravens.things import Vector

COLOR_RGB: Mapping[str, tuple[int, int, int]] = {
    "blue": (78, 121, 167),
    "red": (255, 87, 89),
    "green": (89, 169, 79),
    "orange": (242, 142, 43),
    "yellow": (237, 201, 72),
    "purple": (176, 122, 161),
    "pink": (255, 157, 167),
    "cyan": (118, 183, 178),
    "brown": (156, 117, 95),
    "white": (255, 255, 255),
    "gray": (186, 176, 172),
}
"""RGB (0-255) of every color name: the Tableau colors of cliport/utils/utils.py."""

_EVALUATION = ("blue", "red", "green", "orange", "purple", "pink", "white")

PALETTES: Mapping[str, tuple[str, ...]] = {
    "train": ("blue", "red", "green", "yellow", "brown", "gray", "cyan"),
    "val": _EVALUATION,
    "test": _EVALUATION,
    "full": tuple(COLOR_RGB),
}
"""CLIPort's seen colors (train) and unseen colors (val and test, which differ in their seeds); the
primitives use `full`."""

COLOR_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "cool": ("blue", "green", "cyan", "purple", "gray"),
    "warm": ("red", "yellow", "orange", "brown", "pink"),
    "primary": ("blue", "red", "yellow"),
    "secondary": ("orange", "green", "purple"),
}
"""The categories of colors that instructions use. The published code also lists gold among the warm
colors. No palette has gold, and it was drawn as pure red, so it is left out here. White is in no
category."""

SMALL_EDGE_M, BIG_EDGE_M = 0.04, 0.06
"""Edges of the two sizes of block."""

BLOCK_EDGES_M = (SMALL_EDGE_M, BIG_EDGE_M)

SIZE_WORDS: Mapping[float, str] = {SMALL_EDGE_M: "smaller", BIG_EDGE_M: "bigger"}

BOWL_EXTENTS_M: Vector = (0.115, 0.118, 0.035)
"""Extents of CLIPort's bowl, with the scale that CLIPort gives it."""

ZONE_EDGE_M, ZONE_THICKNESS_M = 0.12, 0.001
"""Default edge, and thickness, of a zone. The area that is drawn is the area that scores."""
