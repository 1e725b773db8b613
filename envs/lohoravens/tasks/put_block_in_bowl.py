"""CLIPort: the blocks of one colour each in a bowl of another."""

from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps

DISTRACTORS = 4


def sample(table: Table) -> Problem:
    colour, bowl_colour, *others = table.colours
    bowls = [table.bowl(bowl_colour) for _ in range(table.number(1, 3))]
    blocks = [table.block(colour) for _ in range(table.number(1, len(bowls)))]
    table.distractors(DISTRACTORS, others, ("block", "bowl"))
    atoms = [
        Atom("in", (block,), (*bowls[number:], *bowls[:number]))
        for number, block in enumerate(blocks)
    ]
    return Problem(f"put the {colour} blocks in a {bowl_colour} bowl", steps(*atoms))


TASKS = (Task("put-block-in-bowl", sample, ("cliport",), aspects=("colour",), spare=1),)
