"""Furnishes rooms: one short function per kind of room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from longhaul.navgen.houses.furnish import WALL_GAP_M, Furnisher
from longhaul.navgen.houses.kitchen import kitchen
from longhaul.navgen.houses.space import Thing

HALF_TURN_RAD = np.pi
"""The turn (radians) of a thing that faces another one."""

PICTURE_HEIGHT_M, MIRROR_HEIGHT_M, CLOCK_HEIGHT_M, SHELF_HEIGHT_M = 1.45, 1.1, 1.75, 1.45
"""The heights (m) above the floor of the lower edges of things that hang on walls."""

READING = ("book", "stack of books", "magazine", "newspaper", "notebook", "glasses")
TOYS = ("toy car", "teddy bear", "ball", "blocks")
KEEPSAKES = ("vase", "photo frame", "sculpture", "candle", "globe", "radio", "cactus")
POCKETS = ("keys", "phone", "hat", "glasses", "tissue box")
TOILETRIES = ("soap dispenser", "toothbrush cup", "towel", "tissue box")


def some(f: Furnisher, thing: Thing | None, categories: tuple[str, ...], most: int) -> None:
    """Put 1 to `most` different things of a list on `thing`."""
    count = min(int(f.rng.integers(1, most + 1)), len(categories))
    for index in f.rng.permutation(len(categories))[:count]:
        f.on(thing, categories[int(index)])


def shelf(f: Furnisher) -> Thing | None:
    """Stand a bookshelf with things on top of it."""
    case = f.against("bookshelf", 0.5)
    some(f, case, KEEPSAKES, 2)
    return case


def walls(f: Furnisher, pictures: int, clock: float) -> None:
    """Hang curtains, radiators and pictures, and a clock with the probability `clock`."""
    f.curtains()
    f.radiators()
    for _ in range(pictures):
        f.somewhere("picture", PICTURE_HEIGHT_M)
    if f.chance(clock):
        f.somewhere("wall clock", CLOCK_HEIGHT_M)


def living_room(f: Furnisher) -> None:
    """Place a sofa that faces the television across a coffee table."""
    stand = lounge(f)
    f.on(stand, "tv", 0.0, -0.6, 0.0)
    f.on(stand, "remote control", 0.9, 0.6)
    if f.chance(0.6):
        f.beside(stand, "speaker", -1)
    shelf(f)
    extra = ("fireplace", "piano", "sideboard", "bookshelf")[int(f.rng.integers(4))]
    furnished = f.against(extra, 0.5)
    if extra == "sideboard" and f.chance(0.5):
        f.on(furnished, "aquarium", turn=0.0)
    some(f, furnished, KEEPSAKES, 3)
    if f.chance(0.3):
        f.against("rocking chair", 0.3)
    f.against("standing lamp", 0.0, corner=1.0)
    f.against("potted plant", 0.0, corner=1.0)
    f.light(("ceiling lamp", "chandelier")[int(f.chance(0.3))])
    walls(f, 3, 0.5)
    f.drop(("basket", "backpack", "toy car", "pouf", "watering can")[int(f.rng.integers(5))])


def lounge(f: Furnisher) -> Thing | None:
    """Place the television's stand, and a sofa, a coffee table, a rug and armchairs before it."""
    start = f.space.save()
    for share in (0.5, 0.36, 0.64, 0.25, 0.75):
        for index in f.rng.permutation(len(f.space.walls)):
            wall = f.space.walls[int(index)]
            for away in (2.9, 2.5, 2.2, 3.3):
                stand = f.stock.take("tv stand")
                if not f.stand(stand, wall, share * wall.length, 0.0, WALL_GAP_M):
                    break
                sofa = f.near(stand, "sofa", 0.0, away, HALF_TURN_RAD)
                table = f.before(sofa, "coffee table", 0.35)
                if sofa is not None and table is not None:
                    around(f, sofa, table)
                    return stand
                f.space.restore(start)
    apart, seat = f.against("tv stand", 0.6), f.against("sofa", 0.6)
    if seat is not None:
        around(f, seat, f.before(seat, "side table", 0.4))
    return apart


