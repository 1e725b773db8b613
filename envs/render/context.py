"""Off-screen OpenGL that leaves other libraries' OpenGL alone."""

from __future__ import annotations

import ctypes
import os
from ctypes.util import find_library
from types import TracebackType
from typing import Any

import moderngl

GL_VERSION = 430
"""OpenGL 4.3: indirect draws. Mesa's llvmpipe and every desktop driver since 2013 offer it."""
SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software")
"""Words that tell a driver that draws on a CPU, in what GL_RENDERER says (Mesa, ANGLE)."""
EGL_DRAW, EGL_READ = 0x3059, 0x305A


class GLContext:
    """An OpenGL context on EGL: the vendor's driver, or Mesa on a CPU.

    It is current inside a `with` block only. Afterwards the one before is current again:
    PyBullet's EGL plugin, for one, crashes where its own is not. Mesa's CPU driver is asked to
    draw in the calling thread unless LP_NUM_THREADS says otherwise: that costs the least CPU
    time, and parallelism belongs to env workers. Raises whatever the EGL loader raises where
    there is no EGL.
    """

    def __init__(self) -> None:
        os.environ.setdefault("LP_NUM_THREADS", "0")
        library = find_library("EGL")
        if library is None:
            raise ImportError("libEGL is not installed")
        self._egl = ctypes.CDLL(library)
        for name in ("eglGetCurrentDisplay", "eglGetCurrentSurface", "eglGetCurrentContext"):
            getattr(self._egl, name).restype = ctypes.c_void_p
        settings: dict[str, Any] = {"backend": "egl"}
        self._before = self._current()
        self.gl = moderngl.create_context(require=GL_VERSION, standalone=True, **settings)
        self._make_current(self._before)

    def __enter__(self) -> moderngl.Context:
        self._before = self._current()
        self.gl.__enter__()
        return self.gl

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.gl.__exit__(kind, error, trace)
        self._make_current(self._before)

    @property
    def software(self) -> bool:
        """Whether a CPU draws."""
        names = self.gl.info["GL_RENDERER"].lower()
        return any(name in names for name in SOFTWARE_RENDERERS)

    def release(self) -> None:
        """Free the context and everything in it."""
        self.gl.release()

    def _current(self) -> tuple[int | None, ...]:
        """Return display, both surfaces and context that are current; None means none."""
        return (
            self._egl.eglGetCurrentDisplay(),
            self._egl.eglGetCurrentSurface(EGL_DRAW),
            self._egl.eglGetCurrentSurface(EGL_READ),
            self._egl.eglGetCurrentContext(),
        )

    def _make_current(self, state: tuple[int | None, ...]) -> None:
        if state[-1] is not None:
            self._egl.eglMakeCurrent(*map(ctypes.c_void_p, state))
