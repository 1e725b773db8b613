"""The Panda with CALVIN's longer fingers, on top of pybullet_data's Panda (Apache-2.0).

Kinematics, masses and limits of arm and hand come from pybullet_data's panda.urdf, which CALVIN's
panda_longer_finger.urdf repeats; added here are the longer fingers, their soft tips, the camera
frame and the tool center point, in the order that makes joints 9 and 11 the fingers, link 14 the
camera and link 15 the TCP. The arm's detailed visual meshes are made light on the way.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pybullet_data
from PIL import Image

from longhaul.envs.calvin.assets import fingers, hulls, lighten, shapes, textures, urdf

URDF_FILE = "panda_longer_finger.urdf"
# Side of the cubes that keep one vertex each; 0.018 m leaves about 700 triangles per link.
CELL_SIZES_M = {f"link{number}": 0.018 for number in range(1, 7)} | {"hand": 0.007}
# How far the surface of a link's collision hull may lie inside that of pybullet_data's.
HULL_TOLERANCE_M = 0.002
# Links whose collision mesh is used as their visual mesh too.
PLAIN_LINKS = ("link0", "link7")
PALETTE_FILE = "palette.png"
TIP_FILE = "fingertip.obj"
WHITE, DARK = (250, 250, 250), (120, 120, 126)


def panda_folder() -> Path:
    """Return pybullet_data's franka_panda folder."""
    return Path(pybullet_data.getDataPath()) / "franka_panda"


def write(folder: Path) -> None:
    """Write the URDF and the meshes it needs into `folder`."""
    visual, collision = folder / "meshes" / "visual", folder / "meshes" / "collision"
    visual.mkdir(parents=True)
    collision.mkdir()
    root = ET.parse(panda_folder() / "panda.urdf").getroot()
    for link in root.findall("link"):
        for role in ("visual", "collision"):
            mesh = link.find(f"{role}/geometry/mesh")
            if mesh is not None:
                name = Path(mesh.get("filename", "")).name
                mesh.set("filename", f"meshes/{role}/{name}")
    for element in _additions():
        root.append(element)
    urdf.write(folder / URDF_FILE, root)
    _write_light_meshes(visual)
    shapes.write_obj(visual / "finger.obj", fingers.finger_mesh())
    shapes.write_obj(visual / TIP_FILE, shapes.hull(fingers.tip_points()))
    for name in (*CELL_SIZES_M, *PLAIN_LINKS):
        # All are convex, so corners suffice, and Bullet reads few corners faster than many.
        shape = lighten.read_obj(panda_folder() / "meshes" / "collision" / f"{name}.obj")
        corners = hulls.simplified(shape.vertices, HULL_TOLERANCE_M)
        shapes.write_hull(collision / f"{name}.obj", corners)
    shapes.write_hull(collision / "finger.obj", fingers.finger_hull())
    shapes.write_hull(collision / TIP_FILE, fingers.tip_points())


def _write_light_meshes(folder: Path) -> None:
    """Write pybullet_data's visual meshes with fewer triangles, in white and dark gray."""
    source = panda_folder() / "meshes" / "visual"
    with Image.open(source / "colors.png") as image:
        shade = np.asarray(image.convert("L"))
    swatches = np.array([[WHITE, WHITE, DARK, DARK]], np.uint8).repeat(4, axis=0)
    textures.write_png(folder / PALETTE_FILE, swatches)
    for name, cell in CELL_SIZES_M.items():
        mesh = lighten.read_obj(source / f"{name}.obj")
        middle = mesh.uv[mesh.faces].mean(axis=1) % 1.0
        column, row = (middle * shade.shape[::-1]).astype(int).T
        dark = (shade[len(shade) - 1 - row, column] < 190).astype(np.int64)
        plain = lighten.recolored(mesh, dark, np.array([[0.25, 0.5], [0.75, 0.5]]))
        shapes.write_obj(folder / f"{name}.obj", lighten.lighten(plain, cell), PALETTE_FILE)
    for name in PLAIN_LINKS:
        mesh = lighten.read_obj(panda_folder() / "meshes" / "collision" / f"{name}.obj")
        shapes.write_obj(folder / f"{name}.obj", mesh)


def _additions() -> list[ET.Element]:
    """Return the joints and links that CALVIN adds to the Panda, its own order kept."""
    hand = "panda_hand"
    camera_box = urdf.Shape("box", {"size": "0.08 0.025 0.01"})
    elements = [
        urdf.fixed_joint("camera_joint", hand, "gripper_cam", (-0.1, 0, 0), (1.3, 0, -1.57)),
        urdf.link_element(urdf.Link("gripper_cam", 0.2, (0, 0, 0), camera_box, [])),
        urdf.fixed_joint("tcp_joint", hand, "tcp", (0, 0, 0.14)),
        urdf.link_element(urdf.Link("tcp", 1e-5, (0, 0, 0), None, [])),
    ]
    look, feel = (urdf.mesh(f"meshes/{role}/{TIP_FILE}") for role in ("visual", "collision"))
    friction = {"lateral_friction": 1.0, "spinning_friction": 0.001}
    for side, sign in (("left", 1), ("right", -1)):
        name, finger = f"finger_{side}_tip", f"panda_{side}finger"
        xyz = (sign * 0.0009, sign * 0.021, 0.066)
        elements += [
            urdf.fixed_joint(f"joint_finger_tip_{side}", finger, name, xyz, (0, 0, sign * -1.57)),
            urdf.link_element(urdf.Link(name, 0.0001, (0, 0, 0), look, [feel], contact=friction)),
        ]
    return elements
