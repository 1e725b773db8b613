"""Bullet worlds: their own clients, free fall, contacts, and the same numbers after `clear`."""

from __future__ import annotations

from pathlib import Path

import pybullet
import pytest

from longhaul.envs.bullet.body import BASE_LINK, Body
from longhaul.envs.bullet.solids import box
from longhaul.envs.bullet.world import World


def stack(world: World) -> list[Body]:
    """Return a slab and three boxes above it that will fall onto one another."""
    slab = world.add([box((1.0, 1.0, 0.1))], [], 0.0, (0.0, 0.0, -0.05))
    boxes = [
        world.add([box((0.1, 0.08, 0.1))], [], 1.0, (0.03 * i, 0.02 * i, 0.06 + 0.12 * i))
        for i in range(3)
    ]
    return [slab, *boxes]


def tumble(world: World, steps: int) -> list[object]:
    boxes = stack(world)
    trace: list[object] = []
    for _ in range(steps):
        world.step()
        trace += [(one.pose(), one.velocity()) for one in boxes]
    return trace


def test_worlds_are_apart() -> None:
    one, other = World(), World()
    one.add([box((1, 1, 1))], [], 1.0, (0, 0, 0))
    assert pybullet.getNumBodies(physicsClientId=one.client) == 1
    assert pybullet.getNumBodies(physicsClientId=other.client) == 0
    one.close()
    one.close()
    other.close()


def test_free_fall_is_bullets_semi_implicit_euler() -> None:
    world = World(rate=100.0, gravity=-10.0)
    cube = world.add([box((0.1, 0.1, 0.1))], [], 2.0, (0, 0, 5))
    # Without Bullet's default damping of 0.04 the sum is exact.
    pybullet.changeDynamics(cube.uid, BASE_LINK, linearDamping=0.0, physicsClientId=world.client)
    world.step(20)
    assert cube.pose()[0][2] == pytest.approx(5 - 10 * 0.01**2 * 20 * 21 / 2, abs=1e-9)
    assert cube.velocity()[0][2] == pytest.approx(-10 * 0.2, abs=1e-9)
    world.close()


def test_contacts_are_seen_from_both_sides() -> None:
    world = World()
    slab, *boxes = stack(world)
    assert not world.contacts()
    world.step(240)
    contacts = world.contacts()
    assert (slab.uid, BASE_LINK) in contacts[boxes[0].uid]
    assert (boxes[0].uid, BASE_LINK) in contacts[slab.uid]
    assert all(body not in dict(contacts[body]) for body in contacts)
    world.close()


def test_a_world_built_again_repeats_itself_bit_for_bit() -> None:
    fresh, used = World(), World()
    expected = tumble(fresh, 300)
    for steps in (170, 40):
        tumble(used, steps)
        used.clear()
    assert tumble(used, 300) == expected
    assert fresh.contacts() == used.contacts() != {}
    fresh.close()
    used.close()


def test_a_simulated_world_loads_no_visual_shapes(tmp_path: Path) -> None:
    urdf = tmp_path / "ball.urdf"
    urdf.write_text(
        '<robot name="ball"><link name="ball"><inertial><mass value="1"/>'
        '<inertia ixx="1" ixy="0" ixz="0" iyy="1" iyz="0" izz="1"/></inertial>'
        '<visual><geometry><sphere radius="0.15"/></geometry></visual>'
        '<collision><geometry><sphere radius="0.1"/></geometry></collision></link></robot>'
    )
    # Where Bullet has no visual shape it shows the collision shape instead.
    for visuals, radius in ((False, 0.2), (True, 0.3)):
        world = World(visuals=visuals)
        ball = world.load(urdf, (0, 0, 1), scale=2.0)
        (seen,) = pybullet.getVisualShapeData(ball.uid, physicsClientId=world.client)
        (felt,) = pybullet.getCollisionShapeData(ball.uid, BASE_LINK, physicsClientId=world.client)
        assert seen[3][0] == pytest.approx(radius)
        assert felt[3][0] == pytest.approx(0.2)
        world.close()


def test_files_that_cannot_be_loaded_are_named(tmp_path: Path) -> None:
    world = World()
    with pytest.raises(FileNotFoundError, match="nowhere"):
        world.load(tmp_path / "nowhere.urdf")
    broken = tmp_path / "broken.urdf"
    broken.write_text("<robot>")
    with pytest.raises(RuntimeError, match="broken"):
        world.load(broken)
    world.close()
