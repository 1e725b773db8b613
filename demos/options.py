"""The options of a dataset's reader: the parameters of its class behind the path.

To add one, add a parameter with a default, and its sentence in the section `Args` of the class's
docstring: the command line then takes `data.options.NAME=VALUE`, `--help` shows it, and
`require_options` refuses what no parameter is called, and values of another kind than the
default's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from longhaul.demos.source import DatasetError
from longhaul.errors import unknown

OPTION_KINDS: Mapping[type, tuple[type, ...]] = {
    bool: (bool,),
    str: (str,),
    int: (int,),
    float: (int, float),
}
"""The kinds of value that an option takes, by the kind of its default."""


def require_options(reader: Callable[..., Any], path: Path, options: Mapping[str, Any]) -> None:
    """Raise DatasetError, naming the valid ones, for an option that no parameter of the reader of
    `path` is called, and for a value of another kind than the parameter's default.

    A default of another kind than those in OPTION_KINDS, such as None, may be replaced by anything.
    """
    _, *parameters = inspect.signature(reader).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    defaults = {parameter.name: parameter.default for parameter in parameters}
    for name, value in options.items():
        if name not in defaults:
            raise DatasetError(
                f"{unknown(f'data.options.{name}', sorted(defaults))} "
                f"({getattr(reader, '__name__', reader)} reads {path})"
            )
        kind = type(defaults[name])
        if kind in OPTION_KINDS and type(value) not in OPTION_KINDS[kind]:
            raise DatasetError(
                f"data.options.{name}={value} must be {kind.__name__}, as {defaults[name]!r} is"
            )
