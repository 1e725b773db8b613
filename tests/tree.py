"""The project's own files, as git has them."""

from __future__ import annotations

import os
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]


def files() -> list[str]:
    """Return the files that git has or would add, by their paths from the root; a link to a folder
    is one of them.

    Where there is no git, or it does not know this folder, all that .gitignore does not name.
    """
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    options = ["--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return _walked()
    if done.returncode:
        return _walked()
    names = set(done.stdout.split("\0")) - {""}
    return sorted(name for name in names if os.path.lexists(ROOT / name))


def copy(tree: Path) -> Path:
    """Copy the files to a folder; links stay links."""
    for name in files():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tree / name, follow_symlinks=False)
    return tree


def _walked() -> list[str]:
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]

    def known(names: list[str]) -> list[str]:
        return [name for name in names if not any(fnmatch(name, p) for p in [".git", *ignored])]

    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = known(folders)
        links = [name for name in folders if Path(folder, name).is_symlink()]
        found += [str(Path(folder, name).relative_to(ROOT)) for name in [*links, *known(names)]]
    return sorted(found)
