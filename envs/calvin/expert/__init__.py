"""A scripted policy that reads simulator state: makes demonstrations, proves tasks solvable.

A skill (`blocks`, `pushing`, `placing`, `furniture`) is a generator of actions made of the motions
of `hand`; `expert.SKILLS` says which skill is for which task. `scripts/bench/expert.py` measures.

What it cannot do, nobody can: `unstack_block` is done the moment the blocks part, with the upper
one in the hand, and a push or `lift_*_table` of that very block asks for one that stands on
something at the start. 11 of the 1000 official sequences go on so.
"""

from longhaul.envs.calvin.expert.expert import CalvinExpert

__all__ = ["CalvinExpert"]
