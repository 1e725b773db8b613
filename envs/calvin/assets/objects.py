"""Blocks and floor (data/blocks and data/plane in mees/calvin_env)."""

from __future__ import annotations

from pathlib import Path

from longhaul.envs.calvin.assets import shapes, textures, urdf

BLOCK_RGBA = {
    "red": (1.0, 0.0, 0.0, 1.0),
    "blue": (0.0, 0.0, 1.0, 1.0),
    "pink": (1.0, 0.0, 1.0, 1.0),
}
# Length along x before CALVIN's global scaling of 0.8; the other two sides are 0.05.
BLOCK_LENGTHS_M = {"small": 0.05, "middle": 0.07, "big": 0.1}


def write_blocks(folder: Path) -> None:
    """Write block_<color>_<size>.urdf for three colors and three sizes."""
    folder.mkdir(parents=True)
    for color, rgba in BLOCK_RGBA.items():
        for size, length in BLOCK_LENGTHS_M.items():
            box = urdf.Shape("box", {"size": urdf.numbers((length, 0.05, 0.05))})
            friction = {"lateral_friction": 0.7, "spinning_friction": 0.001}
            link = urdf.Link("base_link", 1.0, (0, 0, 0), box, [box], rgba, contact=friction)
            name = f"block_{color}"
            urdf.write(folder / f"{name}_{size}.urdf", urdf.robot(name, [link]))


def write_plane(folder: Path) -> None:
    """Write the floor: 30 x 30 m of tiles of 0.5 m at z = 0."""
    folder.mkdir(parents=True)
    textures.write_png(folder / "checker.png", textures.checker())
    floor = shapes.polygon([[-15, -15, 0], [15, -15, 0], [15, 15, 0], [-15, 15, 0]])
    floor = shapes.Mesh(floor.vertices, floor.normals, floor.vertices[:, :2] + 15, floor.faces)
    shapes.write_obj(folder / "plane.obj", floor, "checker.png")
    ground = urdf.Shape("box", {"size": "200 200 10"}, (0, 0, -5))
    look, friction = urdf.mesh("plane.obj"), {"lateral_friction": 1.0}
    link = urdf.Link("planeLink", 0.0, (0, 0, 0), look, [ground], contact=friction)
    urdf.write(folder / "plane.urdf", urdf.robot("plane", [link]))
