"""Opens a dataset in the real lerobot package and compares it with what our reader reads.

Run by lerobot's own interpreter: python tests/demos/open_in_lerobot.py FOLDER EXPECTED.npz
"""

from __future__ import annotations

import sys
from pathlib import Path

import lerobot
import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset


def main(folder: str, expected: str) -> None:
    dataset = LeRobotDataset("longhaul/recorded", root=folder, video_backend="pyav")
    with np.load(expected, allow_pickle=False) as ours:
        assert len(dataset) == len(ours["actions"]), (len(dataset), len(ours["actions"]))
        assert dataset.meta.total_episodes == int(ours["episodes"])
        worst = 0
        for index in ours["checked"].tolist():
            row = dataset[index]
            np.testing.assert_array_equal(row["action"].numpy(), ours["actions"][index])
            np.testing.assert_array_equal(row["observation.state"].numpy(), ours["state"][index])
            assert row["task"] == str(ours["tasks"][index]), (row["task"], ours["tasks"][index])
            for name in ours["cameras"].tolist():
                key = f"observation.images.{name}"
                picture = (row[key].numpy().transpose(1, 2, 0) * 255).round().astype(int)
                far = np.abs(picture - ours[f"{name}/{index}"].astype(int)).max()
                worst = max(worst, int(far))
        stats = dataset.meta.stats["action"]
        np.testing.assert_allclose(stats["mean"], ours["actions"].mean(axis=0), atol=1e-5)
    version = getattr(lerobot, "__version__", "?")
    print(f"lerobot {version}: {len(dataset)} frames, pictures within {worst} levels")
    assert worst <= 3


if __name__ == "__main__":
    main(*(str(Path(argument)) for argument in sys.argv[1:3]))
