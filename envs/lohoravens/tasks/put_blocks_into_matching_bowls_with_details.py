"""Every block into the bowl of its color, each step being told."""

from longhaul.envs.lohoravens.tasks.build import into, told
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps


def sample(table: Table) -> Problem:
    colors = table.colors[: table.number(3, 5)]
    bowls = [table.bowl(color) for color in table.shuffled(colors)]
    blocks = [table.block(color) for color in colors]
    bowl_of = {table.color(bowl): bowl for bowl in bowls}
    atoms = [into(block, bowl_of[table.color(block)]) for block in blocks]
    goal = "put the blocks in the bowls with matching colors"
    return Problem(told(goal, atoms, table), steps(*atoms))


TASKS = (
    Task(
        "put-blocks-into-matching-bowls-with-details",
        sample,
        groups=("v2-seen",),
        aspects=("color", "details"),
    ),
)
