"""The block under another one into the bowl of its color; one of the same color lies about."""

from longhaul.envs.lohoravens.tasks.build import into
from longhaul.envs.lohoravens.tasks.table import Table
from longhaul.envs.lohoravens.tasks.task import Problem, Step, Task
from longhaul.envs.lohoravens.vocabulary import BIG_EDGE_M, SMALL_EDGE_M


def sample(table: Table) -> Problem:
    color, cover, *others = table.colors
    bowls = [table.bowl(name) for name in [color, *others[: table.number(1, 3)]]]
    hidden, _ = table.tower((color, SMALL_EDGE_M), (cover, BIG_EDGE_M))
    table.block(color)
    for other in others[: table.number(0, 2)]:
        table.block(other)
    sentence = f"pick up the {color} block under the {cover} block and place it in the {color} bowl"
    return Problem(
        f"put the {color} block that is hidden under the {cover} block in the {color} bowl",
        (Step(into(hidden, bowls[0]), 2, sentence),),
    )


TASKS = (
    Task(
        "put-hidden-block-into-matching-bowl",
        sample,
        groups=("v2-seen",),
        aspects=("color", "occlusion"),
    ),
)
