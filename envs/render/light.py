"""How a scene is lit: one sun, a sky above, a ground below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHADOWS = ("soft", "none")
Color = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """Colors are linear factors per channel: a white surface shows sky or ground plus sun.

    `direction` points from the scene to the sun (world frame, any length). `sky` lights what
    faces up, `ground` what faces down, with a smooth passage. With `lit` False a picture shows
    colors and textures as they are. `shadow` is soft or none; `shadow_size` is the side of the
    shadow map in pixels: more of them make finer edges, fewer softer and cheaper ones.
    """

    direction: Color = (0.55, -0.35, 1.0)
    sun: Color = (0.46, 0.44, 0.40)
    sky: Color = (0.53, 0.54, 0.56)
    ground: Color = (0.42, 0.40, 0.38)
    background: Color = (0.87, 0.90, 0.94)
    lit: bool = True
    shadow: str = "none"
    shadow_size: int = 256

    def __post_init__(self) -> None:
        if self.shadow not in SHADOWS:
            raise ValueError(f"shadow {self.shadow!r}: choose one of {', '.join(SHADOWS)}")

    @property
    def throws_shadows(self) -> bool:
        """Say whether there is a shadow map."""
        return self.lit and self.shadow == "soft"

    def unit_direction(self) -> NDArray[np.float64]:
        """Return `direction` with length 1."""
        direction = np.asarray(self.direction, float)
        return direction / float(np.linalg.norm(direction))
