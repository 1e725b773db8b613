"""Every block into the bowl of its colour, each step being told."""

from longhaul.envs.lohoravens.tasks.build import into, told
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps


def sample(table: Table) -> Problem:
    colours = table.colours[: table.number(3, 5)]
    bowls = [table.bowl(colour) for colour in table.shuffled(colours)]
    blocks = [table.block(colour) for colour in colours]
    bowl_of = {table.colour(bowl): bowl for bowl in bowls}
    atoms = [into(block, bowl_of[table.colour(block)]) for block in blocks]
    goal = "put the blocks in the bowls with matching colors"
    return Problem(told(goal, atoms, table), steps(*atoms))


TASKS = (
    Task(
        "put-blocks-into-matching-bowls-with-details",
        sample,
        groups=("v2-seen",),
        aspects=("colour", "details"),
    ),
)
