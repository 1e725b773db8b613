#!/usr/bin/env bash
# Package: hydra-core 1.3.8
# The good guess: Plugins.instance().register(MySource) makes Hydra read a scheme such as `file` by MySource,
#   since the registry of sources is keyed by scheme.
# The behavior: with another class name Hydra raises ValueError ("already registered with a different
#   class"); with the same class name the registration is accepted and has no effect. Either way the source
#   that Hydra ships stays in use.
# Output seen:
#   another name: ValueError
#   the same name: accepted, in use: False
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q hydra-core==1.3.8
cat >"$work/program.py" <<'PY'
from hydra._internal.core_plugins import file_config_source
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins

Shipped = file_config_source.FileConfigSource


class Mine(Shipped):
    pass


class FileConfigSource(Shipped):
    pass


plugins = Plugins.instance()
try:
    plugins.register(Mine)
    other = "accepted"
except ValueError as error:
    other = type(error).__name__
print("another name:", other)
plugins.register(FileConfigSource)
in_use = SourcesRegistry.instance().resolve("file") is FileConfigSource
print("the same name: accepted, in use:", in_use)
raise SystemExit(0 if other == "ValueError" and not in_use else 1)
PY
"$work/venv/bin/python" "$work/program.py"
