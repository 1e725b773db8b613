"""CLIPort: a pyramid of three, two and one on three zones in a row, one sentence a block."""

from envs.lohoravens.goals import Atom
from envs.lohoravens.language import listed
from envs.lohoravens.tasks.table import Table
from envs.lohoravens.tasks.task import Problem, Step, Task
from envs.lohoravens.things import Pose, Thing, Vector
from envs.lohoravens.vocabulary import ZONE_HEIGHT

PAD: Vector = (0.05, 0.05, ZONE_HEIGHT)
"""One of the three zones (m); they lie side by side along y, so left and right are clear."""

PAD_COLOUR = "brown"
SIDES = ("left", "middle", "right")


def sample(table: Table) -> Problem:
    pads = _pads(table)
    blocks = [table.block(colour) for colour in table.colours[:6]]
    steps = []
    for block, pad, side in zip(blocks, pads, SIDES, strict=False):
        sentence = f"put the {table.colour(block)} block on the {side} {PAD_COLOUR} zone"
        steps.append(Step(Atom("zone", (block,), (pad,)), sentence=sentence))
    for block, below in zip(blocks[3:], (blocks[:2], blocks[1:3], blocks[3:5]), strict=True):
        below_names = listed([table.colour(name) for name in below])
        sentence = f"put the {table.colour(block)} block on the {below_names} blocks"
        steps.append(Step(Atom("across", (block,), tuple(below)), sentence=sentence))
    return Problem("", tuple(steps), sequential=True)


def _pads(table: Table) -> list[str]:
    """Put the three zones on the table, the left one first, and return their names."""
    row = Thing("row", "zone", PAD_COLOUR, (PAD[0], 3 * PAD[1], PAD[2]), fixed=True)
    x, y, z = table.spot(row, turn=False).position
    pads = [Thing(f"zone_{side}", "zone", PAD_COLOUR, PAD, fixed=True) for side in SIDES]
    return [
        table.place(pad, Pose((x, y + offset * PAD[1], z)))
        for pad, offset in zip(pads, (-1, 0, 1), strict=True)
    ]


TASKS = (
    Task(
        "stack-block-pyramid-seq",
        sample,
        ("cliport",),
        aspects=("color", "space", "order"),
        spare=6,
    ),
)
