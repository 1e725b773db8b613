"""Builds chat back ends and sentence embeddings from a configuration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.errors import unknown
from longhaul.language.chat import ChatModel
from longhaul.language.errors import SetupError

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

CHAT_BACKENDS = {
    "endpoint": "longhaul.language.endpoint:Endpoint",
    "local": "longhaul.language.local:LocalModel",
    "lexical": "longhaul.language.lexical:Lexical",
    "scripted": "longhaul.language.scripted:Scripted",
}
"""The classes of the back ends by name, as `module:class`; a module is imported when it is chosen.
"""


def build_chat_model(config: Mapping[str, Any]) -> ChatModel:
    """Build the back end that `name` names, with the other values as options
    (configs/language/<name>.yaml).

    Raises SetupError with the valid back ends or options for an unknown one.
    """
    options = dict(config)
    name = options.pop("name", None)
    if not isinstance(name, str) or name not in CHAT_BACKENDS:
        raise SetupError(unknown(f"language back end {name}", CHAT_BACKENDS))
    module, _, title = CHAT_BACKENDS[name].partition(":")
    backend = getattr(import_module(module), title)
    parameters = inspect.signature(backend).parameters
    known = {n: p for n, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD}
    for option in options.keys() - known.keys():
        raise SetupError(unknown(f"{name}.{option}", sorted(known)))
    for option, parameter in known.items():
        if parameter.default is inspect.Parameter.empty and options.get(option) is None:
            raise SetupError(f"{name}.{option} must be given")
    model: ChatModel = backend(**options)
    return model


def build_embeddings() -> Embed:
    """Return the sentence embeddings, a function from texts to rows of unit length, (n, 384).

    Torch is loaded here, not at the import of this module. Raises SetupError if the model is not
    installed.
    """
    embed: Embed = import_module("longhaul.language.embeddings").Embeddings()
    return embed
