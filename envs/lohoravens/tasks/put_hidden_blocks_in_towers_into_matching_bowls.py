"""Every block that lies under another one into the bowl of its color: towers of two or three."""

from longhaul.envs.lohoravens.tasks.build import into
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Step, Task
from longhaul.envs.lohoravens.vocabulary import BIG_EDGE_M, SMALL_EDGE_M


def two_layers(table: Table) -> Problem:
    return _towers(table, count=table.number(2, 3), hidden_each=1)


def three_layers(table: Table) -> Problem:
    return _towers(table, count=2, hidden_each=2)


def _towers(table: Table, count: int, hidden_each: int) -> Problem:
    """Towers of small blocks under a bigger one; blocks are taken from the top."""
    total = count * hidden_each
    hidden, others = table.colors[:total], table.colors[total:]
    colors = hidden + others[count:][: table.number(0, 1)]
    bowl_of = {color: table.bowl(color) for color in table.shuffled(colors)}
    steps = []
    for number in range(count):
        below = hidden[number * hidden_each : (number + 1) * hidden_each]
        cubes = [*((color, SMALL_EDGE_M) for color in below), (others[number], BIG_EDGE_M)]
        *tower, _ = table.tower(*cubes)
        for block in reversed(tower):
            actions = 2 if block == tower[-1] else 1
            steps.append(Step(into(block, bowl_of[table.color(block)]), actions))
    if table.number(0, 1):
        table.block(others[-1])
    return Problem(
        "put all the blocks that are hidden under other blocks in the bowls with matching colors",
        tuple(steps),
    )


TASKS = (
    Task(
        "put-hidden-blocks-in-two-layer-towers-into-matching-bowls",
        two_layers,
        groups=("v2-seen",),
        aspects=("color", "occlusion"),
    ),
    Task(
        "put-hidden-blocks-in-three-layer-towers-into-matching-bowls",
        three_layers,
        groups=("v2-unseen",),
        aspects=("color", "occlusion"),
    ),
)
