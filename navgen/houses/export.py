"""Writes a house as a folder of files that navigation simulators read.

NAME.glb                  the textured house: one unlit node per instance
NAME.semantic.glb, .txt   the house in instance colors, and the list of the colors (HM3D's format)
NAME.stage_config.json    tells habitat-sim how to load both
house.json                rooms, doors, windows, stairs and objects
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from longhaul.navgen.houses.glb import Node, glb
from longhaul.navgen.houses.house import House, Opening, Room, Stairs
from longhaul.navgen.houses.instances import Instance, instances, linear_color, srgb_hex
from longhaul.scratch import Scratch

HM3D_HEADER = "HM3D Semantic Annotations"


def write_house(house: House, folder: Path) -> None:
    """Write a house into a new folder, completely or not at all.

    The same house gives the same files, bit for bit. Raises FileExistsError if the folder exists,
    ValueError for a house that can't be built (see `check_house`).
    """
    if folder.exists():
        raise FileExistsError(f"house folder {folder} exists: remove it or choose another")
    folder.parent.mkdir(parents=True, exist_ok=True)
    files = house_files(house)
    with Scratch(f".{folder.name}.", folder.parent) as scratch:
        complete = scratch / folder.name
        complete.mkdir()
        for name, data in files.items():
            (complete / name).write_bytes(data)
        complete.rename(folder)


def house_files(house: House) -> dict[str, bytes]:
    """Return the content of each file of a house, by the file's name."""
    found, pictures = instances(house)
    seen, meant = [], []
    for item in found:
        extras, piece = {"semantic_id": item.id}, item.piece
        colors = np.tile(np.array(linear_color(item.id), np.uint8), (len(piece.mesh.positions), 1))
        seen.append(Node(item.node, piece.mesh, extras, piece.picture))
        meant.append(Node(item.node, replace(piece.mesh, colors=colors), extras))
    name = house.name
    return {
        f"{name}.glb": glb(seen, pictures),
        f"{name}.semantic.glb": glb(meant, {}),
        f"{name}.semantic.txt": _semantic_text(house, found).encode(),
        f"{name}.stage_config.json": _json(_stage(name)),
        "house.json": _json(_description(house, found)),
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()


def _semantic_text(house: House, found: Sequence[Instance]) -> str:
    """Return one line per instance: id, color, category, room.

    The outside has the number after the last room's.
    """
    outside = 1 + max(room.id for room in house.rooms)
    lines = [HM3D_HEADER]
    for item in found:
        room = outside if item.piece.room is None else item.piece.room
        lines.append(f'{item.id},{srgb_hex(linear_color(item.id))},"{item.piece.category}",{room}')
    return "\n".join(lines) + "\n"


def _stage(name: str) -> dict[str, Any]:
    return {
        "render_asset": f"{name}.glb",
        "collision_asset": f"{name}.glb",
        "semantic_asset": f"{name}.semantic.glb",
        "semantic_descriptor_filename": f"{name}.semantic.txt",
        "up": [0, 1, 0],
        "front": [0, 0, -1],
        "semantic_up": [0, 1, 0],
        "semantic_front": [0, 0, -1],
        "has_semantic_textures": False,
        "requires_lighting": False,
    }


def _description(house: House, found: Sequence[Instance]) -> dict[str, Any]:
    names = {room.id: room.kind for room in house.rooms}
    first = len(found) - len(house.objects) + 1
    return {
        "name": house.name,
        "seed": house.seed,
        "up": "+y",
        "units": "m",
        "wall_thickness": house.wall_thickness,
        "floor_thickness": house.floor_thickness,
        "rooms": [_room(room) for room in house.rooms],
        "doors": [_opening(door) for door in house.doors],
        "windows": [_opening(window) for window in house.windows],
        "stairs": [_stairs(stairs) for stairs in house.stairs],
        "objects": [_object(item, names, first) for item in found],
    }


def _room(room: Room) -> dict[str, Any]:
    points = np.array(room.polygon)
    (x, z), (far_x, far_z) = points.min(axis=0), points.max(axis=0)
    return {
        "id": room.id,
        "name": room.kind,
        "storey": room.story,
        "polygon_xz": _rounded(points),
        "aabb_min": _rounded([x, room.floor, z]),
        "aabb_max": _rounded([far_x, room.ceiling, far_z]),
        "ceiling": True,
    }


def _opening(opening: Opening) -> dict[str, Any]:
    return {
        "along": opening.along,
        "const": round(opening.const, 4),
        "center": round(opening.center, 4),
        "width": round(opening.width, 4),
        "height": round(opening.height, 4),
        "sill": round(opening.sill, 4),
        "storey": opening.story,
        "rooms": list(opening.rooms),
    }


def _stairs(stairs: Stairs) -> dict[str, Any]:
    return {
        "foot": _rounded(stairs.foot),
        "yaw": round(stairs.yaw, 6),
        "width": round(stairs.width, 4),
        "rise": round(stairs.rise, 4),
        "run": round(stairs.run, 4),
        "steps": stairs.steps,
        "rooms": list(stairs.rooms),
    }


def _object(item: Instance, names: dict[int, str], first: int) -> dict[str, Any]:
    """Return the entry of an instance; `first` is the id of the house's first object."""
    points, placed = item.piece.mesh.positions, item.placed
    low, high = points.min(axis=0), points.max(axis=0)
    room = item.piece.room
    entry = {
        "id": item.id,
        "category": item.piece.category,
        "room": None if room is None else names[room],
        "room_id": room,
        "furniture": placed is not None,
        "aabb_center": _rounded((low + high) / 2),
        "aabb_size": _rounded(high - low),
        "semantic_hex": srgb_hex(linear_color(item.id)),
        "node": item.node,
        "yaw": 0.0,
        "portable": False,
        "on": None,
    }
    if placed is None:
        return entry
    on = None if placed.on is None else first + placed.on
    portable = placed.furniture.portable
    return {**entry, "yaw": round(placed.yaw, 6), "portable": portable, "on": on}


def _rounded(values: Any) -> Any:
    """Return numbers as plain lists, rounded to a tenth of a millimeter."""
    # Adding zero makes -0.0 a plain 0.0.
    return (np.round(np.asarray(values, float), 4) + 0.0).tolist()
