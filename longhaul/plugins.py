"""What comes from outside: installed packages by entry points, and folders that a command names.

A package brings policies, learners, envs and dataset formats by entry points of its own:

    [project.entry-points."longhaul.policies"]
    mine = "my_package.policy:MyPolicy"

A plugin folder need not be installed. It stands at the end of Python's path, the entry points in
its pyproject.toml count, and what lies in its configs/ stands beside Longhaul's own configs/.
Only a command line names a plugin: never a dataset, a checkpoint or the folder of a run.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from longhaul.errors import ConfigError

POLICIES, LEARNERS = "longhaul.policies", "longhaul.learners"
ENVS, FORMATS = "longhaul.envs", "longhaul.formats"
GROUPS = (POLICIES, LEARNERS, ENVS, FORMATS)
"""The groups of entry points that Longhaul reads."""

_folders: dict[Path, tuple[Plugin, ...]] = {}


@dataclass(frozen=True)
class Plugin:
    """One entry point: `target` is module:attribute, `origin` the package or folder that has it."""

    group: str
    name: str
    target: str
    origin: str

    @property
    def dotted(self) -> str:
        """The target as a `_target_` names it."""
        return self.target.replace(":", ".")

    def load(self) -> Any:
        """Import what it names. Raises ConfigError, in one line, where that fails."""
        module, _, attribute = self.target.partition(":")
        try:
            return getattr(import_module(module), attribute)
        except Exception as error:  # whatever the module of somebody else does at its import
            cause = " ".join(f"{type(error).__name__}: {error}".split())
            raise ConfigError(
                f"{self.group} {self.name}: {self.target} of {self.origin} can't be imported: "
                f"{cause}"
            ) from error


def take_plugins(arguments: Sequence[str]) -> list[str]:
    """Use the folders that `--plugin FOLDER` or `plugin=FOLDER` name; return the other arguments.

    Raises ConfigError as `use_folder` does.
    """
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if name not in ("--plugin", "plugin") or (name == "plugin" and not equals):
            rest.append(word)
            continue
        folder = value if equals else next(words, "")
        if not folder:
            raise ConfigError("--plugin needs a folder: --plugin FOLDER")
        use_folder(Path(folder))
    return rest


def use_folder(folder: Path) -> None:
    """Make what a folder brings known to this process.

    Raises ConfigError for what is no folder, for one that brings nothing, for one whose
    pyproject.toml can't be read, and where a module of it is hidden by another of that name.
    """
    root = folder.expanduser().resolve()
    if root in _folders:
        return
    if not root.is_dir():
        raise ConfigError(f"plugin={folder} is not a folder")
    found = tuple(_declared(root))
    if not found and not (root / "configs").is_dir():
        raise ConfigError(
            f"plugin={folder} brings nothing: it has neither a folder configs/ nor a "
            f"pyproject.toml with entry points of {', '.join(GROUPS)}"
        )
    sys.path.append(str(root))
    _folders[root] = found
    for plugin in found:
        require_own(plugin.target.partition(":")[0], root)


def folders() -> tuple[Path, ...]:
    """Return the plugin folders in use, in the order in which they were named."""
    return tuple(_folders)


def plugins(group: str) -> dict[str, Plugin]:
    """Return by name what a group of entry points holds, plugin folders included.

    Raises ConfigError where two bring one name.
    """
    installed = (
        Plugin(group, point.name, point.value, _distribution(point))
        for point in metadata.entry_points(group=group)
    )
    named = (plugin for found in _folders.values() for plugin in found if plugin.group == group)
    by_name: dict[str, Plugin] = {}
    for plugin in (*installed, *named):
        other = by_name.setdefault(plugin.name, plugin)
        if other.target != plugin.target:
            raise ConfigError(
                f"{group} {plugin.name} is brought twice: {other.target} of {other.origin} and "
                f"{plugin.target} of {plugin.origin}"
            )
    return by_name


def is_named(module: str, ours: str) -> bool:
    """True for a module of Longhaul's package `ours`, or of a plugin folder that the command line
    names.

    Nothing is imported here. Raises ConfigError where a module of a plugin folder is hidden by
    another of that name.
    """
    if not all(part.isidentifier() for part in module.split(".")):
        return False
    if module == ours or module.startswith(f"{ours}."):
        return True
    top = module.partition(".")[0]
    for root in _folders:
        if (root / top).is_dir() or (root / f"{top}.py").is_file():
            require_own(top, root)
            return True
    return False


def is_installed(module: str) -> bool:
    """True for a module of an installed package that brings entry points to Longhaul. Nothing is
    imported here."""
    top = module.partition(".")[0]
    points = [point for group in GROUPS for point in metadata.entry_points(group=group)]
    if top in {point.value.partition(":")[0].partition(".")[0] for point in points}:
        return True
    owners = {point.dist.name for point in points if point.dist is not None}
    return bool(owners) and not owners.isdisjoint(metadata.packages_distributions().get(top, ()))


def is_defined(found: Any, ours: str) -> bool:
    """True for a class whose own module `is_named` admits, not only a module that imports it."""
    module = getattr(found, "__module__", None)
    if not isinstance(found, type) or not isinstance(module, str):
        return False
    there = getattr(sys.modules.get(module), found.__qualname__, None)
    return there is found and is_named(module, ours)


def require_own(module: str, root: Path) -> None:
    """Raise ConfigError unless a module of a plugin folder is there and is the one that Python
    finds by its name."""
    top = module.partition(".")[0]
    spec = find_spec(top)
    if spec is None:
        raise ConfigError(f"plugin={root} names module {module}, which is not in that folder")
    places = [*(spec.submodule_search_locations or ()), *([spec.origin] if spec.origin else [])]
    if not any(Path(place).resolve().is_relative_to(root) for place in places):
        raise ConfigError(
            f"plugin={root}: its module {top} is hidden by another of that name ({places[0]}); "
            "give it another name"
        )


def _declared(root: Path) -> list[Plugin]:
    """Return the entry points that a folder's pyproject.toml declares for Longhaul."""
    path = root / "pyproject.toml"
    if not path.is_file():
        return []
    try:
        project: Any = tomllib.loads(path.read_text()).get("project", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from None
    points = project.get("entry-points", {}) if isinstance(project, Mapping) else {}
    return [
        Plugin(group, name, str(target), str(root))
        for group in GROUPS
        for name, target in points.get(group, {}).items()
    ]


def _distribution(point: metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an installed package"