def around(f: Furnisher, sofa: Thing, table: Thing | None) -> None:
    """Put things on the table before a sofa, a rug below it, and an armchair and a lamp beside
    it."""
    some(f, table, ("cup", "fruit bowl", "candle", "chess board", *READING), 5)
    f.on(table, "magazine", level=1)
    f.lay("rug", table)
    side = 1 if f.chance(0.5) else -1
    for turn in (side, -side):
        chair = f.near(table, "armchair", turn * 1.35, 0.1, -turn * np.pi / 2)
        if chair is not None and f.chance(0.6):
            break
    lamp = f.beside(sofa, "side table", 1) or f.beside(sofa, "side table", -1)
    f.on(lamp, "table lamp")
    f.above(sofa, "picture", PICTURE_HEIGHT_M)


def dining_room(f: Furnisher) -> None:
    """Place a laid table with chairs round it."""
    table = dining_table(f)
    if table is not None:
        f.on(table, ("fruit bowl", "vase", "candle")[int(f.rng.integers(3))], 0.0, 0.0)
        for u, v in ((-0.7, 1.0), (0.7, 1.0), (-0.7, -1.0), (0.7, -1.0)):
            if f.chance(0.6):
                f.on(table, "plate", u, v, 0.0 if v > 0 else HALF_TURN_RAD)
        some(f, table, ("wine glass", "bottle", "jug", "cup"), 3)
        f.light("pendant lamp", table.x, table.z)
    some(f, f.against("sideboard", 0.5, corner=0.0), ("vase", "teapot", "bowl", "bottle", "jug"), 4)
    if f.chance(0.4):
        f.against("console table", 0.4)
    f.against("potted plant", 0.0, corner=1.0)
    walls(f, 2, 0.4)


def dining_table(f: Furnisher) -> Thing | None:
    """Stand a table with its chairs, in that of a few ways in which the most chairs fit."""
    start, best, most = f.space.save(), None, 0
    kinds = ("round table", "dining table") if f.chance(0.25) else ("dining table", "round table")
    for category in kinds:
        for turn in (0.0, np.pi / 2):
            table = f.center(category, turn)
            seats = chairs(f, table) if table is not None else 0
            if seats > most:
                best, most = (table, f.space.save()), seats
            f.space.restore(start)
        if best is not None and most >= 4:
            break
    if best is None:
        return f.center("round table")
    f.space.restore(best[1])
    return best[0]


def chairs(f: Furnisher, table: Thing, category: str = "chair") -> int:
    """Pull chairs up to a table and return how many fit.

    At most two or three stand along each long side, and four at a round table.
    """
    before = len(f.space.things)
    width, depth = float(table.high[0]), float(table.high[2])
    if table.furniture.category == "round table":
        for turn in np.arange(4) * np.pi / 2:
            f.near(
                table,
                category,
                np.sin(turn) * 0.6,
                np.cos(turn) * 0.6,
                turn + HALF_TURN_RAD,
                tuck=True,
            )
        return len(f.space.things) - before
    columns = (-0.5, 0.5) if width < 0.85 else (-0.62, 0.0, 0.62)
    for side in (1, -1):
        for column in columns:
            x, z = column * width * 0.9, side * (depth + 0.1)
            f.near(table, category, x, z, HALF_TURN_RAD if side > 0 else 0.0, tuck=True)
    return len(f.space.things) - before


def bedroom(f: Furnisher) -> None:
    """Place a bed with nightstands, a wardrobe, and other things that fit."""
    bed = f.against("bed", 0.35, corner=0.0)
    for side in (-1, 1):
        stand = f.beside(bed, "nightstand", side)
        f.on(stand, "table lamp", 0.0, -0.8)
        some(f, stand, ("alarm clock", "book", "glasses", "phone", "cup"), 2)
    f.on(bed, ("blanket", "pillow", "hat", "laptop")[int(f.rng.integers(4))], 1.0, 0.5, np.pi / 2)
    f.on(bed, READING[int(f.rng.integers(4))], -1.0)
    f.above(bed, "picture", PICTURE_HEIGHT_M)
    f.against("wardrobe", 0.6, corner=1.0) or f.against("wardrobe", 0.45)
    dresser = f.against(("dresser", "toy chest")[int(f.chance(0.1))], 0.5)
    some(f, dresser, ("photo frame", "vase", "tissue box", "candle", "hat"), 3)
    if dresser is not None and f.chance(0.6):
        f.above(dresser, "mirror", MIRROR_HEIGHT_M)
    if f.chance(0.5):
        f.against(("armchair", "desk", "bench", "bookshelf")[int(f.rng.integers(4))], 0.5)
    f.lay("rug", bed, 0.0, 0.7)
    f.against(("standing lamp", "potted plant")[int(f.chance(0.5))], 0.0, corner=1.0)
    f.light("ceiling lamp")
    walls(f, 1, 0.2)
    f.drop("shoes")
    f.drop(("suitcase", "handbag", "guitar", "basket", "dumbbell")[int(f.rng.integers(5))])


