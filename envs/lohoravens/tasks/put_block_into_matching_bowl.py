"""B of the first benchmark: every block into the bowl of its colour."""

from longhaul.envs.lohoravens.tasks.build import into
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps


def sample(table: Table) -> Problem:
    colours = table.colours[: table.number(5, 7)]
    bowls = [table.bowl(colour) for colour in colours]
    blocks = [table.block(colour) for colour in colours[: table.number(5, len(colours))]]
    table.distractors(table.number(0, 6), table.colours[len(colours) :], ("block", "bowl"))
    pairs = zip(blocks, bowls, strict=False)
    return Problem(
        "put the blocks in the bowls with matching colors",
        steps(*(into(block, bowl) for block, bowl in pairs)),
    )


TASKS = (Task("put-block-into-matching-bowl", sample, groups=("seen",), aspects=("colour",)),)
