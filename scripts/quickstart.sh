#!/usr/bin/env bash
# From nothing to the main job: sets up .venv, then evaluates Seer on 20 CALVIN sequences.
# Arguments override the job: bash scripts/quickstart.sh policy=expert episodes=5
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
exec .venv/bin/python scripts/rollout.py policy=seer env=calvin episodes=20 "$@"
