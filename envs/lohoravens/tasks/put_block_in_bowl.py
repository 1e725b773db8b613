"""CLIPort: the blocks of one color each in a bowl of another."""

from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps

DISTRACTORS = 4


def sample(table: Table) -> Problem:
    color, bowl_color, *others = table.colors
    bowls = [table.bowl(bowl_color) for _ in range(table.number(1, 3))]
    blocks = [table.block(color) for _ in range(table.number(1, len(bowls)))]
    table.distractors(DISTRACTORS, others, ("block", "bowl"))
    atoms = [
        Atom("in", (block,), (*bowls[number:], *bowls[:number]))
        for number, block in enumerate(blocks)
    ]
    return Problem(f"put the {color} blocks in a {bowl_color} bowl", steps(*atoms))


TASKS = (Task("put-block-in-bowl", sample, ("cliport",), aspects=("color",), spare=1),)
