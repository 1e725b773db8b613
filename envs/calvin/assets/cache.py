"""Where generated files are kept: a folder per generator version, each folder in it written
atomically."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from longhaul.envs.calvin.assets import robot
from longhaul.files import locked, user_cache
from longhaul.scratch import Scratch


def version() -> str:
    """Return 12 hex digits that change with the generator's code and the Panda it starts from."""
    digest = hashlib.sha256()
    sources = sorted(Path(__file__).parent.glob("*.py"))
    for source in [*sources, robot.panda_folder() / "panda.urdf"]:
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()[:12]


def default_parent() -> Path:
    """Return the folder for generated assets: $XDG_CACHE_HOME/longhaul or ~/.cache/longhaul.

    If that cannot be written to, returns a folder of this user in the temporary directory.
    """
    parent = user_cache()
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=parent):
            return parent
    except OSError:
        return _temporary_parent()


def _temporary_parent() -> Path:
    parent = Path(tempfile.gettempdir()) / f"longhaul-{os.getuid()}"
    parent.mkdir(mode=0o700, exist_ok=True)
    if parent.lstat().st_uid != os.getuid():
        # Somebody else's folder under that name could feed us files: use a fresh one.
        return Path(tempfile.mkdtemp(prefix="longhaul-"))
    return parent


def once(target: Path, write: Callable[[Path], None]) -> Path:
    """Return `target`, having `write` fill it first if it isn't there.

    The folder is filled under another name and renamed, so that a reader never sees half of it. A
    process that asks for it while another one fills it waits.
    """
    if target.is_dir():
        return target
    with locked(target.with_name(f".{target.name}.lock"), kept=False):
        if not target.is_dir():
            # The unfinished folder carries the final name, which a writer may use for its files.
            with Scratch(".building-", target.parent) as staging:
                write(staging / target.name)
                (staging / target.name).rename(target)
    return target
