"""The measures of CALVIN's four play tables (mees/calvin_env, data/calvin_table_{A,B,C,D}).

Metres in the URDF's own frame: origin on the floor under the middle of the table, x to the
right, y to the back, z up. A loader applies CALVIN's global scaling of 0.8 to all of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """Where the movable parts of one table sit, and its woods.

    `slide_x` is the left edge of the closed door and `slide_upper` its travel towards -x;
    What begins with `light` differs in B alone. `body` and `front` name the wood tone
    of the table and of its door and drawer.
    """

    name: str
    button_x: float
    switch_x: float
    slide_x: float
    slide_upper: float
    drawer_x: float
    plank_x: float
    body: str
    front: str
    light_y: float = 0.165
    light_z: float = -0.035
    light_mass: float = 0.173918
    light_com_y: float = 0.028027
    slide_com_x: float = -0.175
    base_com_x: float = -0.008745

    @property
    def shelf(self) -> tuple[float, float]:
        """Left and right end of the opening in the slope, which the plank fills."""
        return self.plank_x - 0.325, self.plank_x + 0.325


SCENES: dict[str, Scene] = {
    "A": Scene(
        "A",
        -0.35,
        0.375,
        -0.125,
        0.35,
        0.125,
        -0.125,
        "mahogany",
        "mahogany",
        base_com_x=0.007451,
    ),
    "B": Scene(
        "B",
        0.35,
        -0.4,
        0.11,
        0.38,
        0.225,
        0.1,
        "maple",
        "maple",
        light_y=0.17,
        light_z=-0.03,
        light_mass=0.11526,
        light_com_y=0.029904,
        slide_com_x=0.175,
        base_com_x=-0.059102,
    ),
    "C": Scene(
        "C",
        -0.15,
        -0.4,
        0.075,
        0.3,
        0.125,
        0.1,
        "oak",
        "mahogany",
        slide_com_x=0.175,
        base_com_x=-0.043214,
    ),
    "D": Scene("D", -0.15, 0.375, -0.125, 0.35, 0.225, -0.125, "walnut", "walnut"),
}
