#!/usr/bin/env bash
# Package: gymnasium 1.4.0
# The good guess: an installed package that declares an entry point in group `gymnasium.envs` (the
#   documented plugin way of gym 0.2x and Gymnasium 0.2x) has its envs registered by `import gymnasium`.
# The behavior: no code of Gymnasium 1 reads that group. The entry point is visible to
#   importlib.metadata, its function is never called, and gymnasium.make raises NamespaceNotFound,
#   which does not mention entry points. The id works as `module:id`, which imports the module first.
# Output seen:
#   entry points: ['mine']
#   make('mine/Still-v0'): NamespaceNotFound
#   make('mine_envs:mine/Still-v0'): StillEnv
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q gymnasium==1.4.0
site=$work/site
mkdir -p "$site/mine_envs-1.0.dist-info"
printf 'Metadata-Version: 2.1\nName: mine-envs\nVersion: 1.0\n' >"$site/mine_envs-1.0.dist-info/METADATA"
printf '[gymnasium.envs]\nmine = mine_envs:register\n' >"$site/mine_envs-1.0.dist-info/entry_points.txt"
cat >"$site/mine_envs.py" <<'PY'
import gymnasium
from gymnasium.spaces import Discrete


class StillEnv(gymnasium.Env):
    observation_space = action_space = Discrete(2)


def register():
    gymnasium.register("mine/Still-v0", "mine_envs:StillEnv")


register()
PY
cat >"$work/program.py" <<'PY'
from importlib.metadata import entry_points

import gymnasium

print("entry points:", [point.name for point in entry_points(group="gymnasium.envs")])
try:
    gymnasium.make("mine/Still-v0")
    alone = "made"
except gymnasium.error.Error as error:
    alone = type(error).__name__
print("make('mine/Still-v0'):", alone)
named = type(gymnasium.make("mine_envs:mine/Still-v0").unwrapped).__name__
print("make('mine_envs:mine/Still-v0'):", named)
raise SystemExit(0 if (alone, named) == ("NamespaceNotFound", "StillEnv") else 1)
PY
PYTHONPATH=$site "$work/venv/bin/python" "$work/program.py"
