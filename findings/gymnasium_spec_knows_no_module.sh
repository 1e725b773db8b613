#!/usr/bin/env bash
# Package: gymnasium 1.4.0
# The good guess: gymnasium.spec accepts what gymnasium.make accepts, so that the spec of an id can be
#   looked at before an env is made of it.
# The behavior: make takes "module:namespace/Name-v0" and imports the module first; spec reads
#   "module:namespace" as the name of a namespace and finds none, even once the module is imported. With a
#   dotted module (package.envs:...) it says "Malformed environment ID" instead.
# Output seen:
#   make: StillEnv, its spec: mine/Still-v0
#   spec: NamespaceNotFound: Namespace mine_envs:mine not found
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q gymnasium==1.4.0
cat >"$work/mine_envs.py" <<'PY'
import gymnasium
from gymnasium.spaces import Discrete


class StillEnv(gymnasium.Env):
    observation_space = action_space = Discrete(2)


gymnasium.register("mine/Still-v0", "mine_envs:StillEnv")
PY
cat >"$work/program.py" <<'PY'
import gymnasium

NAME = "mine_envs:mine/Still-v0"
env = gymnasium.make(NAME)
print(f"make: {type(env.unwrapped).__name__}, its spec: {env.spec.id}")
try:
    told = f"spec: {gymnasium.spec(NAME).id}"
except gymnasium.error.Error as error:
    told = f"spec: {type(error).__name__}: {str(error).partition('. ')[0]}"
print(told)
raise SystemExit(0 if "NamespaceNotFound" in told else 1)
PY
"$work/venv/bin/python" "$work/program.py"
