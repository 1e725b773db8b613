"""Exports the viewer as a folder of files that opens without a server and can be sent or kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from longhaul.errors import ConfigError
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.folder import RECORDINGS_FOLDER, VIDEOS_FOLDER
from longhaul.evaluation.viewer.server import STATIC_FOLDER
from longhaul.files import PARTIAL, remove_tree

EXPORT_MARK = "longhaul-export"
"""The name of the file that marks a folder as an export, which a later export may replace."""

EXPORTED_NAMES = ("static", "data", "files", "index.html")
"""What an export puts into its folder beside the mark, and what a later one removes first."""


def export(documents: Documents, folder: Path) -> Path:
    """Write the pages of all runs with their videos, and return the page to open.

    Each document is written as a script that passes its JSON to the page, because a page from a
    file may not read other files. An earlier export in the folder is replaced. Raises ConfigError
    for a folder that holds something else.
    """
    if folder.exists() and not (folder / EXPORT_MARK).is_file():
        if not folder.is_dir() or any(folder.iterdir()):
            raise ConfigError(f"--export {folder} holds something else: give a new or empty folder")
    else:
        for name in EXPORTED_NAMES:
            remove_tree(folder / name, inside=folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / EXPORT_MARK).touch()
    shutil.copytree(STATIC_FOLDER, folder / "static", ignore=shutil.ignore_patterns("index.html"))
    (folder / "static" / "mode.js").write_text('"use strict";\nconst EXPORTED = true;\n')
    for name in names(documents):
        path = folder / "data" / f"{name}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps(documents.get(name))
        path.write_text(f"take({json.dumps(name)}, {content});\n")
    for number, run in enumerate(documents.runs):
        for kind in (VIDEOS_FOLDER, RECORDINGS_FOLDER):
            if (run.path / kind).is_dir():
                target = folder / "files" / str(number) / kind
                shutil.copytree(run.path / kind, target, ignore=_left_out)
    shutil.copy(STATIC_FOLDER / "index.html", folder)
    return folder / "index.html"


def _left_out(folder: str, names: list[str]) -> list[str]:
    """Return the names that are not exported: unfinished files, and links, wherever they lead."""
    paths = [Path(folder) / name for name in names]
    return [path.name for path in paths if path.suffix == PARTIAL or path.is_symlink()]


def names(documents: Documents) -> Iterator[str]:
    """Yield the names of all documents."""
    yield "runs"
    if len(documents.runs) == 2:
        yield "compare"
    for number, run in enumerate(documents.runs):
        yield from (f"run/{number}/{name}" for name in ("rows", "summary", "provenance"))
        yield from (f"run/{number}/episode/{row}" for row in range(len(run.rows)))
