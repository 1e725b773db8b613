"""Sizes of an MGDM network, and the one the suite names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, get_args

from longhaul.errors import ConfigError, require_known
from longhaul.policies.checkpoint import Architecture
from longhaul.policies.mgdm.memory.short_term import CAPACITY, Mode

BETWEEN = "; "
"""Stands between names in a list of them; no name has it."""


@dataclass(frozen=True)
class MgdmConfig(Architecture):
    """The architecture: all that is needed to build the network and read its weights.

    All sizes are ours: the published network is a frozen EVA-CLIP and a Vicuna-7B. The view encoder
    takes views of `picture` pixels a side and gives `columns` features, each of a bearing;
    `channels` is the width of its first convolution, `words` that of the space in which it compares
    what it sees with `things` and `rooms`, the names that it knows. `panorama_layers` fuse the
    columns of three views, `decision_layers` the present, the memory and at most as many
    `waypoints`, of which what was seen `around` each is told in so many numbers; `text_width` is
    MiniLM's. The short-term memory is trained with `capacity` rows and
    by the rule `short_term`, but acts with others too. The `head` is a small transformer or a
    language model (policies/mgdm/decision/language_head.py).
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
        return tuple(self.things.split(BETWEEN)) if self.things else ()

    @property
    def room_names(self) -> tuple[str, ...]:
        return tuple(self.rooms.split(BETWEEN)) if self.rooms else ()

    @property
    def names(self) -> int:
        """How many names it knows, of things and rooms."""
        return len(self.thing_names) + len(self.room_names)


SMALL = MgdmConfig(things="chair; table", rooms="kitchen; bedroom")
"""Before training it knows next to no names."""

CONFIGS = {config.name: config for config in (SMALL,)}


def architecture(name: str) -> MgdmConfig:
    """Return the architecture of that name; ConfigError names the valid ones."""
    require_known("policy.architecture", name, CONFIGS)
    return CONFIGS[name]


def named(config: MgdmConfig, things: Sequence[str], rooms: Sequence[str]) -> MgdmConfig:
    """Return an architecture that knows these names; ConfigError for one that cannot be listed."""
    for name in (*things, *rooms):
        if BETWEEN in name:
            raise ConfigError(f"a name may not hold {BETWEEN!r}: {name!r}")
    return replace(config, things=BETWEEN.join(things), rooms=BETWEEN.join(rooms))
