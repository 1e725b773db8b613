"""CLIPort: a pyramid of three, two and one on three zones in a row, one sentence a block."""

from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.language import listed
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Step, Task
from longhaul.envs.lohoravens.things import Pose, Thing, Vector
from longhaul.envs.lohoravens.vocabulary import ZONE_THICKNESS_M

PAD: Vector = (0.05, 0.05, ZONE_THICKNESS_M)
"""One of the three zones (m); they lie side by side along y."""


def sample(table: Table) -> Problem:
    pads = _pads(table, table.shuffled(table.colors)[:3])
    blocks = [table.block(color) for color in table.colors[:6]]
    steps = []
    for block, pad in zip(blocks, pads, strict=False):
        sentence = f"put the {table.color(block)} block on the {table.color(pad)} zone"
        steps.append(Step(Atom("zone", (block,), (pad,)), sentence=sentence))
    for block, below in zip(blocks[3:], (blocks[:2], blocks[1:3], blocks[3:5]), strict=True):
        below_names = listed([table.color(name) for name in below])
        sentence = f"put the {table.color(block)} block on the {below_names} blocks"
        steps.append(Step(Atom("across", (block,), tuple(below)), sentence=sentence))
    return Problem("", tuple(steps), sequential=True)


def _pads(table: Table, colors: list[str]) -> list[str]:
    """Put the three zones on the table and return their names."""
    row = Thing("row", "zone", colors[0], (PAD[0], 3 * PAD[1], PAD[2]), fixed=True)
    x, y, z = table.spot(row, turn=False).position
    return [
        table.place(
            Thing(f"zone_{number}", "zone", color, PAD, fixed=True),
            Pose((x, y + (number - 1) * PAD[1], z)),
        )
        for number, color in enumerate(colors)
    ]


TASKS = (
    Task(
        "stack-block-pyramid-seq",
        sample,
        ("cliport",),
        aspects=("color", "order"),
        spare=6,
    ),
)
