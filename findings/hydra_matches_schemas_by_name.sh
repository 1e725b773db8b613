#!/usr/bin/env bash
# Package: hydra-core 1.3.8
# The good guess: with version_base="1.3" a ConfigStore node and a YAML file of the same group and name are two
#   offers of one name, of which the first on the search path counts; the matching of schemas by name was
#   announced as removed in Hydra 1.2.
# The behavior: the node is still taken for the file's schema. Hydra warns that this "will be removed in
#   Hydra 1.2" and merges the file onto the node, so that the node's keys appear in the configuration. So
#   what an installed plugin stores under a name that an application uses too changes that application's own
#   choice of that name.
# Output seen:
#   warned: True
#   composed: {'height': 1.0, 'speed': 2}
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q hydra-core==1.3.8
mkdir -p "$work/configs/policy"
printf 'defaults:\n  - policy: walker\n' >"$work/configs/main.yaml"
printf 'speed: 2\n' >"$work/configs/policy/walker.yaml"
cat >"$work/program.py" <<'PY'
import sys
import warnings

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore

ConfigStore.instance().store(group="policy", name="walker", node={"height": 1.0})
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    with initialize_config_dir(sys.argv[1], version_base="1.3"):
        try:
            told = str(dict(compose("main").policy))
        except Exception as error:
            told = type(error).__name__
warned = any("removed in Hydra 1.2" in str(warning.message) for warning in caught)
print("warned:", warned)
print("composed:", told)
raise SystemExit(0 if warned and told != "{'speed': 2}" else 1)
PY
"$work/venv/bin/python" "$work/program.py" "$work/configs"
