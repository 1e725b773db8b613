"""Reads the options of a class from its source, without importing it.

The signature gives the default of an option, and the section `Args` of the class's docstring (of
a dataclass: `Attributes`) gives its sentence. The command line needs both for every command, and
importing the class could load torch or a simulator.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ENTRY = re.compile(r"(\w+): (.+)")
"""The first line of an option's entry in a section `Args`."""

YAML_SPELLINGS = {"None": "null", "True": "true", "False": "false"}
"""The words of YAML and of a command line for Python's constants."""


@dataclass(frozen=True)
class Option:
    """One option: its default as plain data, and the sentence that says what it does.

    Attributes:
        default: None, a bool, number or text, or a list or dict of these.
        sentence: What the docstring says about it, with YAML's null, true and false; or empty.
        options: The options inside it, if the default is a dataclass.
    """

    default: Any
    sentence: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)


def options_of(path: str) -> dict[str, Option]:
    """Return the options of a class, dataclass or function that a dotted path names, in order.

    Options are the parameters that have a default and may be given by position. Parameters behind
    a `*` are not options: code passes them, or a YAML file that names them. A default can be read
    if it is a literal, a constant, or the call of a dataclass without arguments; a parameter with
    any other default is left out. Without source to read there are no options.
    """
    module, _, name = path.rpartition(".")
    found = _definition(module, name)
    return dict(_options(*found)) if found else {}


def sentences_of(path: str) -> dict[str, str]:
    """Return what the docstring says about each parameter, also about those without a default."""
    module, _, name = path.rpartition(".")
    found = _definition(module, name)
    return _sentences(*found) if found else {}


def classes_of(path: str) -> list[str]:
    """Return the dotted paths of the classes that a constant lists, as `module:Class` at the end of
    each of its rows (longhaul.demos.open.DATASET_READERS); none if there is no such constant."""
    module, _, name = path.rpartition(".")
    found = _find(module, name)
    if found is None or not isinstance(found[1], ast.expr):
        return []
    rows = ast.literal_eval(found[1])
    return list(dict.fromkeys(str(row[-1]).replace(":", ".") for row in rows))


def parameters_of(path: str) -> list[str]:
    """Return the names of all parameters in order, also of those behind a `*`."""
    module, _, name = path.rpartition(".")
    found = _definition(module, name)
    return [name for name, _, _ in _parameters(*found)] if found else []


Definition = ast.ClassDef | ast.FunctionDef
Found = tuple[str, Definition]
"""A module's name and a definition in it."""


def _options(module: str, definition: Definition) -> Iterator[Any]:
    sentences = _sentences(module, definition)
    for name, default, positional in _parameters(module, definition):
        if default is None or not positional:
            continue
        sentence, inside = sentences.get(name, ""), _inside(module, default)
        if inside:
            values = {key: option.default for key, option in inside.items()}
            yield name, Option(values, sentence, inside)
            continue
        with suppress(ValueError):
            yield name, Option(_plain(_value(module, default)), sentence)


def _value(module: str, default: ast.expr) -> Any:
    """Return the value of a literal or of a named constant. Raises ValueError for anything else."""
    if isinstance(default, ast.Name):
        found = _find(module, default.id)
        if found and isinstance(found[1], ast.expr):
            return _value(found[0], found[1])
    return ast.literal_eval(default)


def _inside(module: str, default: ast.expr) -> dict[str, Option]:
    """Return the options of a default such as `Limits()`."""
    if not isinstance(default, ast.Call) or default.args or default.keywords:
        return {}
    found = _definition(module, default.func.id) if isinstance(default.func, ast.Name) else None
    return dict(_options(*found)) if found else {}


def _parameters(module: str, definition: Definition) -> Iterator[tuple[str, ast.expr | None, bool]]:
    """Yield each parameter's name, its default, and whether it may be given by position."""
    if isinstance(definition, ast.FunctionDef):
        yield from _arguments(definition, first=0)
        return
    for statement in definition.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            yield from _arguments(statement, first=1)
            return
    for base in _bases(module, definition):
        yield from _parameters(*base)
    if any("dataclass" in ast.unparse(d) for d in definition.decorator_list):
        fields = [s for s in definition.body if isinstance(s, ast.AnnAssign)]
        yield from ((s.target.id, s.value, True) for s in fields if isinstance(s.target, ast.Name))


