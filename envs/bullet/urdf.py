"""What a URDF refers to, looked at before Bullet reads it.

Bullet follows every path that a URDF, or the materials of a mesh, names. Files of others are
therefore parsed first, as Bullet will: plain XML in UTF-8, without entities or includes. Each path
is then resolved, links included, and must lie in the folder that was given.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from longhaul.documents import read_bytes, read_text
from longhaul.errors import ConfigError

PACKAGE = "package://"
"""The scheme that Bullet takes for the URDF's folder, spelled so alone."""

MOST_URDF_BYTES = 4 * 2**20
"""The size limit of a URDF, in bytes; CALVIN's largest has fewer than 20,000."""

MOST_DEPTH = 32
"""The limit of elements inside each other; URDF has 6."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LIBRARY = re.compile(r"^[ \t]*mtllib[ \t]+(.+?)[ \t\r]*$", re.MULTILINE)
_PICTURE = re.compile(
    r"^[ \t]*(?:map_\w+|bump|disp|decal|norm|refl)[ \t]+(.+?)[ \t\r]*$", re.MULTILINE
)


def parse(urdf: Path) -> ET.Element:
    """Return the root element of a URDF.

    Raises ValueError for a file that is no XML in UTF-8, that declares a document type or entities,
    or that is larger or nested deeper than a URDF could be.
    """
    builder, depth = ET.TreeBuilder(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise ValueError(f"elements are nested deeper than {MOST_DEPTH}")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse(*_: object) -> None:
        raise ValueError("it declares a document type")

    parser = expat.ParserCreate("utf-8")  # whatever the file says: Bullet takes nothing else
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        data = read_bytes(urdf, MOST_URDF_BYTES)
        data.decode()  # a mark at its start would make the parser take another encoding
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, ConfigError, ValueError) as error:
        raise ValueError(f"{urdf} is no URDF: {error}") from None


def mesh_files(urdf: Path) -> dict[str, Path]:
    """Return the mesh files of a URDF by the names it gives them.

    A name is relative to the URDF's folder; Bullet takes `package://` for that folder, too. Raises
    ValueError as `parse`, and for a name that is no plain path.
    """
    meshes = parse(urdf).iter("mesh")
    names = [mesh.attrib["filename"] for mesh in meshes if "filename" in mesh.attrib]
    return {name: _path(urdf, name) for name in names}


def require_contained(urdf: Path, folder: Path) -> None:
    """Raise ValueError naming URDF and file if the URDF, or the materials of a mesh that it names,
    refer to a file outside `folder`, or by a name that is no plain path."""
    root = folder.resolve()
    for element in parse(urdf).iter():
        for name in (element.attrib.get(key) for key in ("filename", "url", "href", "file")):
            if name is None:
                continue
            path = _path(urdf, name)
            _require_inside(urdf, name, path, root, folder)
            if path.suffix.lower() == ".obj" and path.is_file():
                for source, inner, place in _materials(path):
                    _require_inside(source, inner, place, root, folder)


def _path(urdf: Path, name: str) -> Path:
    rest = name.removeprefix(PACKAGE)
    if _SCHEME.match(rest) or "\\" in rest or rest != rest.strip() or not rest.isprintable():
        raise ValueError(f"{urdf} refers to {name!r}, which is no plain path")
    return urdf.parent / rest


def _require_inside(source: Path, name: str, path: Path, root: Path, folder: Path) -> None:
    if not path.resolve().is_relative_to(root):
        raise ValueError(f"{source} refers to {name}, which is outside {folder}")


def _materials(obj: Path) -> Iterator[tuple[Path, str, Path]]:
    """Yield (file, name, path) of each library and picture that an obj file's materials name.

    Readers differ in where a name ends, so that a line's words count, and the line as a whole.
    """
    for library in _names(_LIBRARY, obj):
        place = obj.parent / library
        yield obj, library, place
        if place.is_file():
            for picture in _names(_PICTURE, place):
                yield place, picture, obj.parent / picture


def _names(pattern: re.Pattern[str], path: Path) -> list[str]:
    lines = pattern.findall(read_text(path))
    words = [word for line in lines for word in (line, *line.split())]
    return list(dict.fromkeys(word.replace("\\", "/") for word in words))
