#!/usr/bin/env bash
# Package: trimesh 5.2.0
# The good guess: a mesh whose faces have one colour a label (as HM3D's semantic scenes do) keeps those
#   colours in a GLB: vertices that two labels share are written twice, since glTF has no face colours.
# The behavior: export averages the faces' colours at every shared vertex, without a warning. The file
#   then holds colours that no label has, and a table that looks labels up by colour finds none there.
# Output seen:
#   labels before: [200, 0, 0] [0, 0, 100]
#   colors in the GLB: [0, 0, 100] [66, 0, 66] [133, 0, 33] [200, 0, 0]
#   after unmerge_vertices: [0, 0, 100] [200, 0, 0]
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q trimesh==5.2.0 numpy==2.2.6 scipy==1.15.3
cat >"$work/program.py" <<'PY'
import io

import numpy as np
import trimesh

RED, BLUE = [200, 0, 0, 255], [0, 0, 100, 255]


def floor():
    """Two squares side by side, one label each; they share the edge between them."""
    corners = [[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0], [1, 1, 0], [2, 1, 0]]
    faces = [[0, 1, 4], [0, 4, 3], [1, 2, 5], [1, 5, 4]]
    mesh = trimesh.Trimesh(corners, faces, process=False)
    colors = np.array([RED, RED, BLUE, BLUE], np.uint8)
    mesh.visual = trimesh.visual.ColorVisuals(mesh, face_colors=colors)
    return mesh


def colors(mesh):
    read = trimesh.load_scene(io.BytesIO(mesh.export(file_type="glb")), file_type="glb")
    (back,) = read.geometry.values()
    return np.unique(np.asarray(back.visual.vertex_colors)[:, :3], axis=0).tolist()


blended = colors(floor())
apart = floor()
apart.unmerge_vertices()
kept = colors(apart)
print("labels before:", RED[:3], BLUE[:3])
print("colors in the GLB:", *blended)
print("after unmerge_vertices:", *kept)
raise SystemExit(not (len(blended) == 4 and kept == sorted([RED[:3], BLUE[:3]])))
PY
"$work/venv/bin/python" "$work/program.py"
