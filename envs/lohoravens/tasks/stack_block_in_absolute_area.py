"""D of the first benchmark: all blocks that lie in a quadrant onto each other."""

from longhaul.envs.lohoravens.geometry import QUADRANTS
from longhaul.envs.lohoravens.tasks.build import bigger_first, tower_of
from longhaul.envs.lohoravens.tasks.table import Table, Within
from longhaul.envs.lohoravens.tasks.task import Problem, Task, steps
from longhaul.envs.lohoravens.vocabulary import BLOCK_EDGES_M


def sample(table: Table) -> Problem:
    colors = table.colors[: table.number(5, 7)]
    kinds = table.shuffled([(color, edge) for color in colors for edge in BLOCK_EDGES_M])
    area, *elsewhere = table.shuffled(QUADRANTS)
    count = table.number(3, 4)
    blocks = [table.block(*kind, where=Within(area)) for kind in kinds[:count]]
    for kind in kinds[count:]:
        table.block(*kind, where=Within(table.one_of(elsewhere)))
    return Problem(
        f"stack all the blocks in the {area} area",
        steps(*tower_of(bigger_first(table, blocks))),
    )


TASKS = (Task("stack-block-in-absolute-area", sample, groups=("seen",), aspects=("space",)),)
