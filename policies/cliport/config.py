"""The architecture of a CLIPort network, and the two that the suite offers by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from longhaul.errors import require_known
from longhaul.policies.checkpoint import Architecture


@dataclass(frozen=True)
class CliportConfig(Architecture):
    """The architecture: all that is needed to build the network and read its weights.

    The defaults are the published ones (arXiv 2109.12098 and its released code). `streams` is
    published (beside a frozen CLIP RN50) or small. `width` is the base number of channels, of
    which all others are multiples or fractions. `text` is clip (one vector for a sentence) or
    minilm (a vector for each of at most `text_tokens` tokens); both are frozen. `n_rotations` is
    the number of yaws in which the crop around the pick, `crop` pixels wide and `channels` deep,
    is correlated with the map.
    """

    name: str = "published"
    streams: str = "published"
    width: int = 64
    text: str = "clip"
    text_width: int = 1024
    text_tokens: int = 1
    n_rotations: int = 36
    crop: int = 64
    channels: int = 3

    CHOICES: ClassVar = {"streams": ("published", "small"), "text": ("clip", "minilm")}
    FREE: ClassVar = ("n_rotations",)


CLIPORT_PUBLISHED = CliportConfig()
CLIPORT_SMALL = CliportConfig(
    name="small",
    streams="small",
    width=32,
    text="minilm",
    text_width=384,
    text_tokens=48,
)
CLIPORT_ARCHITECTURES = {config.name: config for config in (CLIPORT_SMALL, CLIPORT_PUBLISHED)}


def architecture(name: str) -> CliportConfig:
    """Return a named architecture, or raise ConfigError naming the valid ones."""
    require_known("policy.architecture", name, CLIPORT_ARCHITECTURES)
    return CLIPORT_ARCHITECTURES[name]
