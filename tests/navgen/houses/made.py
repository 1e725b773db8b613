"""A small house made by hand: two rooms, two above them, a flight of stairs, some furniture."""

import numpy as np

from longhaul.navgen.houses.furniture import CATALOG
from longhaul.navgen.houses.house import House, Opening, Placed, Room, Stairs

STORY, CEILING = 2.8, 2.6

LEFT = ((0.0, 0.0), (6.0, 0.0), (6.0, 5.0), (0.0, 5.0))
RIGHT = ((6.0, 0.0), (10.0, 0.0), (10.0, 5.0), (6.0, 5.0))

THINGS = (
    ("sofa", 0, (3.0, 0.0, 4.45), np.pi, None),
    ("coffee table", 0, (3.0, 0.0, 3.1), 0.0, None),
    ("rug", 0, (3.0, 0.0, 3.1), 0.0, None),
    ("vase", 0, (3.1, 0.42, 3.1), 0.0, 1),
    ("picture", 0, (5.95, 1.4, 4.2), -np.pi / 2, None),
    ("ceiling lamp", 0, (3.0, CEILING, 3.0), 0.0, None),
    ("dining table", 1, (8.0, 0.0, 3.0), 0.0, None),
    ("chair", 1, (8.0, 0.0, 2.3), 0.0, None),
    ("chair", 1, (8.0, 0.0, 3.7), np.pi, None),
    ("fridge", 1, (9.6, 0.0, 0.5), -np.pi / 2, None),
    ("bed", 3, (8.6, STORY, 3.5), np.pi, None),
    ("wardrobe", 3, (9.65, STORY, 1.2), -np.pi / 2, None),
)
"""Category, room, position (m), yaw (rad), and the index of the thing below."""


def small_house(seed: int = 3) -> House:
    """Return the house; its stories are 2.8 m apart, and 16 steps join them."""
    rng = np.random.default_rng(seed)
    objects = []
    for category, room, position, yaw, on in THINGS:
        item = CATALOG[category]
        objects.append(Placed(item, item.build(rng), room, position, yaw, on))
    return House(
        name="small",
        seed=seed,
        rooms=(
            Room(0, "living room", 0, LEFT, 0.0, CEILING),
            Room(1, "kitchen", 0, RIGHT[::-1], 0.0, CEILING),
            Room(2, "hallway", 1, LEFT, STORY, STORY + CEILING),
            Room(3, "bedroom", 1, RIGHT, STORY, STORY + CEILING),
        ),
        doors=(
            Opening("z", 6.0, 2.5, 0.9, 2.05, 0.0, 0, (0, 1)),
            Opening("x", 5.0, 0.9, 0.95, 2.05, 0.0, 0, (0, None)),
            Opening("z", 6.0, 2.5, 0.9, 2.05, 0.0, 1, (2, 3)),
        ),
        windows=(
            Opening("x", 5.0, 3.2, 1.6, 1.2, 0.9, 0, (0, None)),
            Opening("z", 10.0, 3.0, 1.2, 1.2, 0.9, 0, (1, None)),
            Opening("z", 10.0, 3.6, 1.2, 1.2, 0.9, 1, (3, None)),
        ),
        stairs=(Stairs((1.0, 0.0, 0.6), np.pi / 2, 1.0, STORY / 16, 0.25, 16, (0, 2)),),
        objects=tuple(objects),
    )
