"""A scripted policy that reads simulator state: makes demonstrations, proves tasks solvable.

A skill (`blocks`, `pushing`, `placing`, `furniture`) is a generator of actions made of the motions
of `hand`; `expert.SKILLS` says which skill is for which task. `scripts/bench/expert.py` measures
how well the expert does.

11 of the 1000 official sequences cannot be solved by any policy. `unstack_block` is done at the
moment the blocks part, while the hand holds the upper one. In these sequences the next task is a
push or `lift_*_table` of that block, whose test asks for a block that stands on something when the
task begins.
"""

from longhaul.envs.calvin.expert.expert import CalvinExpert

__all__ = ["CalvinExpert"]
