#!/usr/bin/env bash
# Package: webarena-verified 1.2.3
# The good guess: an amount of money is compared as a shop writes it, so that the response "$1,234" is right where
#   1234 is expected; the class's text says that it "handles thousands separators".
# The behavior: where a text has no full stop, its comma is taken for the decimal separator: "$1,234" is read as
#   1.234. So a right response of four digits without cents fails, and "$36,390" is right where 36.39 is expected,
#   which is the answer to task 94. With cents ("$1,234.00") the comma separates thousands.
# Output seen:
#   $1,234 for 1234: False
#   $1,234.00 for 1234: True
#   $36,390 for 36.39: True
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q webarena-verified==1.2.3
cat >"$work/program.py" <<'PY'
from webarena_verified.core.evaluation.data_types import Currency

seen = {}
for text, expected in (("$1,234", 1234), ("$1,234.00", 1234), ("$36,390", 36.39)):
    seen[text] = Currency(expected) == Currency(text)
    print(f"{text} for {expected}: {seen[text]}")
raise SystemExit(0 if seen == {"$1,234": False, "$1,234.00": True, "$36,390": True} else 1)
PY
"$work/venv/bin/python" "$work/program.py"
