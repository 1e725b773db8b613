#!/usr/bin/env bash
# Package: lerobot 0.4.4 (0.6.1, which needs Python 3.12, does the same)
# The good guess: a data file has `task_index`, and meta/tasks.parquet has a column `task_index`
#   beside each sentence: the sentence of a frame is that of the row with its number.
# The behavior: LeRobotDataset takes the number for the place of a row and never looks at the
#   column (`self.meta.tasks.iloc[task_idx].name`). Where another program wrote the rows in another
#   order, or pandas sorted them, all frames have other frames' sentences, without a warning.
#   delete_episodes writes the wrong sentences into its copy.
# Output seen:
#   as written: ['open it', 'close it']
#   rows in another order: ['close it', 'open it']
#   a copy of that by delete_episodes: ['open it']
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"

"$work/venv/bin/pip" install -q lerobot==0.4.4
cat >"$work/program.py" <<'PY'
import sys
from pathlib import Path

import numpy as np
import pandas
from lerobot.datasets.dataset_tools import delete_episodes
from lerobot.datasets.lerobot_dataset import LeRobotDataset

root = Path(sys.argv[1])
vector = {"dtype": "float32", "shape": (2,), "names": None}
made = LeRobotDataset.create(
    "a/b", fps=10, root=root / "a", features={"action": vector}, use_videos=False
)
for task in ("open it", "close it"):
    for _ in range(3):
        made.add_frame({"action": np.zeros(2, np.float32), "task": task})
    made.save_episode()
made.finalize()

def sentences(folder):
    dataset = LeRobotDataset("a/b", root=folder)
    return [dataset[3 * episode]["task"] for episode in range(dataset.num_episodes)]

before = sentences(root / "a")
print("as written:", before)
path = root / "a/meta/tasks.parquet"
pandas.read_parquet(path).iloc[::-1].to_parquet(path)
after = sentences(root / "a")
print("rows in another order:", after)
delete_episodes(LeRobotDataset("a/b", root=root / "a"), [0], root / "c", "a/c")
copy = sentences(root / "c")
print("a copy of that by delete_episodes:", copy)
raise SystemExit(0 if after == before[::-1] and copy != before[1:] else 1)
PY
export HF_HUB_OFFLINE=1 HF_DATASETS_CACHE="$work/cache"
"$work/venv/bin/python" "$work/program.py" "$work" 2>"$work/log" || { tail -20 "$work/log"; exit 1; }
