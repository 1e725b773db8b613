"""Exports the viewer as a folder of files that opens without a server and can be sent or kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from longhaul.errors import ConfigError
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.folder import VIDEOS_FOLDER, RunView
from longhaul.evaluation.viewer.recordings import VIDEO_SUFFIX
from longhaul.evaluation.viewer.server import STATIC_FOLDER
from longhaul.files import remove_tree

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
        for name in films(run):
            path = folder / "files" / str(number) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with run.folder.open(name) as film, path.open("wb") as copy:
                shutil.copyfileobj(film, copy)
    shutil.copy(STATIC_FOLDER / "index.html", folder)
    return folder / "index.html"


def films(run: RunView) -> Iterator[str]:
    """Yield the files of a run that its pages show, relative to the run's folder."""
    for number, row in enumerate(run.rows):
        if row["video"]:
            yield f"{VIDEOS_FOLDER}/{row['file']}{VIDEO_SUFFIX}"
        if (recording := run.recording(number)) is not None:
            pictures = [i for i in recording["items"].values() if i["kind"] == "picture"]
            for part in (*recording["cameras"], *pictures):
                yield f"{recording['folder']}/{part['file']}"


def names(documents: Documents) -> Iterator[str]:
    """Yield the names of all documents."""
    yield "runs"
    if len(documents.runs) == 2:
        yield "compare"
    for number, run in enumerate(documents.runs):
        yield from (f"run/{number}/{name}" for name in ("summary", "provenance"))
        yield from (f"run/{number}/episode/{row}" for row in range(len(run.rows)))
        yield f"run/{number}/rows"  # last, since it tells what was left out of the others
