#!/usr/bin/env bash
# Sets up .venv and runs the tests; arguments go to pytest (`bash scripts/test.sh -m slow`).
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
# Threads of torch and BLAS that wait for each other on two cores triple the CPU time.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
# Two processes, a file's tests in one of them; `-n 0` runs all in this one.
exec .venv/bin/python -m pytest -n 2 --dist loadfile "$@"
