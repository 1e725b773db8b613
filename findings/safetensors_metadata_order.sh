#!/usr/bin/env bash
# Package: safetensors 0.8.0
# The good guess: save_file with the same tensors and the same metadata writes the same bytes, so that
#   the hash of a file names its content; and the file has the mode that the umask gives, as a file
#   that open() makes.
# The behavior: the entries of __metadata__ stand in an order that differs from process to process, so
#   that three runs of one program give three hashes (with one entry or none the bytes are equal).
#   The file has mode 0600 under umask 022, so that no other account can read it.
# Output seen (hashes differ every time):
#   umask 022, mode 0600
#   hashes of equal content: c3296f09 e54feb9c bbc5d4cb
#   without metadata: 1 hash
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q safetensors==0.8.0 numpy==2.2.6
cat >"$work/program.py" <<'PY'
import hashlib
import os
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

os.umask(0o022)
path = Path(sys.argv[1])
names = {name: name for name in "abcdefgh"} if sys.argv[2] == "named" else None
save_file({"weight": np.zeros(3, np.float32)}, path, names)
print(hashlib.sha256(path.read_bytes()).hexdigest()[:8], f"{path.stat().st_mode & 0o777:04o}")
PY
run() { "$work/venv/bin/python" "$work/program.py" "$work/$1.safetensors" "$2"; }
named=$(for i in 1 2 3; do run "$i" named; done)
plain=$(for i in 4 5 6; do run "$i" plain; done)
modes=$(cut -d" " -f2 <<<"$named" | sort -u)
echo "umask 022, mode $modes"
echo "hashes of equal content:" $(cut -d" " -f1 <<<"$named")
echo "without metadata: $(cut -d" " -f1 <<<"$plain" | sort -u | wc -l) hash"
[ "$modes" = 0600 ] && [ "$(cut -d" " -f1 <<<"$named" | sort -u | wc -l)" -gt 1 ] &&
    [ "$(cut -d" " -f1 <<<"$plain" | sort -u | wc -l)" = 1 ]
