"""The arm's URDF: links of primitives on the joints of `ur5e`, with a suction cup or a spatula.

Only the tool has a contact shape. The rest of the arm never comes near the table, and contact
shapes are what makes a physics step slow.
"""

from __future__ import annotations

import numpy as np

from longhaul.envs.lohoravens.ur5e import (
    DH_A,
    DH_ALPHA,
    DH_D,
    LINK_MASSES_KG,
    MAX_JOINT_VELOCITY,
    PEDESTAL_HEIGHT_M,
    TOOL_LENGTH_M,
)
from longhaul.errors import unknown

JOINT_INDICES = tuple(range(6))
TIP_LINK = 6
"""Bullet's index of the tool, whose frame is the flange: z points out."""

CUP_RADIUS_M, CUP_LENGTH_M = 0.01, 0.02
"""Radius and length of the suction cup, which touches things."""

BLADE_EXTENTS_M = (0.1, 0.005, 0.05)
"""Extents of the spatula's blade: it is wide along its own x, which lies across the push."""

TOOLS = ("suction", "spatula")

GRAY, DARK, BLUE, RUBBER = "0.78 0.79 0.81", "0.27 0.28 0.31", "0.36 0.56 0.74", "0.13 0.13 0.14"

Vector = tuple[float, float, float]


def write_urdf(tool: str) -> str:
    """Return the URDF of the arm with a tool; its base link stands on the table's level.

    Raises ValueError naming the valid tools for an unknown one.
    """
    if tool not in TOOLS:
        raise ValueError(unknown(f"tool {tool!r}", TOOLS))
    elements = [_link("base_link", 1.0, _base()), _joint(0, (0.0, 0.0, PEDESTAL_HEIGHT_M), 0.0)]
    for index, looks in enumerate(_looks()):
        elements.append(_link(f"link_{index + 1}", LINK_MASSES_KG[index], looks))
        if index < 5:
            elements.append(_joint(index + 1, (DH_A[index], 0.0, DH_D[index]), DH_ALPHA[index]))
    looks, contact = _suction() if tool == "suction" else _spatula()
    elements.append(_link("tool", 0.1, looks, contact))
    elements.append(
        f'<joint name="flange" type="fixed"><origin xyz="0 0 {DH_D[5]}"/>'
        '<parent link="link_6"/><child link="tool"/></joint>'
    )
    return '<robot name="ur5e">' + "\n".join(elements) + "</robot>\n"


def _base() -> str:
    return _cylinder((0, 0, PEDESTAL_HEIGHT_M / 2), 0.085, PEDESTAL_HEIGHT_M, DARK)


def _looks() -> list[str]:
    """Return the visual elements of links 1 to 6, in the frames of their joints."""
    side, reach = 0.137, -DH_A[1]
    shoulder = _cylinder((0, 0, DH_D[0] / 2), 0.07, DH_D[0] + 0.1, GRAY)
    upper = _cylinder((0, 0, side / 2 + 0.025), 0.062, side + 0.05, BLUE)
    upper += _cylinder((DH_A[1] / 2, 0, side), 0.05, reach, GRAY, across=True)
    upper += _cylinder((DH_A[1], 0, side / 2), 0.052, side + 0.1, BLUE)
    forearm = _cylinder((DH_A[2] / 2, 0, 0.01), 0.042, -DH_A[2], GRAY, across=True)
    wrist_1 = _cylinder((0, 0, DH_D[3] / 2 - 0.01), 0.042, DH_D[3] + 0.06, BLUE)
    wrist_2 = _cylinder((0, 0, DH_D[4] / 2), 0.04, DH_D[4] + 0.08, GRAY)
    wrist_3 = _cylinder((0, 0, DH_D[5] - 0.03), 0.036, 0.06, DARK)
    return [shoulder, upper, forearm, wrist_1, wrist_2, wrist_3]


def _suction() -> tuple[str, str]:
    """Return looks and contact shape of a suction cup on a tube, in the flange's frame."""
    looks = _cylinder((0, 0, 0.02), 0.03, 0.04, GRAY)
    looks += _cylinder((0, 0, TOOL_LENGTH_M / 2), 0.007, TOOL_LENGTH_M, DARK)
    middle = TOOL_LENGTH_M - CUP_LENGTH_M / 2
    cup = _cylinder((0, 0, middle), CUP_RADIUS_M, CUP_LENGTH_M, RUBBER)
    return looks + cup, cup


def _spatula() -> tuple[str, str]:
    looks = _cylinder(
        (0, 0, TOOL_LENGTH_M / 2 - BLADE_EXTENTS_M[2] / 2),
        0.012,
        TOOL_LENGTH_M - BLADE_EXTENTS_M[2],
        DARK,
    )
    blade = _box((0, 0, TOOL_LENGTH_M - BLADE_EXTENTS_M[2] / 2), BLADE_EXTENTS_M, GRAY)
    return looks + blade, blade


def _link(name: str, mass: float, looks: str, contact: str = "") -> str:
    shapes = looks.replace("solid", "visual") + contact.replace("solid", "collision")
    inertia = 0.01 * mass
    return (
        f'<link name="{name}"><contact><lateral_friction value="1.0"/></contact>'
        f'<inertial><mass value="{mass}"/>'
        f'<inertia ixx="{inertia:.6g}" iyy="{inertia:.6g}" izz="{inertia:.6g}" '
        f'ixy="0" ixz="0" iyz="0"/></inertial>{shapes}</link>'
    )


def _joint(index: int, xyz: Vector, roll: float) -> str:
    parent = f"link_{index}" if index else "base_link"
    yaw = np.pi if index == 0 else 0.0
    return (
        f'<joint name="joint_{index + 1}" type="revolute">'
        f'<origin xyz="{_numbers(xyz)}" rpy="{roll!r} 0 {yaw!r}"/>'
        f'<parent link="{parent}"/><child link="link_{index + 1}"/><axis xyz="0 0 1"/>'
        '<limit lower="-6.2832" upper="6.2832" effort="150" '
        f'velocity="{MAX_JOINT_VELOCITY!r}"/></joint>'
    )


def _cylinder(center: Vector, radius: float, length: float, rgb: str, across: bool = False) -> str:
    """Return a cylinder along z, or along x if it lies `across`."""
    turn = f"0 {np.pi / 2!r} 0" if across else "0 0 0"
    return _geometry(center, turn, f'<cylinder radius="{radius:.6g}" length="{length:.6g}"/>', rgb)


def _box(center: Vector, size: Vector, rgb: str) -> str:
    return _geometry(center, "0 0 0", f'<box size="{_numbers(size)}"/>', rgb)


def _geometry(center: Vector, turn: str, shape: str, rgb: str) -> str:
    return (
        f'<solid><origin xyz="{_numbers(center)}" rpy="{turn}"/><geometry>{shape}</geometry>'
        f'<material name="{rgb}"><color rgba="{rgb} 1"/></material></solid>'
    )


def _numbers(values: Vector) -> str:
    return " ".join(f"{value:.9g}" for value in values)
