"""Sizes of an MGDM network, and the one the suite names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, get_args

from longhaul.errors import ConfigError, require_known
from longhaul.policies.checkpoint import Architecture
from longhaul.policies.mgdm.memory.short_term import CAPACITY, Mode

NAME_SEPARATOR = "; "
"""Separates the names in a list; no name contains it."""


@dataclass(frozen=True)
class MgdmConfig(Architecture):
    """The architecture: all that is needed to build the network and read its weights.

    All sizes are ours: the published network is a frozen EVA-CLIP and a Vicuna-7B. The fields'
    names stand in the metadata of every checkpoint.

    View encoder: `picture` is the side of a view in pixels, `channels` the width of the first
    convolution, `columns` the number of columns into which a view is averaged, and `words` the
    width of the space in which patches are compared with names. `things` and `rooms` are the names
    that it knows, joined by NAME_SEPARATOR.

    Decision: `width` and `heads` are those of both transformers, `panorama_layers` and
    `decision_layers` their numbers of layers, `waypoints` the most candidates of a step, `around`
    the width to which the evidence around a waypoint is reduced, `text_width` MiniLM's width. The
    `head` is a small transformer or a language model (decision/language_head.py).

    Short-term memory: the network was trained with `capacity` rows and the mode `short_term`, but
    acts with others too.
    """

    name: str = "small"
    picture: int = 128
    channels: int = 16
    words: int = 64
    columns: int = 8
    waypoints: int = 40
    around: int = 8
    width: int = 128
    heads: int = 4
    panorama_layers: int = 1
    decision_layers: int = 1
    text_width: int = 384
    capacity: int = CAPACITY
    short_term: str = "entropy"
    head: str = "transformer"
    things: str = ""
    rooms: str = ""

    CHOICES: ClassVar = {
        "short_term": get_args(Mode),
        "head": ("transformer", "language_model"),
    }
    FREE: ClassVar = ("capacity", "short_term", "things", "rooms")

    @property
    def thing_names(self) -> tuple[str, ...]:
        return tuple(self.things.split(NAME_SEPARATOR)) if self.things else ()

    @property
    def room_names(self) -> tuple[str, ...]:
        return tuple(self.rooms.split(NAME_SEPARATOR)) if self.rooms else ()

    @property
    def names(self) -> int:
        """How many names of things and rooms there are."""
        return len(self.thing_names) + len(self.room_names)


SMALL = MgdmConfig(things="chair; table", rooms="kitchen; bedroom")
"""The untrained network, with a few names to stand for those that training brings."""

CONFIGS = {config.name: config for config in (SMALL,)}


def architecture(name: str) -> MgdmConfig:
    """Return the architecture of that name; ConfigError names the valid ones."""
    require_known("policy.architecture", name, CONFIGS)
    return CONFIGS[name]


def named(config: MgdmConfig, things: Sequence[str], rooms: Sequence[str]) -> MgdmConfig:
    """Return an architecture with these names. Raises ConfigError for a name that contains
    NAME_SEPARATOR."""
    for name in (*things, *rooms):
        if NAME_SEPARATOR in name:
            raise ConfigError(f"a name may not hold {NAME_SEPARATOR!r}: {name!r}")
    return replace(config, things=NAME_SEPARATOR.join(things), rooms=NAME_SEPARATOR.join(rooms))
