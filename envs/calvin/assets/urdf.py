"""A few functions that write URDF elements; numbers are meters, kilograms and radians."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Shape:
    """One geometry in its link's frame: `kind` is box, cylinder or mesh, with its attributes."""

    kind: str
    attributes: dict[str, str]
    xyz: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rpy: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Joint:
    """The joint that carries a link: `kind` is prismatic or fixed."""

    name: str
    kind: str
    xyz: tuple[float, float, float]
    rpy: tuple[float, float, float] = (0.0, 0.0, 0.0)
    axis: tuple[float, float, float] = (0.0, 0.0, 0.0)
    upper: float = 0.0


@dataclass(frozen=True)
class Link:
    """A link with its inertial data; Bullet computes the inertia from the collision shapes."""

    name: str
    mass: float
    center: tuple[float, float, float]
    visual: Shape | None
    collisions: Sequence[Shape]
    rgba: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    joint: Joint | None = None
    contact: dict[str, float] = field(default_factory=dict)


def numbers(values: Sequence[float]) -> str:
    """Return numbers as URDF writes them: at most 12 significant digits, a space between."""
    return " ".join(f"{value:.12g}" for value in values)


def span(low: Sequence[float], high: Sequence[float], grow: float = 0.0) -> Shape:
    """Return the box between two corners, grown by `grow` on every side."""
    size = [b - a + 2 * grow for a, b in zip(low, high, strict=True)]
    x, y, z = ((a + b) / 2 for a, b in zip(low, high, strict=True))
    return Shape("box", {"size": numbers(size)}, (x, y, z))


def mesh(filename: str) -> Shape:
    """Return a mesh, its file named relative to the URDF."""
    return Shape("mesh", {"filename": filename})


def robot(name: str, links: Sequence[Link]) -> ET.Element:
    """Return the <robot> element; every link but the first hangs on the first by its joint."""
    root = ET.Element("robot", {"name": name})
    for link in links:
        root.append(link_element(link))
        if link.joint is not None:
            root.append(_joint_element(link.joint, links[0].name, link.name))
    return root


def link_element(link: Link) -> ET.Element:
    """Return a <link> element."""
    element = ET.Element("link", {"name": link.name})
    if link.contact:
        contact = ET.SubElement(element, "contact")
        for key, value in link.contact.items():
            ET.SubElement(contact, key, {"value": numbers([value])})
    inertial = ET.SubElement(element, "inertial")
    ET.SubElement(inertial, "origin", {"xyz": numbers(link.center), "rpy": "0 0 0"})
    ET.SubElement(inertial, "mass", {"value": numbers([link.mass])})
    ET.SubElement(
        inertial,
        "inertia",
        {"ixx": "1", "ixy": "0", "ixz": "0", "iyy": "1", "iyz": "0", "izz": "1"},
    )
    if link.visual is not None:
        visual = _shape_element("visual", link.visual)
        # The spelling stays: the files' hash is in the identity of every run since version 0.1.
        material = ET.SubElement(visual, "material", {"name": f"{link.name}_colour"})
        ET.SubElement(material, "color", {"rgba": numbers(link.rgba)})
        element.append(visual)
    for shape in link.collisions:
        element.append(_shape_element("collision", shape))
    return element


def write(path: Path, root: ET.Element) -> None:
    """Write a <robot> element as a file."""
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _shape_element(role: str, shape: Shape) -> ET.Element:
    element = ET.Element(role)
    ET.SubElement(element, "origin", {"xyz": numbers(shape.xyz), "rpy": numbers(shape.rpy)})
    ET.SubElement(ET.SubElement(element, "geometry"), shape.kind, shape.attributes)
    return element


def fixed_joint(
    name: str,
    parent: str,
    child: str,
    xyz: tuple[float, float, float],
    rpy: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> ET.Element:
    """Return a fixed <joint> element."""
    return _joint_element(Joint(name, "fixed", xyz, rpy), parent, child)


def _joint_element(joint: Joint, parent: str, child: str) -> ET.Element:
    element = ET.Element("joint", {"name": joint.name, "type": joint.kind})
    ET.SubElement(element, "origin", {"xyz": numbers(joint.xyz), "rpy": numbers(joint.rpy)})
    ET.SubElement(element, "parent", {"link": parent})
    ET.SubElement(element, "child", {"link": child})
    if joint.kind != "fixed":
        ET.SubElement(element, "axis", {"xyz": numbers(joint.axis)})
        ET.SubElement(
            element,
            "limit",
            {"lower": "0", "upper": numbers([joint.upper]), "effort": "0", "velocity": "0"},
        )
    return element
