"""What the 34 success tests read of a play table at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Contacts = frozenset[tuple[int, int]]
"""Bodies touched, each with the touched link: {(body id, link index)}, -1 for a base."""

BLOCK_COLORS = ("red", "blue", "pink")


@dataclass(frozen=True)
class BlockState:
    """One block, in the world frame: meters, quaternion xyzw, m/s and rad/s."""

    body: int
    position: tuple[float, float, float]
    orientation: tuple[float, float, float, float]
    linear_velocity: tuple[float, float, float]
    angular_velocity: tuple[float, float, float]
    contacts: Contacts

    @property
    def touched_bodies(self) -> frozenset[int]:
        return frozenset(body for body, _ in self.contacts)


@dataclass(frozen=True)
class SceneState:
    """The robot's contacts, the blocks by color, and the table.

    `robot` and `table` are body ids and `links` the table's link indices by name (`base_link` is
    -1). `doors` holds the joint positions in meters of `base__slide` and `base__drawer`,
    `lights` the logical state, 0 or 1, of `lightbulb` and `led`.
    """

    robot: int
    robot_contacts: Contacts
    blocks: Mapping[str, BlockState]
    table: int
    links: Mapping[str, int]
    doors: Mapping[str, float]
    lights: Mapping[str, int]

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> SceneState:
        """Read the info dict of calvin_env (with scene info), as it is or through JSON."""
        robot, scene = info["robot_info"], info["scene_info"]
        table = scene["fixed_objects"]["table"]
        return cls(
            robot=robot["uid"],
            robot_contacts=_touched(robot["contacts"]),
            blocks={
                name.removeprefix("block_"): _block(block)
                for name, block in scene["movable_objects"].items()
            },
            table=table["uid"],
            links=dict(table["links"]),
            doors={name: float(door["current_state"]) for name, door in scene["doors"].items()},
            lights={name: int(light["logical_state"]) for name, light in scene["lights"].items()},
        )


def _block(block: Mapping[str, Any]) -> BlockState:
    return BlockState(
        body=block["uid"],
        position=tuple(block["current_pos"]),
        orientation=tuple(block["current_orn"]),
        linear_velocity=tuple(block["current_lin_vel"]),
        angular_velocity=tuple(block["current_ang_vel"]),
        contacts=_touched(block["contacts"]),
    )


def _touched(points: Iterable[Sequence[Any]]) -> Contacts:
    """Return (body B, link B) of Bullet's contact points [flag, body A, body B, link A, link B]."""
    return frozenset((int(point[2]), int(point[4])) for point in points)
