"""F of the first benchmark: every block into a bowl of another color, one block in each."""

from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps


def sample(table: Table) -> Problem:
    colors = table.colors[: table.number(5, 7)]
    bowls = [table.bowl(color) for color in colors]
    blocks = [table.block(color) for color in colors[: table.number(5, len(colors))]]
    bowls += table.distractors(table.number(0, 6), table.colors[len(colors) :], ("bowl",))
    atoms = []
    for number, block in enumerate(blocks, 1):
        around = bowls[number:] + bowls[:number]
        others = [bowl for bowl in around if table.color(bowl) != table.color(block)]
        atoms.append(Atom("in", (block,), tuple(others), exclusive=True))
    return Problem(
        "put the blocks in the bowls with mismatched colors, one block in each bowl",
        steps(*atoms),
    )


TASKS = (
    Task(
        "put-block-into-mismatching-bowl",
        sample,
        groups=("unseen", "v2-seen"),
        aspects=("color",),
    ),
)
