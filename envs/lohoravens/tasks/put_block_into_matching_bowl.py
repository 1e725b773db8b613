"""B of the first benchmark: every block into the bowl of its color."""

from longhaul.envs.lohoravens.tasks.build import into
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps


def sample(table: Table) -> Problem:
    colors = table.colors[: table.number(5, 7)]
    bowls = [table.bowl(color) for color in colors]
    blocks = [table.block(color) for color in colors[: table.number(5, len(colors))]]
    table.distractors(table.number(0, 6), table.colors[len(colors) :], ("block", "bowl"))
    pairs = zip(blocks, bowls, strict=False)
    return Problem(
        "put the blocks in the bowls with matching colors",
        steps(*(into(block, bowl) for block, bowl in pairs)),
    )


TASKS = (Task("put-block-into-matching-bowl", sample, groups=("seen",), aspects=("color",)),)
