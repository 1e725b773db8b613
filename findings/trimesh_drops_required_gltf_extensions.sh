#!/usr/bin/env bash
# Package: trimesh 5.2.0
# The good guess: glTF 2.0 says that a reader must not show a file whose extensionsRequired holds one
#   that it does not know. So a scene that requires EXT_mesh_gpu_instancing or KHR_mesh_quantization is
#   either read as meant, or refused.
# The behavior: both load without an error or a warning. Of three instances of a chair one is there, at
#   the node's own place. A square of 2 m whose positions are normalized 16-bit integers measures 65534
#   units, since the integers are taken as they are.
# Output seen:
#   requires EXT_mesh_gpu_instancing: 1 of 3 chairs, warnings: 0
#   requires KHR_mesh_quantization: the square measures 65534 instead of 2, warnings: 0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q trimesh==5.2.0 numpy==2.2.6
cat >"$work/program.py" <<'PY'
import io
import json
import logging
import struct
import warnings

import numpy as np
import trimesh

CORNERS = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], "<f4")
FACES = np.array([0, 1, 2, 0, 2, 3], "<u2")
KINDS = {"<f4": 5126, "<u2": 5123, "<i2": 5122}


def load(name, extension, positions, **node):
    """Load a GLB of one square that requires an extension; return it and the warnings."""
    parts = [positions, FACES, *node.pop("more", [])]
    views, accessors, binary = [], [], b""
    for values in parts:
        rows = values.reshape(len(values), -1)
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": values.nbytes})
        kind = {1: "SCALAR", 3: "VEC3", 4: "VEC3"}[rows.shape[1]]
        accessor = {"bufferView": len(views) - 1, "componentType": KINDS[values.dtype.str]}
        accessors.append({**accessor, "count": len(rows), "type": kind})
        if rows.shape[1] == 4:  # three values and a padding
            views[-1]["byteStride"] = rows.strides[0]
            accessors[-1]["normalized"] = True
        binary += values.tobytes() + b"\0" * (-values.nbytes % 4)
    whole = {
        "asset": {"version": "2.0"},
        "extensionsUsed": [extension],
        "extensionsRequired": [extension],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": name, **node}],
        "meshes": [{"name": name, "primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(whole).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(binary))
    text = struct.pack("<I4s", len(text), b"JSON") + text
    data = head + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    told = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = told.append
    logging.getLogger("trimesh").addHandler(handler)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scene = trimesh.load_scene(io.BytesIO(data), file_type="glb")
    return scene, len(caught) + len(told)


places = np.array([[0, 0, 0], [3, 0, 0], [6, 0, 0]], "<f4")
instances = {"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": 2}}}
scene, said = load(
    "chair", "EXT_mesh_gpu_instancing", CORNERS, extensions=instances, more=[places]
)
chairs = len(scene.graph.nodes_geometry)
print(f"requires EXT_mesh_gpu_instancing: {chairs} of 3 chairs, warnings: {said}")

shares = np.zeros((4, 4), "<i2")
shares[:, :3] = CORNERS * 32767
scene, more = load("square", "KHR_mesh_quantization", shares)
size = scene.extents[0]
print(f"requires KHR_mesh_quantization: the square measures {size:.0f} instead of 2, warnings: {more}")
raise SystemExit(not (chairs == 1 and size == 65534 and said == more == 0))
PY
"$work/venv/bin/python" "$work/program.py"
