"""Stand-ins for tests: texts embedded by their words, and entries drawn at random."""

from __future__ import annotations

import zlib

import numpy as np

from longhaul.policies.mgdm.memory.long_term import Entry

TARGETS = ("towel in the bathroom", "sofa in the living room", "kettle in the kitchen")
SCENES = ("house-1", "house-2", "house-3")
ACTIONS = 4
WIDTH = 12


def embed(texts):
    """Texts that share words are alike."""
    rows = np.zeros((len(texts), 64), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.split():
            row[zlib.crc32(word.encode()) % 64] += 1
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def entries(count=300, seed=0):
    generator = np.random.default_rng(seed)
    for _ in range(count):
        yield Entry(
            TARGETS[generator.integers(len(TARGETS))],
            generator.standard_normal(WIDTH),
            int(generator.integers(ACTIONS)),
            SCENES[generator.integers(len(SCENES))],
        )