def _bases(module: str, definition: Definition) -> list[Found]:
    bases = definition.bases if isinstance(definition, ast.ClassDef) else []
    found = [_definition(module, base.id) for base in bases if isinstance(base, ast.Name)]
    return [base for base in found if base]


def _arguments(
    function: ast.FunctionDef, first: int
) -> Iterator[tuple[str, ast.expr | None, bool]]:
    given = function.args
    names = [*given.posonlyargs, *given.args]
    defaults = [*[None] * (len(names) - len(given.defaults)), *given.defaults]
    for argument, default in list(zip(names, defaults, strict=True))[first:]:
        yield argument.arg, default, True
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield argument.arg, default, False


def _sentences(module: str, definition: Definition) -> dict[str, str]:
    """Return the entries of a docstring's section `Args` or `Attributes`, each on one line, with
    those of the base classes."""
    found: dict[str, str] = {}
    for base in _bases(module, definition):
        found |= _sentences(*base)
    lines = (ast.get_docstring(definition) or "").splitlines()
    starts = [i for i, line in enumerate(lines) if line in ("Args:", "Attributes:")]
    name = ""
    for line in lines[starts[0] + 1 :] if starts else []:
        if line and not line.startswith(" "):
            break
        entry = ENTRY.match(line[4:])
        if entry and line[:5] == "    " + entry[1][0]:
            name, found[entry[1]] = entry[1], entry[2]
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return {name: _in_yaml(sentence) for name, sentence in found.items()}


def _in_yaml(sentence: str) -> str:
    return re.sub(r"\b(None|True|False)\b", lambda word: YAML_SPELLINGS[word[0]], sentence)


def _plain(value: Any) -> Any:
    """Return a literal as a YAML holds it: a tuple is a list there."""
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, tuple | list) else value


def _definition(module: str, name: str) -> Found | None:
    """Return the definition of a class or function, and the module that it stands in."""
    found = _find(module, name)
    return (found[0], found[1]) if found and isinstance(found[1], Definition) else None


def _find(module: str, name: str) -> tuple[str, Definition | ast.expr] | None:
    """Return a definition or a constant's value; a name that the module imports is looked up where
    it comes from."""
    found = _names(module).get(name)
    if isinstance(found, tuple):
        return _find(*found)
    return None if found is None else (module, found)


@cache
def _names(module: str) -> Mapping[str, Definition | ast.expr | tuple[str, str]]:
    """Return a module's definitions by name; for an imported name, its module and name there."""
    path = _source(module)
    if path is None:
        return {}
    found: dict[str, Definition | ast.expr | tuple[str, str]] = {}
    for statement in ast.parse(path.read_bytes()).body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            found[statement.targets[0].id] = statement.value
        elif isinstance(statement, ast.ImportFrom):
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            above = package.rsplit(".", statement.level - 1)[0] if statement.level else ""
            origin = ".".join(part for part in (above, statement.module) if part)
            found.update({a.asname or a.name: (origin, a.name) for a in statement.names})
    return found


def _source(module: str) -> Path | None:
    """Return a module's file, without importing the packages that it lies in."""
    top, *rest = parts = module.split(".")
    try:
        spec = find_spec(top) if all(part.isidentifier() for part in parts) else None
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return None
    # A folder without __init__.py is a package too, which has no file of its own.
    folders = [Path(place) for place in spec.submodule_search_locations or ()]
    inside = [folder.joinpath(*rest) for folder in folders if rest]
    places = [place for path in inside for place in (path.with_suffix(".py"), path / "__init__.py")]
    if not rest and spec.origin:
        places = [Path(spec.origin)]
    return next((place for place in places if place.suffix == ".py" and place.is_file()), None)
