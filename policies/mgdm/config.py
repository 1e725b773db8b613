"""Sizes of an MGDM network, and the one the suite names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, get_args

from envs.specs import require_known
from policies.checkpoint import Architecture
from policies.mgdm.short_term import CAPACITY, Mode


@dataclass(frozen=True)
class MgdmConfig(Architecture):
    """The architecture: all that is needed to build the network and read its weights.

    All sizes are ours: the published network is a frozen EVA-CLIP and a Vicuna-7B. A view is
    `picture` pixels a side and becomes `columns` features of `width`, each of a bearing; `channels`
    is the width of its first convolution. `panorama_layers` fuse the columns of three views,
    `decision_layers` the present and the memory. `text_width` is MiniLM's. The short-term memory
    is trained with `capacity` rows and by the rule `short_term`, but acts with others too.
    """

    name: str = "small"
    picture: int = 128
    channels: int = 24
    columns: int = 8
    width: int = 128
    heads: int = 4
    panorama_layers: int = 2
    decision_layers: int = 2
    text_width: int = 384
    capacity: int = CAPACITY
    short_term: str = "entropy"

    CHOICES: ClassVar = {"short_term": get_args(Mode)}
    FREE: ClassVar = ("capacity", "short_term")


SMALL = MgdmConfig()
CONFIGS = {config.name: config for config in (SMALL,)}


def architecture(name: str) -> MgdmConfig:
    """Return the architecture of that name; ConfigError names the valid ones."""
    require_known("policy.architecture", name, CONFIGS)
    return CONFIGS[name]
