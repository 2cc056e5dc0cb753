"""The reference of what a notebook uses, from the docstrings."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import stats

HEAD = """# Python

What a notebook uses: a company simulated, its tables read, a model trained, tracked and asked. [The
notebook](../notebook.md) shows these together. What is not listed may change without a word in the changelog.
"""
MODULES = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])")
"""What stands before the name of a type."""
LISTED = {
    "simulation.company": ("Simulation", "simulate"),
    "features.schema_inference.propose": ("propose",),
    "features.schema_inference.table_locations": ("TableLocations",),
    "features.config": ("read_config",),
    "features.history": ("History", "read_history"),
    "training.pipeline": ("Settings", "train"),
    "training.training_run": ("TrainingRun",),
    "training.registry": ("Registry", "open_registry"),
    "training.registry.log": ("log_run",),
    "training.model": ("ScoringModel",),
    "training.score": ("Score",),
}


def python_page() -> str:
    """Each listed thing's signature and docstring, and those of the statistics."""
    parts = [HEAD]
    for name, things in LISTED.items():
        module = importlib.import_module(name)
        parts.append(f"## {name}\n\n{_prose(module)}\n")
        for thing in things:
            parts += _describe(thing, getattr(module, thing))
    parts.append("## Statistics\n\nThey know nothing of leads; each has an example that the tests run.\n")
    for found in pkgutil.iter_modules(stats.__path__, "stats."):
        module = importlib.import_module(found.name)
        parts.append(f"### {found.name}\n\n{_prose(module)}\n")
        for thing, value in _own_things(module):
            parts += _describe(thing, value, 4)
    return "\n".join(parts)


def _own_things(module: ModuleType) -> Iterator[tuple[str, object]]:
    for name, value in vars(module).items():
        is_own = getattr(value, "__module__", None) == module.__name__
        if is_own and not name.startswith("_") and (inspect.isfunction(value) or inspect.isclass(value)):
            yield name, value


def _describe(name: str, thing: object, level: int = 3) -> Iterator[str]:
    yield f"{'#' * level} {name}\n"
    yield _code(name, thing)
    if inspect.isclass(thing):
        for method, value in vars(thing).items():
            function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            if inspect.isfunction(function) and not method.startswith("_") and inspect.getdoc(function):
                yield _code(f"{name}.{method}", function)


def _code(name: str, thing: object) -> str:
    try:
        signature = MODULES.sub("", str(inspect.signature(thing)))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        signature = ""
    return f"```python\n{name}{signature}\n```\n\n```text\n{inspect.getdoc(thing) or ''}\n```\n"


def _prose(module: ModuleType) -> str:
    return (inspect.getdoc(module) or "").partition("\n")[0]
