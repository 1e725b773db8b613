"""The play table: its eight links in CALVIN's order, as primitives that a handful of boxes make.

Measures are those of data/calvin_table_X in mees/calvin_env (see `scenes`). The base's official
collision shape is a concave mesh and the moving links' are convex hulls, to which Bullet adds a
margin of 1 mm after scaling; boxes get none, so those here are `HULL_MARGIN` larger. Blocks then
rest, and handles are felt, at the official heights.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import pi, sqrt
from pathlib import Path

import numpy as np

from envs.calvin.assets import shapes, textures, urdf
from envs.calvin.assets.scenes import Scene
from envs.calvin.assets.shapes import Array, Mesh

HULL_MARGIN = 0.00125
# Metres of wood that the width of the texture shows; the table is 1.1 wide.
GRAIN_TILE = 1.2

Corners = tuple[tuple[float, float, float], tuple[float, float, float]]
BLACK = (0.0, 0.0, 0.0, 1.0)
GREY = (0.32, 0.32, 0.33, 1.0)

# The slope that carries door and switch, in (y, z): a wedge of 60 degrees behind the table top.
SLOPE_FOOT, SLOPE_HEAD, BACK = (0.025, 0.55), (0.175, 0.809808), 0.225
OPENING_TOP = 0.784808


def write(scene: Scene, folder: Path) -> None:
    """Write urdf/, meshes/ and textures/ of one table into `folder`."""
    for name in ("urdf", "meshes", "textures"):
        (folder / name).mkdir(parents=True)
    textures.write_png(folder / "textures" / "body.png", textures.wood(scene.body))
    textures.write_png(folder / "textures" / "front.png", textures.wood(scene.front))
    meshes = folder / "meshes"
    for name, (mesh, texture) in _visuals(scene).items():
        shapes.write_obj(meshes / f"{name}_link.obj", mesh, texture)
    shapes.write_hulls(meshes / "base_wedges.obj", [_inset(w) for w in _wedges(scene)])
    links = _links(scene)
    urdf.write(folder / "urdf" / f"{folder.name}.urdf", urdf.robot(folder.name, links))


def _links(scene: Scene) -> list[urdf.Link]:
    base = [urdf.span(*corners) for corners in _boards(scene)]
    ring = urdf.Shape(
        "cylinder", {"radius": "0.049", "length": "0.024"}, (scene.button_x, -0.15, 0.562)
    )
    wedges = urdf.mesh("../meshes/base_wedges.obj")
    upright = (pi / 2, 0.0, 0.0)
    return [
        urdf.Link(
            "base_link", 0.0, (0, 0.501033, -0.045054), _visual("base"), [*base, ring, wedges]
        ),
        urdf.Link(
            "button_link",
            0.153812,
            (0, 0.015, 0),
            _visual("button"),
            [urdf.Shape("cylinder", {"radius": "0.04", "length": "0.03"}, (0, 0.015, 0), upright)],
            BLACK,
            urdf.Joint(
                "base__button",
                "prismatic",
                (scene.button_x, -0.15, 0.575),
                upright,
                (0, -1, 0),
                0.025,
            ),
        ),
        urdf.Link(
            "switch_link",
            0.238787,
            (0, 0.050195, -0.01),
            _visual("switch"),
            _grown(SWITCH),
            GREY,
            urdf.Joint(
                "base__switch",
                "prismatic",
                (scene.switch_x, 0.0761602540378, 0.618612159322),
                (5 * pi / 6, 0, 0),
                (0, 0, -1),
                0.11,
            ),
        ),
        urdf.Link(
            "slide_link",
            1.543491,
            (scene.slide_com_x, 0, 0.020415),
            _visual("slide"),
            _grown(SLIDE),
            joint=urdf.Joint(
                "base__slide",
                "prismatic",
                (scene.slide_x, 0.09375, 0.66908),
                (pi / 3, 0, 0),
                (-1, 0, 0),
                scene.slide_upper,
            ),
        ),
        urdf.Link(
            "drawer_link",
            4.231281,
            (0, 0.033198, 0.098855),
            _visual("drawer"),
            _grown(DRAWER),
            joint=urdf.Joint(
                "base__drawer", "prismatic", (scene.drawer_x, 0, 0.4), upright, (0, 0, 1), 0.275
            ),
        ),
        urdf.Link(
            "led_link",
            0.204,
            (0, 0.01, 0),
            _visual("led"),
            _grown([((-0.1, 0, -0.025), (0.1, 0.02, 0.025))]),
            joint=urdf.Joint("base__led", "fixed", (scene.button_x, 0.2, 0.80981), upright),
        ),
        urdf.Link(
            "light_link",
            scene.light_mass,
            (0, 0.028027 if scene.light_z == -0.035 else 0.029904, scene.light_z),
            _visual("light"),
            [urdf.mesh("../meshes/light_link.obj")],
            joint=urdf.Joint(
                "base__light", "fixed", (scene.switch_x, scene.light_y, 0.80981), upright
            ),
        ),
        urdf.Link(
            "plank_link",
            2.84375,
            (0, 0.0125, 0),
            _visual("plank"),
            _grown([PLANK]),
            joint=urdf.Joint("base__plank", "fixed", (scene.plank_x, 0.1125, 0.525), upright),
        ),
    ]


# Boxes in the links' own frames: y of a drawer or plank is up, z of a drawer is its way out; x of
# a door or switch is along the table, y up the slope (switch: out of it), z out of it.
PLANK: Corners = ((-0.325, 0, -0.0875), (0.325, 0.025, 0.0875))
DRAWER: Sequence[Corners] = (
    ((-0.2761, -0.0261, 0.1967), (0.2761, 0.1015, 0.2275)),
    ((-0.2519, -0.0019, -0.0761), (0.2519, 0.1015, -0.0475)),
    ((-0.2519, -0.0019, -0.0475), (-0.2215, 0.1015, 0.1967)),
    ((0.2215, -0.0019, -0.0475), (0.2519, 0.1015, 0.1967)),
    ((-0.2215, -0.0019, -0.0475), (0.2215, 0.0267, 0.1967)),
    ((-0.1507, 0.0245, 0.2275), (-0.1199, 0.0773, 0.3265)),
    ((0.1199, 0.0245, 0.2275), (0.1507, 0.0773, 0.3265)),
    ((-0.1199, 0.0245, 0.2979), (0.1199, 0.0751, 0.3265)),
)
SLIDE: Sequence[Corners] = (
    ((-0.0007, -0.1507, -0.0007), (0.3507, 0.1503, 0.0262)),
    ((0.149, -0.1003, 0.0262), (0.2009, -0.0721, 0.1001)),
    ((0.149, 0.0717, 0.0262), (0.2009, 0.1014, 0.1001)),
    ((0.149, -0.0721, 0.0711), (0.2009, 0.0717, 0.1001)),
)
SWITCH: Sequence[Corners] = (
    ((-0.0753, -0.0003, -0.0303), (-0.0495, 0.0803, 0.01)),
    ((0.0482, -0.0003, -0.0303), (0.0753, 0.0803, 0.01)),
    ((-0.0495, 0.0532, -0.0303), (0.0482, 0.0803, 0.01)),
)


def _grown(boxes: Sequence[Corners]) -> list[urdf.Shape]:
    return [urdf.span(low, high, HULL_MARGIN) for low, high in boxes]


def _visual(name: str) -> urdf.Shape:
    return urdf.mesh(f"../meshes/{name}_link.obj")


def _boards(scene: Scene) -> list[Corners]:
    """Return the straight boards of the base: legs, drawer case, table top and shelf."""
    drawer0, drawer1 = scene.drawer_x - 0.25, scene.drawer_x + 0.25
    shelf0, shelf1 = scene.plank_x - 0.325, scene.plank_x + 0.325
    legs: list[Corners] = [
        ((x, y, 0), (x + 0.05, y + 0.04, 0.5)) for x in (-0.55, 0.5) for y in (-0.225, 0.185)
    ]
    return [
        *legs,
        ((-0.525, -0.2, 0.375), (0.525, 0.2, 0.4)),
        ((-0.525, -0.2, 0.4), (drawer0, 0.2, 0.5)),
        ((drawer1, -0.2, 0.4), (0.525, 0.2, 0.5)),
        ((drawer0, 0.075, 0.4), (drawer1, 0.2, 0.5)),
        ((-0.55, -0.225, 0.5), (0.55, 0.025, 0.55)),
        ((shelf0, 0.025, 0.5), (shelf1, BACK, 0.525)),
        ((shelf0, 0.2, 0.525), (shelf1, BACK, OPENING_TOP)),
    ]


def _wedges(scene: Scene) -> list[tuple[list[tuple[float, float]], float, float]]:
    """Return the sloped parts as outlines in (y, z), anticlockwise from +x, and their x range."""
    shelf0, shelf1 = scene.plank_x - 0.325, scene.plank_x + 0.325
    back = SLOPE_HEAD[1]
    side = [(0.025, 0.5), (BACK, 0.5), (BACK, back), SLOPE_HEAD, SLOPE_FOOT]
    front_y = SLOPE_HEAD[0] - (back - OPENING_TOP) / sqrt(3)
    lintel = [(front_y, OPENING_TOP), (BACK, OPENING_TOP), (BACK, back), SLOPE_HEAD]
    return [(side, -0.55, shelf0), (side, shelf1, 0.55), (lintel, shelf0, shelf1)]


def _inset(wedge: tuple[list[tuple[float, float]], float, float]) -> Array:
    """Return the corners (2K, 3) of a wedge with every face moved in by the margin Bullet adds."""
    outline, x0, x1 = wedge
    points = np.asarray(outline)
    edges = np.roll(points, -1, axis=0) - points
    outward = np.column_stack([edges[:, 1], -edges[:, 0]])
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    offsets = (outward * points).sum(axis=1) - HULL_MARGIN
    corners = [
        np.linalg.solve(np.stack([outward[i - 1], outward[i]]), [offsets[i - 1], offsets[i]])
        for i in range(len(points))
    ]
    return np.array([(x, *yz) for x in (x0 + HULL_MARGIN, x1 - HULL_MARGIN) for yz in corners])


def _visuals(scene: Scene) -> dict[str, tuple[Mesh, str]]:
    """Return each link's visual mesh and its texture file, '' for a plain colour."""
    body, front = "../textures/body.png", "../textures/front.png"
    outward_y = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]
    switch = shapes.handle(0.125, 0.0675, 0.04, 0.03).mapped(outward_y, (0, 0, -0.01))
    return {
        "base": (_base_visual(scene), body),
        "button": (shapes.lathe([(0.04, 0.0), (0.04, 0.026), (0.036, 0.03), (0, 0.03)]), ""),
        "switch": (switch, ""),
        "slide": (_door_visual(), front),
        "drawer": (_drawer_visual(), front),
        "led": (shapes.box((-0.1, 0, -0.025), (0.1, 0.02, 0.025)), ""),
        "light": (_bulb(scene), ""),
        "plank": (_grained(shapes.box(*PLANK), 0, 0.3), body),
    }


