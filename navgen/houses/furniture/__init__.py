"""The catalog of everything that can stand in a house, by category.

Every module of this package adds the functions that `@furniture` marks, so a new category is one
new function, and a new family one new file.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from longhaul.navgen.houses.model import Furniture


def collect() -> dict[str, Furniture]:
    """Return all furniture by category, in the order of modules and their lines.

    Raises ValueError for a category that is defined twice.
    """
    found: dict[str, Furniture] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for item in vars(import_module(module.name)).values():
            if not isinstance(item, Furniture):
                continue
            if item.category in found:
                raise ValueError(f"{module.name}: category {item.category} is defined twice")
            found[item.category] = item
    return found


CATALOG = collect()
