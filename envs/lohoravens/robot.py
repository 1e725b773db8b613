"""The arm's URDF: links of primitives on the joints of `ur5e`, with a suction cup or a spatula.

Only the tool touches things: nothing else of the arm ever comes near the table, and contacts are
what a physics step costs.
"""

from __future__ import annotations

import numpy as np

from longhaul.envs.lohoravens.ur5e import ALPHA, MASSES, MAX_VELOCITY, PEDESTAL, TOOL, A, D

JOINTS = tuple(range(6))
TIP_LINK = 6
"""Bullet's index of the tool, whose frame is the flange: z points out."""

CUP_RADIUS, CUP_LENGTH = 0.01, 0.02
"""The part of the suction gripper that touches (m)."""

SPATULA = (0.1, 0.005, 0.05)
"""The spatula's blade (m): wide along its own x, which is across the push."""

TOOLS = ("suction", "spatula")

GRAY, DARK, BLUE, RUBBER = "0.78 0.79 0.81", "0.27 0.28 0.31", "0.36 0.56 0.74", "0.13 0.13 0.14"

Vector = tuple[float, float, float]


def write_urdf(tool: str) -> str:
    """Return the URDF of the arm with a tool; its base link stands on the table's level.

    Raises ValueError naming the valid tools for an unknown one.
    """
    if tool not in TOOLS:
        raise ValueError(f"tool {tool!r} is unknown; valid: {', '.join(TOOLS)}")
    parts = [_link("base_link", 1.0, _base()), _joint(0, (0.0, 0.0, PEDESTAL), 0.0)]
    for index, looks in enumerate(_looks()):
        parts.append(_link(f"link_{index + 1}", MASSES[index], looks))
        if index < 5:
            parts.append(_joint(index + 1, (A[index], 0.0, D[index]), ALPHA[index]))
    looks, contact = _suction() if tool == "suction" else _spatula()
    parts.append(_link("tool", 0.1, looks, contact))
    parts.append(
        f'<joint name="flange" type="fixed"><origin xyz="0 0 {D[5]}"/>'
        '<parent link="link_6"/><child link="tool"/></joint>'
    )
    return '<robot name="ur5e">' + "\n".join(parts) + "</robot>\n"


def _base() -> str:
    return _cylinder((0, 0, PEDESTAL / 2), 0.085, PEDESTAL, DARK)


def _looks() -> list[str]:
    """Return what is seen of links 1 to 6, in the frames of their joints."""
    side, reach = 0.137, -A[1]
    shoulder = _cylinder((0, 0, D[0] / 2), 0.07, D[0] + 0.1, GRAY)
    upper = _cylinder((0, 0, side / 2 + 0.025), 0.062, side + 0.05, BLUE)
    upper += _cylinder((A[1] / 2, 0, side), 0.05, reach, GRAY, across=True)
    upper += _cylinder((A[1], 0, side / 2), 0.052, side + 0.1, BLUE)
    forearm = _cylinder((A[2] / 2, 0, 0.01), 0.042, -A[2], GRAY, across=True)
    wrist_1 = _cylinder((0, 0, D[3] / 2 - 0.01), 0.042, D[3] + 0.06, BLUE)
    wrist_2 = _cylinder((0, 0, D[4] / 2), 0.04, D[4] + 0.08, GRAY)
    wrist_3 = _cylinder((0, 0, D[5] - 0.03), 0.036, 0.06, DARK)
    return [shoulder, upper, forearm, wrist_1, wrist_2, wrist_3]


def _suction() -> tuple[str, str]:
    """Return looks and contact shape of a suction cup on a tube, in the flange's frame."""
    looks = _cylinder((0, 0, 0.02), 0.03, 0.04, GRAY)
    looks += _cylinder((0, 0, TOOL / 2), 0.007, TOOL, DARK)
    middle = TOOL - CUP_LENGTH / 2
    cup = _cylinder((0, 0, middle), CUP_RADIUS, CUP_LENGTH, RUBBER)
    return looks + cup, cup


def _spatula() -> tuple[str, str]:
    looks = _cylinder((0, 0, TOOL / 2 - SPATULA[2] / 2), 0.012, TOOL - SPATULA[2], DARK)
    blade = _box((0, 0, TOOL - SPATULA[2] / 2), SPATULA, GRAY)
    return looks + blade, blade


def _link(name: str, mass: float, looks: str, contact: str = "") -> str:
    shapes = looks.replace("part", "visual") + contact.replace("part", "collision")
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
        f'<limit lower="-6.2832" upper="6.2832" effort="150" velocity="{MAX_VELOCITY!r}"/></joint>'
    )


def _cylinder(center: Vector, radius: float, length: float, rgb: str, across: bool = False) -> str:
    """Return a cylinder along z, or along x if it lies `across`."""
    turn = f"0 {np.pi / 2!r} 0" if across else "0 0 0"
    return _part(center, turn, f'<cylinder radius="{radius:.6g}" length="{length:.6g}"/>', rgb)


def _box(center: Vector, size: Vector, rgb: str) -> str:
    return _part(center, "0 0 0", f'<box size="{_numbers(size)}"/>', rgb)


def _part(center: Vector, turn: str, shape: str, rgb: str) -> str:
    return (
        f'<part><origin xyz="{_numbers(center)}" rpy="{turn}"/><geometry>{shape}</geometry>'
        f'<material name="{rgb}"><color rgba="{rgb} 1"/></material></part>'
    )


def _numbers(values: Vector) -> str:
    return " ".join(f"{value:.9g}" for value in values)