def _base_visual(scene: Scene) -> Mesh:
    parts = []
    for number, (low, high) in enumerate(_boards(scene)):
        grain = 2 if number < 4 else 0
        parts.append(_grained(shapes.box(low, high), grain, 0.37 * number))
    for number, (outline, x0, x1) in enumerate(_wedges(scene)):
        # Above the table top only: the foot of a wedge is the table top's own board.
        parts.append(_grained(shapes.prism(outline, x0, x1), 0, 0.61 + 0.23 * number))
    ring = shapes.lathe([(0.05, 0), (0.05, 0.025), (0.0375, 0.025), (0.0375, 0)])
    upright = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    parts.append(_grained(ring.mapped(upright, (scene.button_x, -0.15, 0.55)), 0, 0.15))
    parts += [_groove(scene.switch_x - 0.0625), _groove(scene.switch_x + 0.0625)]
    return shapes.merge(parts)


def _groove(x: float) -> Mesh:
    """Return one of the two dark slots in which the switch slides, laid on the slope."""
    along, out = np.array([0, 0.5, sqrt(3) / 2]), np.array([0, -sqrt(3) / 2, 0.5])
    angles = np.linspace(0, pi, 6)
    outline = [(0.0125 * np.cos(a), 0.0625 + 0.0125 * np.sin(a)) for a in angles]
    outline += [(-u, -v) for u, v in outline]
    middle = np.array([x, 0.1, 0.679904]) + 0.0015 * out
    corners = [middle + np.array([u, 0, 0]) + v * along for u, v in outline]
    return shapes.polygon(corners).painted(textures.GROOVE_UV)


