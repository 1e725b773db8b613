"""The measures of CALVIN's four play tables (mees/calvin_env, data/calvin_table_{A,B,C,D}).

Meters in the URDF's own frame: origin on the floor under the middle of the table, x to the
right, y to the back, z up. A loader applies CALVIN's global scaling of 0.8 to all of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Where the links of one table lie along x, their masses, and the table's woods.

    `slide_x` is the left edge of the closed door and `slide_upper` its travel toward -x.
    `body` and `front` name the wood of the table and of its door and drawer. Centers of mass
    (`_com_`) are those of the official URDF: Bullet gives poses relative to them.
    """

    button_x: float
    switch_x: float
    slide_x: float
    slide_upper: float
    drawer_x: float
    plank_x: float
    body: str
    front: str
    base_com_x: float
    slide_com_x: float = 0.175
    light_y: float = 0.165
    light_z: float = -0.035
    light_mass: float = 0.173918
    light_com_y: float = 0.028027

    @property
    def shelf(self) -> tuple[float, float]:
        """Left and right end of the opening in the slope, which the plank fills."""
        return self.plank_x - 0.325, self.plank_x + 0.325


LAYOUTS: dict[str, Layout] = {
    "A": Layout(
        button_x=-0.35,
        switch_x=0.375,
        slide_x=-0.125,
        slide_upper=0.35,
        drawer_x=0.125,
        plank_x=-0.125,
        body="mahogany",
        front="mahogany",
        base_com_x=0.007451,
        slide_com_x=-0.175,
    ),
    "B": Layout(
        button_x=0.35,
        switch_x=-0.4,
        slide_x=0.11,
        slide_upper=0.38,
        drawer_x=0.225,
        plank_x=0.1,
        body="maple",
        front="maple",
        base_com_x=-0.059102,
        light_y=0.17,
        light_z=-0.03,
        light_mass=0.11526,
        light_com_y=0.029904,
    ),
    "C": Layout(
        button_x=-0.15,
        switch_x=-0.4,
        slide_x=0.075,
        slide_upper=0.3,
        drawer_x=0.125,
        plank_x=0.1,
        body="oak",
        front="mahogany",
        base_com_x=-0.043214,
    ),
    "D": Layout(
        button_x=-0.15,
        switch_x=0.375,
        slide_x=-0.125,
        slide_upper=0.35,
        drawer_x=0.225,
        plank_x=-0.125,
        body="walnut",
        front="walnut",
        base_com_x=-0.008745,
        slide_com_x=-0.175,
    ),
}
