"""Find private names that are repeated or borrowed: both hide a concept that wants a public name of its own."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tools.source import Module, import_origin

MOST_MODULES = 3
"""In as many modules of a room may functions share a private name."""


def find_repeated_names(modules: Iterable[Module], most: int = MOST_MODULES) -> dict[tuple[str, str], list[str]]:
    """Return the private names of module-level functions that occur in more than `most` modules of a room.

    The keys are (room, name), a room being a top-level package; the values name the modules.
    """
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for module in modules:
        for name in sorted(_private_functions(module)):
            places[module.room, name].append(module.name)
    return {key: names for key, names in sorted(places.items()) if len(names) > most}


def find_private_imports(modules: Iterable[Module]) -> list[str]:
    """Return each private name that a module takes from another module of the project, as `user: owner._name`.

    Found are `from owner import _name` and `owner._name` of an imported module; a private module counts too.
    """
    modules = list(modules)
    names = frozenset(module.name for module in modules)
    return [f"{module.name}: {found}" for module in modules for found in sorted(_taken_names(module, names))]


def _private_functions(module: Module) -> set[str]:
    functions = (node for node in module.tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if is_private(function.name)}


def is_private(name: str) -> bool:
    """Return whether a name begins with one underscore."""
    return name.startswith("_") and not name.startswith("__")


def _taken_names(module: Module, names: frozenset[str]) -> Iterator[str]:
    bound: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            origin = import_origin(module, node)
            for alias in node.names:
                if f"{origin}.{alias.name}" in names:
                    bound[alias.asname or alias.name] = f"{origin}.{alias.name}"
                if is_private(alias.name) and origin in names:
                    yield f"{origin}.{alias.name}"
        elif isinstance(node, ast.Import):
            bound |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in names}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            owner = bound.get(ast.unparse(node.value))
            if owner is not None:
                yield f"{owner}.{node.attr}"
