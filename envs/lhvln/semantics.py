"""HM3D's semantics: a mesh in which every object has its own color, and a list of the colors."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longhaul.documents import read_bytes
from longhaul.envs.lhvln.simulator import Object
from longhaul.envs.render.mesh import Mesh
from longhaul.errors import ConfigError

DESCRIPTOR_HEADER = "HM3D Semantic Annotations"

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Named:
    """A line of the list: semantic id, category and region."""

    id: int
    category: str
    region: int


@dataclass(frozen=True, eq=False)
class Labeled:
    """The triangles of one object."""

    id: int
    mesh: Mesh
    object: Object


def read_descriptor(path: Path) -> dict[Color, Named]:
    """Return the objects of a `.semantic.txt` by their color (r, g, b).

    Its lines are `id,RRGGBB,"category",region`; empty ones are passed over. The text is UTF-8, with
    or without a byte order mark, or else Latin-1. Raises ConfigError naming a line of another form.
    """
    found: dict[Color, Named] = {}
    with StringIO(_text(path), newline="") as file:
        if not file.readline().startswith(DESCRIPTOR_HEADER):
            raise ConfigError(f"{path} does not begin with {DESCRIPTOR_HEADER!r}")
        for number, row in enumerate(_rows(file, path), 2):
            if not any(cell.strip() for cell in row):
                continue
            try:
                key, color, category, region = row
                red, green, blue = bytes.fromhex(color.strip())
                found[red, green, blue] = Named(int(key), category.strip(), int(region))
            except ValueError:
                raise ConfigError(f"{path}:{number} is no object: {','.join(row)!r}") from None
    return found


def _text(path: Path) -> str:
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _rows(file: StringIO, path: Path) -> Iterator[list[str]]:
    try:
        yield from csv.reader(file)
    except csv.Error as error:
        raise ConfigError(f"{path} is no list of objects: {error}") from None


def label(meshes: Sequence[Mesh], named: dict[Color, Named]) -> list[Labeled]:
    """Return the triangles of each named object, over all meshes.

    A triangle's color is that of its first corner, or of the texture at its middle. Colors are sRGB
    in the list and linear in vertices. Raises ValueError, which counts the unknown colors, where
    they have cost an object all of its triangles: where colors differ within triangles, or where
    most of the objects are gone.
    """
    meshes_of: dict[Named, list[Mesh]] = {}
    unknown: Counter[Color] = Counter()
    for mesh in meshes:
        for color, faces in _by_color(mesh):
            if color in named:
                meshes_of.setdefault(named[color], []).append(replace(mesh, faces=faces))
            else:
                unknown[color] += len(faces)
    gone = len(named) - len(meshes_of)
    blended = any(map(_is_blended, meshes))
    if unknown and gone and (blended or 2 * gone > len(named)):
        raise ValueError(_of_unknown(unknown, gone, len(named), blended))
    return [_labeled(item, found) for item, found in meshes_of.items()]


def _is_blended(mesh: Mesh) -> bool:
    """Say whether the corners of some triangle have different colors."""
    if mesh.colors is None:
        return False
    corners = mesh.colors[mesh.faces]
    return bool((corners != corners[:, :1]).any())


def _of_unknown(unknown: Counter[Color], gone: int, objects: int, blended: bool) -> str:
    first = bytes(next(iter(unknown))).hex().upper()
    why = (
        "colors differ within triangles, so they were blended at vertices that objects share, as "
        "trimesh does with colors of faces: give each face corners of its own"
        if blended
        else "give the mesh the colors of the list"
    )
    return (
        f"{gone} of {objects} listed objects have no triangle, and {unknown.total()} triangles "
        f"have {len(unknown)} colors that are not listed, such as {first}; {why}"
    )


def _by_color(mesh: Mesh) -> Iterator[tuple[Color, NDArray[np.int32]]]:
    if mesh.colors is not None:
        colors = _encoded(mesh.colors[mesh.faces[:, 0]])
    elif mesh.texture is not None and mesh.uvs is not None:
        rows, columns = mesh.texture.shape[:2]
        u, v = (mesh.uvs[mesh.faces].mean(axis=1) % 1.0).T
        i = np.minimum(((1.0 - v) * rows).astype(int), rows - 1)
        colors = mesh.texture[i, np.minimum((u * columns).astype(int), columns - 1)]
    else:
        return
    unique, number = np.unique(colors, axis=0, return_inverse=True)
    for index, (red, green, blue) in enumerate(unique.tolist()):
        yield (red, green, blue), mesh.faces[number.ravel() == index]


def _encoded(linear: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return linear colors as sRGB (IEC 61966-2-1)."""
    value = linear / 255.0
    encoded = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    return np.round(encoded * 255.0).astype(np.uint8)


def _labeled(item: Named, meshes: Sequence[Mesh]) -> Labeled:
    corners = [mesh.positions[mesh.faces].reshape(-1, 3) for mesh in meshes]
    positions = np.concatenate(corners)
    low, high = positions.min(axis=0).astype(float), positions.max(axis=0).astype(float)
    center, size = (low + high) / 2, high - low
    one = Mesh(
        positions,
        np.zeros_like(positions),
        np.arange(len(positions), dtype=np.int32).reshape(-1, 3),
        closed=True,
    )
    x, y, z = center.tolist()
    width, height, depth = size.tolist()
    found = Object(item.id, item.category, item.region, (x, y, z), (width, height, depth))
    return Labeled(item.id, one, found)
