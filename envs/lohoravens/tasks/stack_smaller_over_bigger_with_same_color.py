"""C of the first benchmark: each smaller block onto the bigger one of its color."""

from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BIG_EDGE_M


def sample(table: Table) -> Problem:
    colors = table.colors[: table.number(5, 7)]
    bigger = [table.block(color, BIG_EDGE_M) for color in colors]
    smaller = [table.block(color) for color in colors]
    table.distractors(table.number(0, 2), table.colors[len(colors) :], ("block", "bowl"))
    pairs = zip(smaller, bigger, strict=True)
    return Problem(
        "stack the smaller blocks over the bigger blocks of the same color",
        steps(*(Atom("on", (small,), (big,)) for small, big in pairs)),
    )


TASKS = (
    Task(
        "stack-smaller-over-bigger-with-same-color",
        sample,
        groups=("seen", "v2-unseen"),
        aspects=("color", "size"),
    ),
)
