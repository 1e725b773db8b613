#!/usr/bin/env bash
# Package: pybullet 3.2.7
# The good guess: a world in which every body is put back to the same pose and at rest
#   (resetBasePositionAndOrientation) goes on as it did the first time, at least with
#   deterministicOverlappingPairs=1. Simulators reset their episodes so, calvin_env for one.
# The behavior: it does for boxes. Things of several convex parts end up elsewhere after another rollout
#   in the same world: a reset of poses leaves Bullet's contact caches as they are. The same sequence of
#   rollouts gives the same states; the same rollout after another one does not. Even where a thing was
#   when it was loaded matters after it was put elsewhere. resetSimulation and loading forget the past.
# Output seen (ten things fall on a heap, 10 heaps, each alone and after another heap in the same world):
#   boxes, and boxes loaded elsewhere: 0 of 10 heaps end elsewhere, by up to 0 mm
#   things of three parts: 10 of 10 heaps end elsewhere, by up to 589 mm
#   things of three parts, loaded elsewhere: 2 of 10 heaps end elsewhere, by up to 2 mm
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pybullet==3.2.7 numpy==2.2.6
cat >"$work/program.py" <<'PY'
import numpy as np
import pybullet as bullet

THINGS, HEAPS, STEPS = 10, 10, 480
BOX = [[0.05, 0.02, 0.02]]
PARTS = [[0.05, 0.02, 0.02], [0.02, 0.05, 0.02], [0.02, 0.02, 0.05]]
PLACES = [[0, 0, 0], [0.03, 0.03, 0], [-0.03, 0, 0.03]]


def poses(seed):
    """Return where the things start: one above the other, turned at random."""
    random = np.random.default_rng(seed)
    positions = [[*random.uniform(-0.05, 0.05, 2), 0.06 + 0.12 * i] for i in range(THINGS)]
    turns = [bullet.getQuaternionFromEuler(random.uniform(-3, 3, 3).tolist()) for _ in positions]
    return list(zip(positions, turns))


def load(parts, starts):
    bullet.resetSimulation()
    bullet.setPhysicsEngineParameter(deterministicOverlappingPairs=1)
    bullet.setGravity(0, 0, -9.8)
    floor = bullet.createCollisionShape(bullet.GEOM_BOX, halfExtents=[1, 1, 0.05])
    bullet.createMultiBody(0, floor, basePosition=[0, 0, -0.05])
    shape = bullet.createCollisionShapeArray(
        shapeTypes=[bullet.GEOM_BOX] * len(parts),
        halfExtents=parts,
        collisionFramePositions=PLACES[: len(parts)],
    )
    return [
        bullet.createMultiBody(1.0, shape, basePosition=position, baseOrientation=turn)
        for position, turn in starts
    ]


def fall(bodies, starts):
    """Put the things to their starts, at rest, and return where they are 2 s later."""
    for body, (position, turn) in zip(bodies, starts):
        bullet.resetBasePositionAndOrientation(body, position, turn)
    for _ in range(STEPS):
        bullet.stepSimulation()
    return np.array([bullet.getBasePositionAndOrientation(body)[0] for body in bodies])


bullet.connect(bullet.DIRECT)
found = {}
for name, parts in (("boxes", BOX), ("things of three parts", PARTS)):
    after, loaded = [], []
    for heap in range(HEAPS):
        starts, others = poses(heap), poses(100 + heap)
        alone = fall(load(parts, starts), starts)
        assert (fall(load(parts, starts), starts) == alone).all(), "a world loaded anew"
        bodies = load(parts, starts)
        fall(bodies, others)
        after.append(1000 * np.linalg.norm(fall(bodies, starts) - alone, axis=1).max())
        elsewhere = fall(load(parts, others), starts)
        loaded.append(1000 * np.linalg.norm(elsewhere - alone, axis=1).max())
    found |= {name: after, f"{name}, loaded elsewhere": loaded}
for name, apart in found.items():
    count = sum(distance > 0 for distance in apart)
    print(f"{name}: {count} of {HEAPS} heaps end elsewhere, by up to {max(apart):.0f} mm")
raise SystemExit(0 if max(found["boxes"]) == 0 and max(found["things of three parts"]) > 10 else 1)
PY
"$work/venv/bin/python" "$work/program.py"
