"""The robot's size and the voxels' size, from which a walkable surface is made."""

from __future__ import annotations

import math
from dataclasses import dataclass

from longhaul.errors import ConfigError


@dataclass(frozen=True)
class Settings:
    """Names, units (m, degrees) and values are those of habitat-sim's NavMeshSettings.

    `region_min_size` is the side, in cells, of the smallest square that is kept; `edge_max_error`
    is how far a simplified boundary may be from its cells, in cells. Raises ConfigError for a size
    that is not positive.
    """

    agent_radius: float = 0.1
    agent_height: float = 1.5
    agent_max_climb: float = 0.2
    agent_max_slope: float = 45.0
    cell_size: float = 0.05
    cell_height: float = 0.2
    region_min_size: float = 20.0
    edge_max_error: float = 1.3

    def __post_init__(self) -> None:
        for name in ("agent_height", "agent_max_climb", "cell_size", "cell_height"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"navmesh.{name}={getattr(self, name)} must be positive")
        if not self.agent_radius >= 0:
            raise ConfigError(f"navmesh.agent_radius={self.agent_radius} must be at least 0")

    @property
    def radius(self) -> int:
        """The robot's radius in cells, rounded up."""
        return math.ceil(round(self.agent_radius / self.cell_size, 4))

    @property
    def height(self) -> int:
        """The robot's height in levels, rounded up: so much must be free above a floor."""
        return math.ceil(round(self.agent_height / self.cell_height, 4))

    @property
    def climb(self) -> int:
        """The highest step in levels, rounded down."""
        return math.floor(round(self.agent_max_climb / self.cell_height, 4))