def kids_room(f: Furnisher) -> None:
    """Place a bed, a desk and toys."""
    bed = f.against(("single bed", "bunk bed")[int(f.chance(0.4))], 0.35, corner=1.0)
    stand = f.beside(bed, "nightstand", 1) or f.beside(bed, "nightstand", -1)
    f.on(stand, "table lamp", 0.0, -0.8)
    f.on(stand, "book")
    f.on(bed, "teddy bear")
    f.against("wardrobe", 0.6, corner=1.0)
    desk(f, ("book", "notebook", "pen holder", "globe", "headphones"))
    some(f, f.against("toy chest", 0.4), TOYS, 2)
    extra = ("dollhouse", "bookshelf", "easel", "crib")[int(f.rng.integers(4))]
    f.against(extra, 0.4)
    f.lay("rug", bed, 1.4, 0.4)
    f.light("ceiling lamp")
    f.somewhere("world map", PICTURE_HEIGHT_M)
    walls(f, 1, 0.3)
    for toy in f.rng.permutation(TOYS)[:3]:
        f.drop(str(toy))
    f.drop("backpack")


def desk(f: Furnisher, things: tuple[str, ...]) -> Thing | None:
    """Stand a desk with a chair, a lamp and things on it."""
    table = f.against("desk", 0.75)
    f.near(table, "office chair", -0.1, 0.5, HALF_TURN_RAD, tuck=True)
    f.on(table, "desk lamp", -0.9, -0.8, 0.0)
    some(f, table, things, 4)
    return table


def office(f: Furnisher) -> None:
    """Place a desk with a computer, shelves and a filing cabinet."""
    table = f.against("desk", 0.75, corner=0.3)
    f.near(table, "office chair", -0.15, 0.5, HALF_TURN_RAD, tuck=True)
    f.on(table, "monitor", 0.35, -0.35, 0.0)
    f.on(table, "keyboard", 0.3, 0.9, 0.0)
    f.on(table, "desk lamp", 0.95, -0.8, 0.0)
    some(f, table, ("notebook", "pen holder", "cup", "phone", "headphones", "book"), 4)
    shelf(f)
    if f.chance(0.6):
        shelf(f)
    f.on(table, "printer", -0.95, 0.0, 0.0)
    some(f, f.against("filing cabinet", 0.5), ("stack of books", "cactus", "globe", "box"), 2)
    if f.chance(0.4):
        f.against("safe", 0.4)
    if f.chance(0.5):
        f.against("armchair", 0.4)
    f.against("potted plant", 0.0, corner=1.0)
    f.lay("rug", table, 0.0, 1.4)
    f.light("ceiling lamp")
    f.somewhere("world map", PICTURE_HEIGHT_M)
    walls(f, 1, 0.7)
    f.drop("trash can")
    f.drop(("backpack", "box")[int(f.chance(0.5))])


def bathroom(f: Furnisher) -> None:
    """Place a toilet, a washbasin below a mirror, and a bathtub or a shower."""
    wash = ("bathtub", "shower")[int(f.chance(0.4))]
    tub = f.against(wash, 0.3, corner=1.0) or f.against("shower", 0.3, corner=1.0)
    basin = f.against("washbasin", 0.45)
    f.above(basin, "mirror", MIRROR_HEIGHT_M)
    some(f, basin, TOILETRIES, 2)
    toilet = f.against("toilet", 0.45)
    if toilet is not None:
        hang_beside(f, toilet, "toilet paper")
    f.lay("bath mat", tub, 0.0, 0.85)
    f.somewhere("towel rack", 0.95)
    f.somewhere("towel rack", 0.95)
    f.against("laundry basket", 0.0, corner=1.0)
    if f.chance(0.5):
        f.drop("bathroom scale")
    if f.chance(0.4):
        f.against("stool", 0.0)
    f.light("ceiling lamp")


