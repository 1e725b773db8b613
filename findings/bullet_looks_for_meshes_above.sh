#!/usr/bin/env bash
# Package: pybullet 3.2.7
# The good guess: a mesh that a URDF names is looked for beside the URDF, as ROS tools do (or under
#   pybullet.setAdditionalSearchPath). If it is not there, loadURDF fails.
# The behavior: a name that is not found beside the URDF is tried behind every folder above it, the
#   nearest first, without a warning. A robot whose mesh file is missing gets another shape with the
#   same relative name from a folder above: here a cube of 2 m in place of the missing one.
# Output seen:
#   beside the URDF: 1.0
#   missing there, present two folders above: 2.0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pybullet==3.2.7 numpy==2.2.6
mkdir -p "$work/above/between/robot/meshes" "$work/above/meshes"
cat >"$work/program.py" <<'PY'
import sys
from pathlib import Path

import pybullet

above = Path(sys.argv[1])


def write_cube(path, side):
    corners = [(x, y, z) for x in (0, side) for y in (0, side) for z in (0, side)]
    faces = ["1 3 2", "2 3 4", "5 6 7", "6 8 7", "1 2 5", "2 6 5", "3 7 4", "4 7 8", "1 5 3", "3 5 7", "2 4 6", "4 8 6"]
    lines = [f"v {x} {y} {z}" for x, y, z in corners] + [f"f {face}" for face in faces]
    path.write_text("\n".join(lines) + "\n")


def width(urdf):
    body = pybullet.loadURDF(str(urdf))
    low, high = pybullet.getAABB(body)
    pybullet.removeBody(body)
    return round(high[0] - low[0], 1)


ROBOT = (
    '<robot name="r"><link name="a"><inertial><mass value="1"/><inertia ixx="1" ixy="0" ixz="0" '
    'iyy="1" iyz="0" izz="1"/></inertial><collision><geometry><mesh filename="meshes/{}"/>'
    "</geometry></collision></link></robot>"
)
write_cube(above / "between/robot/meshes/there.obj", 1.0)
write_cube(above / "meshes/there.obj", 3.0)
write_cube(above / "meshes/missing.obj", 2.0)
pybullet.connect(pybullet.DIRECT)
found = []
for name in ("there.obj", "missing.obj"):
    urdf = above / "between/robot" / f"{name}.urdf"
    urdf.write_text(ROBOT.format(name))
    found.append(width(urdf))
print("beside the URDF:", found[0])
print("missing there, present two folders above:", found[1])
raise SystemExit(0 if found[1] - found[0] > 0.5 else 1)
PY
"$work/venv/bin/python" "$work/program.py" "$work/above"
