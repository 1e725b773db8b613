"""Rays against triangles, by Möller and Trumbore (1997)."""

import numpy as np


def first_hits(
    corners: np.ndarray, origins: np.ndarray, ways: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return per ray how many times its way (R, 3) lies before the first triangle (F, 3, 3), inf
    for none, and whether it meets a front (1) or a back (-1); 0 for none."""
    a, b, c = np.asarray(corners, float).transpose(1, 0, 2)
    along, up = b - a, c - a
    normals = np.cross(along, up)
    distances, facing = np.full(len(origins), np.inf), np.zeros(len(origins))
    for ray, (origin, way) in enumerate(zip(origins, ways, strict=True)):
        cross = np.cross(way, up)
        slope = (along * cross).sum(axis=1)
        level = np.abs(slope) < 1e-14
        share = 1.0 / np.where(level, 1.0, slope)
        offset = origin - a
        u = (offset * cross).sum(axis=1) * share
        other = np.cross(offset, along)
        v = (other @ way) * share
        distance = (up * other).sum(axis=1) * share
        inside = ~level & (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0) & (distance > 1e-9)
        if inside.any():
            nearest = np.where(inside, distance, np.inf).argmin()
            distances[ray] = distance[nearest]
            facing[ray] = -np.sign(normals[nearest] @ way)
    return distances, facing
