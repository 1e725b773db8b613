"""The words of the tabletop: colors, palettes, categories of colors, sizes of things."""

from __future__ import annotations

from collections.abc import Mapping

from longhaul.envs.lohoravens.things import Vector

COLORS: Mapping[str, tuple[int, int, int]] = {
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
"""RGB (0-255): the Tableau colors of cliport/utils/utils.py."""

_EVALUATION = ("blue", "red", "green", "orange", "purple", "pink", "white")

PALETTES: Mapping[str, tuple[str, ...]] = {
    "train": ("blue", "red", "green", "yellow", "brown", "gray", "cyan"),
    "val": _EVALUATION,
    "test": _EVALUATION,
    "full": tuple(COLORS),
}
"""CLIPort's seen and unseen colors; val and test differ by their seeds. Primitives have `full`."""

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "cool": ("blue", "green", "cyan", "purple", "gray"),
    "warm": ("red", "yellow", "orange", "brown", "pink"),
    "primary": ("blue", "red", "yellow"),
    "secondary": ("orange", "green", "purple"),
}
"""What commonsense says of colors. The published code has gold among the warm ones, which is no
color of the palette and came out as pure red: it is left out. White is in no category."""

SMALL, BIG = 0.04, 0.06
"""Edges of the two sizes of block (m)."""

EDGES = (SMALL, BIG)

SIZE_WORDS: Mapping[float, str] = {SMALL: "smaller", BIG: "bigger"}

BOWL: Vector = (0.115, 0.118, 0.035)
"""Extents of CLIPort's bowl with its scale (m)."""

ZONE_SIDE, ZONE_HEIGHT = 0.12, 0.001
"""Edge and thickness of a zone (m). What is seen is what scores, whatever a task's edge is."""
