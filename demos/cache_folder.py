"""The folder of decoded datasets: how large it may become, and what goes when it is full."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from longhaul.errors import ConfigError
from longhaul.files import remove_tree, user_cache

INDEX_FILE = "index.json"
"""The name of a cache's index file."""

USED_FILE = "used"
"""The name of an empty file in a cache; its time of change says when the cache was last used."""

FILLING_PREFIX = ".filling-"
"""The start of the names of caches that are being filled."""

LOCK_FILE = ".lock"
"""What a process holds while it opens a cache, gives one its name, or removes some."""


@dataclass(frozen=True)
class CacheOptions:
    """Where decoded datasets are kept, so that the next training need not decode them again.

    Attributes:
        folder: The folder; None is ~/.cache/longhaul/demos (or in XDG_CACHE_HOME).
        most_gib: The size limit of the folder in GiB; the least recently used go first, and what is
            larger alone is decoded for one session. 0 keeps nothing.
    """

    folder: str | None = None
    most_gib: float = 50.0

    def __post_init__(self) -> None:
        most = self.most_gib
        if isinstance(most, bool) or not isinstance(most, int | float) or not most >= 0:
            raise ConfigError(f"data.cache.most_gib={most} must be a number, at least 0")
        if self.folder is not None and (not isinstance(self.folder, str) or not self.folder):
            raise ConfigError(f"data.cache.folder={self.folder} must be the name of a folder")

    @property
    def home(self) -> Path:
        return user_cache("demos") if self.folder is None else Path(self.folder)

    @property
    def most_bytes(self) -> float:
        return self.most_gib * 2**30


def mark_used(cache: Path) -> None:
    """Note that a cache is used now."""
    (cache / USED_FILE).touch()


def make_room(home: Path, size: int, most: float) -> list[str]:
    """Remove the least recently used caches until one of `size` bytes more keeps the folder within
    `most` bytes; return the names of those that went. The caller holds the folder's lock."""
    caches = sorted((index.parent for index in home.glob(f"*/{INDEX_FILE}")), key=_last_used)
    sizes = {cache: _size(cache) for cache in caches}
    gone = []
    for cache in list(sizes):
        if sum(sizes.values()) + size <= most:
            break
        remove_tree(cache, inside=home)
        del sizes[cache]
        gone.append(cache.name)
    return gone


def _last_used(cache: Path) -> int:
    """Return when a cache was used, in ns; one of an older version says when it was made."""
    used = cache / USED_FILE
    return (used if used.is_file() else cache / INDEX_FILE).stat().st_mtime_ns


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
