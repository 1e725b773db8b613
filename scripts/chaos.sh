#!/usr/bin/env bash
# Kills and stops commands at random moments and compares what they leave with undisturbed runs:
#   bash scripts/chaos.sh [--jobs calvin,web] [--kills 200] [--minutes 60] [--seed 0] [--state DIR]
# The same command goes on where it stopped. Exit code 1: something differed or was left.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python -m tests.chaos "$@"
