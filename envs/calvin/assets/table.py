"""The play table: its eight links in CALVIN's order, made of a handful of primitives.

Measures are those of data/calvin_table_X in mees/calvin_env (see `layouts`). The moving links'
official collision shapes are convex hulls, to which Bullet adds a margin of 1 mm; the boxes here
are larger by as much, so that contacts happen at the official places.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from pathlib import Path

import numpy as np

from longhaul.envs.calvin.assets import base, handles, shapes, textures, urdf
from longhaul.envs.calvin.assets.base import HULL_MARGIN_M, Corners
from longhaul.envs.calvin.assets.layouts import Layout
from longhaul.envs.calvin.assets.shapes import Mesh

BLACK = (0.0, 0.0, 0.0, 1.0)
GRAY = (0.4, 0.4, 0.41, 1.0)
Y_TO_Z_RPY = (pi / 2, 0.0, 0.0)

# Boxes in the links' own frames. y of plank, LED and drawer points up, and the drawer opens along
# its z. The door's x points along the table, its y up the slope and its z out of the slope.
PLANK: Corners = ((-0.325, 0, -0.0875), (0.325, 0.025, 0.0875))
LED: Corners = ((-0.1, 0, -0.025), (0.1, 0.02, 0.025))
DOOR: Corners = ((-0.0007, -0.1507, -0.0007), (0.3507, 0.1503, 0.0262))
DRAWER: Sequence[Corners] = (
    ((-0.2761, -0.0261, 0.1967), (0.2761, 0.1015, 0.2275)),
    ((-0.2519, -0.0019, -0.0761), (0.2519, 0.1015, -0.0475)),
    ((-0.2519, -0.0019, -0.0475), (-0.2215, 0.1015, 0.1967)),
    ((0.2215, -0.0019, -0.0475), (0.2519, 0.1015, 0.1967)),
    ((-0.2215, -0.0019, -0.0475), (0.2215, 0.0267, 0.1967)),
)


def write(layout: Layout, folder: Path) -> None:
    """Write urdf/, meshes/ and textures/ of one table into `folder`."""
    for name in ("urdf", "meshes", "textures"):
        (folder / name).mkdir(parents=True)
    textures.write_png(folder / "textures" / "body.png", textures.wood(layout.body))
    textures.write_png(folder / "textures" / "front.png", textures.wood(layout.front))
    meshes = folder / "meshes"
    for name, (mesh, texture) in visuals(layout).items():
        shapes.write_obj(meshes / f"{name}_link.obj", mesh, texture)
    hulls = {
        "base_wedges": base.wedge_hulls(layout),
        "slide_handle": handles.slide_hulls(),
        "drawer_handle": handles.drawer_hulls(),
        "switch_handle": handles.switch_hulls(),
    }
    for name, points in hulls.items():
        shapes.write_hulls(meshes / f"{name}.obj", points)
    shapes.write_hull(meshes / "light_hull.obj", _bulb(layout).vertices)
    links = [*_moving_links(layout), *_fixed_links(layout)]
    urdf.write(folder / "urdf" / f"{folder.name}.urdf", urdf.robot(folder.name, links))


def visuals(layout: Layout) -> dict[str, tuple[Mesh, str]]:
    """Return each link's visual mesh and its texture file, '' for a plain color."""
    body, front = "../textures/body.png", "../textures/front.png"
    button = [(0, 0), (0.04, 0), (0.04, 0.026), (0.036, 0.03), (0, 0.03)]
    return {
        "base": (base.visual(layout), body),
        "button": (shapes.lathe(button), ""),
        "switch": (handles.switch_mesh(), ""),
        "slide": (_door_visual(), front),
        "drawer": (_drawer_visual(), front),
        "led": (shapes.box(*LED), ""),
        "light": (_bulb(layout), ""),
        "plank": (textures.lay_wood(shapes.box(*PLANK), 0, 0.3), body),
    }


