"""What URDFs refer to."""

from __future__ import annotations

from pathlib import Path

import pytest

from longhaul.envs.bullet.urdf import mesh_files, require_contained

URDF = """<robot name="r"><link name="a">
<visual><geometry><mesh filename="package://meshes/a.obj"/></geometry></visual>
<collision><geometry><mesh scale="1 1 1" filename = '../meshes/b.stl'/></geometry></collision>
</link></robot>"""


def test_mesh_files_are_found_relative_to_the_urdf(tmp_path: Path) -> None:
    urdf = tmp_path / "urdf" / "r.urdf"
    urdf.parent.mkdir()
    urdf.write_text(URDF)
    files = mesh_files(urdf)
    assert {name: path.resolve() for name, path in files.items()} == {
        "package://meshes/a.obj": tmp_path.resolve() / "urdf" / "meshes" / "a.obj",
        "../meshes/b.stl": tmp_path.resolve() / "meshes" / "b.stl",
    }


def test_a_urdf_must_stay_in_its_folder(tmp_path: Path) -> None:
    urdf = tmp_path / "urdf" / "r.urdf"
    urdf.parent.mkdir()
    urdf.write_text(URDF)
    require_contained(urdf, tmp_path)
    with pytest.raises(ValueError, match=r"meshes/b\.stl.*outside"):
        require_contained(urdf, urdf.parent)
    urdf.write_text(URDF.replace("../meshes/b.stl", "/etc/passwd"))
    with pytest.raises(ValueError, match="/etc/passwd"):
        require_contained(urdf, tmp_path)
