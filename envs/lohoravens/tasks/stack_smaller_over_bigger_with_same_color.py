"""C of the first benchmark: each smaller block onto the bigger one of its colour."""

from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BIG


def sample(table: Table) -> Problem:
    colours = table.colours[: table.number(5, 7)]
    bigger = [table.block(colour, BIG) for colour in colours]
    smaller = [table.block(colour) for colour in colours]
    table.distractors(table.number(0, 2), table.colours[len(colours) :], ("block", "bowl"))
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
        aspects=("colour", "size"),
    ),
)