def _moving_links(layout: Layout) -> list[urdf.Link]:
    """Return the base and the four links that slide on it, with CALVIN's masses and axes."""
    button = urdf.Shape("cylinder", {"radius": "0.04", "length": "0.03"}, (0, 0.015, 0), Y_TO_Z_RPY)
    return [
        urdf.Link(
            "base_link",
            0.0,
            (layout.base_com_x, 0.501033, -0.045054),
            _mesh("base_link"),
            [*base.collisions(layout), _mesh("base_wedges")],
        ),
        urdf.Link(
            "button_link",
            0.153812,
            (0, 0.015, 0),
            _mesh("button_link"),
            [button],
            BLACK,
            _slider("button", (layout.button_x, -0.15, 0.575), Y_TO_Z_RPY[0], (0, -1, 0), 0.025),
        ),
        urdf.Link(
            "switch_link",
            0.238787,
            (0, 0.050195, -0.01),
            _mesh("switch_link"),
            [_mesh("switch_handle")],
            GRAY,
            _slider("switch", (layout.switch_x, 0.07616, 0.618612), 5 * pi / 6, (0, 0, -1), 0.11),
        ),
        urdf.Link(
            "slide_link",
            1.543491,
            (layout.slide_com_x, 0, 0.020415),
            _mesh("slide_link"),
            [*_grown([DOOR]), _mesh("slide_handle")],
            joint=_slider(
                "slide", (layout.slide_x, 0.09375, 0.66908), pi / 3, (-1, 0, 0), layout.slide_upper
            ),
        ),
        urdf.Link(
            "drawer_link",
            4.231281,
            (0, 0.033198, 0.098855),
            _mesh("drawer_link"),
            [*_grown(DRAWER), _mesh("drawer_handle")],
            joint=_slider("drawer", (layout.drawer_x, 0, 0.4), Y_TO_Z_RPY[0], (0, 0, 1), 0.275),
        ),
    ]


def _fixed_links(layout: Layout) -> list[urdf.Link]:
    """Return LED, light bulb and the plank on the shelf's floor."""
    return [
        urdf.Link(
            "led_link",
            0.204,
            (0, 0.01, 0),
            _mesh("led_link"),
            _grown([LED]),
            joint=urdf.Joint("base__led", "fixed", (layout.button_x, 0.2, 0.80981), Y_TO_Z_RPY),
        ),
        urdf.Link(
            "light_link",
            layout.light_mass,
            (0, layout.light_com_y, layout.light_z),
            _mesh("light_link"),
            [_mesh("light_hull")],
            joint=urdf.Joint(
                "base__light", "fixed", (layout.switch_x, layout.light_y, 0.80981), Y_TO_Z_RPY
            ),
        ),
        urdf.Link(
            "plank_link",
            2.84375,
            (0, 0.0125, 0),
            _mesh("plank_link"),
            _grown([PLANK]),
            joint=urdf.Joint("base__plank", "fixed", (layout.plank_x, 0.1125, 0.525), Y_TO_Z_RPY),
        ),
    ]


def _mesh(name: str) -> urdf.Shape:
    return urdf.mesh(f"../meshes/{name}.obj")


def _grown(boxes: Sequence[Corners]) -> list[urdf.Shape]:
    return [urdf.span(low, high, HULL_MARGIN_M) for low, high in boxes]


def _slider(
    name: str,
    xyz: tuple[float, float, float],
    roll: float,
    axis: tuple[float, float, float],
    upper: float,
) -> urdf.Joint:
    return urdf.Joint(f"base__{name}", "prismatic", xyz, (roll, 0.0, 0.0), axis, upper)


def _door_visual() -> Mesh:
    panel = textures.lay_wood(shapes.box((0, -0.1375, 0), (0.35, 0.1375, 0.025)), 1, 0.1)
    return shapes.merge([panel, handles.slide_mesh().painted(textures.HANDLE_UV)])


def _drawer_visual() -> Mesh:
    boards: Sequence[tuple[Corners, int]] = (
        (((-0.275, -0.025, 0.2), (0.275, 0.1, 0.225)), 0),
        (((-0.25, 0, -0.075), (0.25, 0.1, -0.05)), 0),
        (((-0.25, 0, -0.05), (-0.225, 0.1, 0.2)), 2),
        (((0.225, 0, -0.05), (0.25, 0.1, 0.2)), 2),
        (((-0.225, 0, -0.05), (0.225, 0.025, 0.2)), 0),
    )
    meshes = [
        textures.lay_wood(shapes.box(low, high), grain, 0.2 * number)
        for number, ((low, high), grain) in enumerate(boards)
    ]
    return shapes.merge([*meshes, handles.drawer_mesh().painted(textures.HANDLE_UV)])


def _bulb(layout: Layout) -> Mesh:
    """Return the light bulb: a ball of radius 0.035 on a foot of radius 0.025."""
    angles = np.linspace(np.arcsin(0.025 / 0.035), pi, 9)
    ball = [(0.0352 * np.sin(angle), 0.027 - 0.035 * np.cos(angle)) for angle in angles]
    profile = [(0, 0), (0.025, 0), *ball]
    return shapes.ball(profile, 20).mapped(np.eye(3), (0, 0, layout.light_z))