def _door_visual() -> Mesh:
    panel = _grained(shapes.box((0, -0.1375, 0), (0.35, 0.1375, 0.025)), 1, 0.1)
    bar = shapes.handle(0.175, 0.0625, 0.05, 0.02)
    bar = bar.mapped([[0, 1, 0], [1, 0, 0], [0, 0, 1]], (0.175, 0, 0.025))
    return shapes.merge([panel, _flipped(bar).painted(textures.HANDLE_UV)])


def _drawer_visual() -> Mesh:
    walls = [
        ((-0.275, -0.025, 0.2), (0.275, 0.1, 0.225)),
        ((-0.25, 0, -0.075), (0.25, 0.1, -0.05)),
        ((-0.25, 0, -0.05), (-0.225, 0.1, 0.2)),
        ((0.225, 0, -0.05), (0.25, 0.1, 0.2)),
        ((-0.225, 0, -0.05), (0.225, 0.025, 0.2)),
    ]
    grains = (0, 0, 2, 2, 0)
    boards = [
        _grained(shapes.box(low, high), grain, 0.2 * number)
        for number, ((low, high), grain) in enumerate(zip(walls, grains, strict=True))
    ]
    bar = shapes.handle(0.275, 0.0875, 0.05, 0.02).mapped(np.eye(3), (0, 0.05, 0.225))
    return shapes.merge([*boards, bar.painted(textures.HANDLE_UV)])


