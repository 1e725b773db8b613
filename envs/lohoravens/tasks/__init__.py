"""The tasks of the tabletop: a task puts things on a table and says what to do with them.

Every module of this package that has a tuple `TASKS` adds its tasks, so a new task is one new
file here. `env.tasks=[...]` evaluates it.
"""

from __future__ import annotations

from longhaul.envs.lohoravens.tasks.task import Task
from longhaul.envs.tasks import collect

TASKS = collect(__name__, __path__, Task)
