"""A limit of memory for tests of readers."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

MOST_BYTES = 200 * 2**20
"""How much more memory a reader may take, in bytes."""


@contextmanager
def memory_limit(most_bytes: int = MOST_BYTES) -> Iterator[None]:
    """Let this process take no more than `most_bytes` of memory beyond what it has.

    Whatever takes more gets a MemoryError, or ends the process.
    """
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[5]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (now + most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
