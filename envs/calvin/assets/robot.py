"""The Panda with CALVIN's longer fingers, on top of pybullet_data's Panda (Apache-2.0).

Kinematics, masses and limits of the arm and hand come from pybullet_data's panda.urdf, which
CALVIN's panda_longer_finger.urdf repeats word for word; added here are the longer fingers, their
soft tips, the camera frame and the tool centre point, in the order that makes joints 9 and 11
the fingers, link 14 the camera and link 15 the TCP.
"""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np

from envs.calvin.assets import shapes, urdf

MESHES = "meshes"
TIP_MESH = "fingertip.obj"


def panda_folder() -> Path:
    """Return pybullet_data's franka_panda folder."""
    import pybullet_data

    return Path(pybullet_data.getDataPath()) / "franka_panda"


def write(folder: Path) -> None:
    """Write panda_longer_finger.urdf and the meshes it needs into `folder`."""
    meshes = folder / MESHES
    meshes.mkdir(parents=True)
    root = ET.parse(panda_folder() / "panda.urdf").getroot()
    for link in root.findall("link"):
        name = link.get("name", "").removeprefix("panda_")
        for role in ("visual", "collision"):
            mesh = link.find(f"{role}/geometry/mesh")
            if mesh is None:
                continue
            target = "finger.obj" if "finger" in name else f"{name}.obj"
            mesh.set("filename", f"{MESHES}/{target}")
            if "finger" not in name:
                shutil.copyfile(panda_folder() / "meshes" / "collision" / target, meshes / target)
    shapes.write_hulls(meshes / "finger.obj", [finger_hull()])
    shapes.write_hulls(meshes / TIP_MESH, [tip_hull()])
    for element in _additions():
        root.append(element)
    urdf.write(folder / "panda_longer_finger.urdf", root)


def finger_hull() -> np.ndarray:
    """Return corners (K, 3) of the left finger: a wedge 96 mm long, inner face at y = 4 mm."""
    rows = [
        (0.00025, 0.0104, 0.0062, 0.0269),
        (0.0341, 0.0104, 0.0062, 0.0215),
        (0.0647, 0.0088, 0.0039, 0.0135),
        (0.0905, 0.0087, 0.0039, 0.0065),
        (0.0963, 0.0056, 0.0039, 0.0068),
    ]
    return np.array(
        [
            (sign * half, y, z)
            for z, half, inner, outer in rows
            for sign in (-1, 1)
            for y in (inner, outer)
        ]
    )


def tip_hull() -> np.ndarray:
    """Return the soft pad of a fingertip in its link's frame: x out of the finger, z along it."""
    return np.array(
        [(x, y, z) for x in (0.016, 0.0205) for y in (-0.01, 0.01) for z in (0.0, 0.03)]
    )


def _additions() -> list[ET.Element]:
    camera_box = urdf.Shape("box", {"size": "0.08 0.025 0.01"})
    camera = urdf.link_element(urdf.Link("gripper_cam", 0.2, (0, 0, 0), camera_box, []))
    tcp = ET.Element("link", {"name": "tcp"})
    tcp.append(_point_mass(1e-5))
    hand = "panda_hand"
    elements = [
        urdf.fixed_joint("camera_joint", hand, "gripper_cam", (-0.1, 0, 0), (1.3, 0, -1.57)),
        camera,
        urdf.fixed_joint("tcp_joint", hand, "tcp", (0, 0, 0.14)),
        tcp,
    ]
    for side, sign in (("left", 1), ("right", -1)):
        name = f"finger_{side}_tip"
        origin = (sign * 0.0009, sign * 0.021, 0.066)
        elements += [
            urdf.fixed_joint(
                f"joint_finger_tip_{side}",
                f"panda_{side}finger",
                name,
                origin,
                (0, 0, sign * -1.57),
            ),
            urdf.link_element(_tip(name)),
        ]
    return elements


def _tip(name: str) -> urdf.Link:
    pad = urdf.mesh(f"{MESHES}/{TIP_MESH}")
    friction = {"lateral_friction": 1.0, "spinning_friction": 0.001}
    return urdf.Link(name, 0.0001, (0, 0, 0), pad, [pad], contact=friction)


def _point_mass(mass: float) -> ET.Element:
    inertial = ET.Element("inertial")
    ET.SubElement(inertial, "mass", {"value": urdf.numbers([mass])})
    zero = {"ixx": "0.1", "ixy": "0", "ixz": "0", "iyy": "0.1", "iyz": "0", "izz": "0.1"}
    ET.SubElement(inertial, "inertia", zero)
    return inertial