def hang_beside(f: Furnisher, thing: Thing, category: str) -> None:
    """Hang a thing low on the wall behind another one, to the right or left of it."""
    for side in (1, -1):
        item = f.stock.take(category)
        across = side * (float(thing.high[0]) + 0.15)
        item.x, item.z = thing.world(across, float(thing.low[2]) - WALL_GAP_M)
        item.yaw, item.y = thing.yaw, 0.65
        if f.place(item):
            return


def laundry_room(f: Furnisher) -> None:
    """Place a washing machine and a dryer side by side."""
    machine = f.against("washing machine", 0.5, corner=0.8)
    dryer = f.beside(machine, "dryer", 1, 0.02) or f.beside(machine, "dryer", -1, 0.02)
    some(f, machine, ("detergent", "towel", "basket"), 2)
    some(f, dryer or f.against("dryer", 0.5), ("towel", "box", "detergent"), 2)
    f.above(dryer, "wall shelf", SHELF_HEIGHT_M)
    f.against("laundry basket", 0.0)
    f.against("ironing board", 0.3)
    if f.chance(0.5):
        f.against("drying rack", 0.0)
    f.somewhere("water heater", 1.3)
    f.against("broom", 0.0, corner=1.0)
    f.drop("bucket")
    if f.chance(0.5):
        f.drop("vacuum cleaner")
    f.light("ceiling lamp")


def gym(f: Furnisher) -> None:
    """Place what is used for sport and hobbies."""
    f.against("treadmill", 0.6)
    f.against("bicycle", 0.0)
    f.somewhere("mirror", 0.9)
    if f.chance(0.6):
        f.against("piano", 0.6)
    f.against("fan", 0.0, corner=1.0)
    f.on(f.against("bench", 0.4), "towel")
    shelf(f)
    for _ in range(2):
        f.drop("dumbbell")
    f.drop("ball")
    f.drop("guitar")
    f.light("ceiling lamp")
    walls(f, 1, 0.8)


def hallway(f: Furnisher) -> None:
    """Place narrow things, and what people put down when they come home."""
    story = f.space.room.story
    if story == 0:
        f.against("coat rack", 0.0, corner=1.0)
        some(f, f.against("shoe rack", 0.35), POCKETS, 1)
        f.against("bench", 0.35)
    console = f.against("console table", 0.4)
    some(f, console, (*POCKETS, "vase", "table lamp"), 3)
    f.above(console, "mirror", MIRROR_HEIGHT_M)
    for door in f.space.doors:
        if None in door.rooms:
            doormat(f, door.along, door.const, door.center)
            f.drop("umbrella")
            f.drop("shoes")
    f.against("potted plant", 0.0, corner=1.0)
    f.lights("ceiling lamp", 3)
    walls(f, 3, 0.3)


def place_unknown(f: Furnisher, categories: Sequence[str]) -> None:
    """Place things of unknown categories: small ones on other things, large ones at a wall."""
    for category in categories:
        if f.stock.catalog[category].mount != "surface":
            f.against(category, 0.5)
        elif not any(f.on(thing, category) for thing in list(f.space.things)):
            f.drop(category)


def doormat(f: Furnisher, along: str, const: float, center: float) -> None:
    """Lay a mat inside the front door."""
    wall = f.wall_of(along, const, center)
    if wall is not None:
        mat = f.stock.take("doormat")
        x, z = (center, const) if along == "x" else (const, center)
        mat.x, mat.z, mat.yaw = x, z, wall.yaw
        mat.x, mat.z = mat.world(0.0, 0.4)
        f.space.add(mat)


ROOM_FURNISHERS: dict[str, Callable[[Furnisher], None]] = {
    "living room": living_room,
    "dining room": dining_room,
    "kitchen": kitchen,
    "bedroom": bedroom,
    "kids room": kids_room,
    "bathroom": bathroom,
    "office": office,
    "laundry room": laundry_room,
    "gym": gym,
    "hallway": hallway,
}
"""The functions that furnish rooms, by kind of room."""