def _bulb(scene: Scene) -> Mesh:
    """Return the light bulb: a ball of radius 0.035 that sits on a foot of radius 0.025."""
    start = np.arcsin(0.025 / 0.035)
    angles = np.linspace(start, pi, 9)
    profile = [(0.025, 0.0), *((0.035 * np.sin(a), 0.027 - 0.035 * np.cos(a)) for a in angles)]
    return shapes.ball(profile, 16).mapped(np.eye(3), (0, 0, scene.light_z))


def _flipped(mesh: Mesh) -> Mesh:
    """Return a mirrored mesh with its faces turned outwards again."""
    return Mesh(mesh.vertices, mesh.normals, mesh.uv, mesh.faces[:, ::-1])


def _grained(mesh: Mesh, grain: int, shift: float) -> Mesh:
    """Lay the wood on a mesh: `grain` is the axis along which fibres run, `shift` picks a place."""
    uv = np.empty((len(mesh.vertices), 2))
    facing = np.abs(mesh.normals).argmax(axis=1)
    for axis in range(3):
        rows = facing == axis
        if not rows.any():
            continue
        others = [i for i in range(3) if i != axis]
        along = grain if grain in others else others[0]
        across = next(i for i in others if i != along)
        for column, direction, width in ((0, along, textures.WOOD_WIDTH), (1, across, 1.0)):
            place = mesh.vertices[rows, direction] / GRAIN_TILE
            place -= place.min()
            room = max(0.0, 1.0 - place.max())
            uv[rows, column] = (place + room * ((shift * (axis + 1)) % 1.0)) * width
    return Mesh(mesh.vertices, mesh.normals, uv, mesh.faces)
