"""Off-screen OpenGL."""

from __future__ import annotations

import os
from typing import Any

import moderngl

GL_VERSION = 430
"""OpenGL 4.3: indirect draws. Mesa's llvmpipe 20.2 and every driver since 2013 offer it."""


def create_context() -> moderngl.Context:
    """Return a new OpenGL context on EGL: the vendor's driver, or Mesa on a CPU.

    Mesa's CPU driver is asked to draw in the calling thread unless LP_NUM_THREADS says
    otherwise: small pictures cost about a tenth less CPU time than with worker threads, and
    parallelism belongs to env workers. Raises whatever the EGL loader raises where there is no
    EGL.
    """
    os.environ.setdefault("LP_NUM_THREADS", "0")
    settings: dict[str, Any] = {"backend": "egl"}
    return moderngl.create_context(require=GL_VERSION, standalone=True, **settings)
