"""The block under another one into the bowl of its colour; one of the same colour lies about."""

from longhaul.envs.lohoravens.tasks.build import into
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Step, Task
from longhaul.envs.lohoravens.vocabulary import BIG, SMALL


def sample(table: Table) -> Problem:
    colour, cover, *others = table.colours
    bowls = [table.bowl(name) for name in [colour, *others[: table.number(1, 3)]]]
    hidden, _ = table.tower((colour, SMALL), (cover, BIG))
    table.block(colour)
    for other in others[: table.number(0, 2)]:
        table.block(other)
    sentence = (
        f"pick up the {colour} block under the {cover} block and place it in the {colour} bowl"
    )
    return Problem(
        f"put the {colour} block that is hidden under the {cover} block in the {colour} bowl",
        (Step(into(hidden, bowls[0]), 2, sentence),),
    )


TASKS = (
    Task(
        "put-hidden-block-into-matching-bowl",
        sample,
        groups=("v2-seen",),
        aspects=("colour", "occlusion"),
    ),
)
