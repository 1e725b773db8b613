"""What is told of a dataset after it was recorded."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from longhaul.demos.summary import summarize
from tests.demos.test_arrays import write


def test_tasks_frames_and_bytes_are_added_up(tmp_path: Path) -> None:
    write(tmp_path / "made")
    content, table = summarize(tmp_path / "made", 3 * 2**19, tmp_path / "sheet.png", rows=0)
    assert content == {"episodes": 3, "frames": 10, "bytes": 3 * 2**19, "tasks": {"task": 4}}
    assert not (tmp_path / "sheet.png").exists()
    said = io.StringIO()
    table.min_width = 100
    Console(file=said, width=200).print(table)
    assert "3 episodes, 10 frames" in said.getvalue()
    assert "1.5 MiB (157.3 kB a frame)" in said.getvalue()
    rows = [line.split("│")[1:-1] for line in said.getvalue().splitlines() if "│" in line]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert cells == [["task", "4", "2"], ["all", "4", "2"]]
