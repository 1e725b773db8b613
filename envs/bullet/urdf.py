"""What a URDF refers to, looked at before Bullet reads it."""

from __future__ import annotations

import re
from pathlib import Path


def mesh_files(urdf: Path) -> dict[str, Path]:
    """Return the mesh files of a URDF by the names it gives them.

    A name is relative to the URDF's folder; Bullet takes `package://` for that folder, too.
    """
    names = re.findall(r'<mesh\s[^>]*?filename\s*=\s*["\']([^"\']+)["\']', urdf.read_text())
    return {name: urdf.parent / name.removeprefix("package://") for name in names}


def require_contained(urdf: Path, folder: Path) -> None:
    """Raise ValueError naming URDF and mesh if the URDF refers to a file outside `folder`."""
    root = folder.resolve()
    for name, path in mesh_files(urdf).items():
        if not path.resolve().is_relative_to(root):
            raise ValueError(f"{urdf} refers to {name}, which is outside {folder}")
