"""The code that is stored with a model: one package with an entry module and all it needs of this project.

Logged as `features` and `training`, the copy would be shadowed by any module of those names that is imported
already: this project, or a stranger's. So the copy is one package, named after the hash of what is in it.
"""

import ast
import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

ROOMS = ("features", "stats", "training")

_PARSING = threading.Lock()
"""Python 3.11 counts the parser's depth for all threads together, and fails where two parse at once."""

_IMPORT = re.compile(rf"^(\s*from )((?:{'|'.join(ROOMS)})\b)", re.MULTILINE)


def stage_code(entry: str, folder: Path) -> str:
    """Write the package into `folder`; returns its name."""
    sources = dict(sorted(_collect_sources(entry).items()))
    content = "\0".join(f"{path}\0{source}" for path, source in sources.items())
    package = f"lead_scoring_{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    for path, source in {"__init__.py": "", **sources}.items():
        target = folder / package / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_IMPORT.sub(rf"\1{package}.\2", source), encoding="utf-8")
    return package


def _collect_sources(entry: str) -> Mapping[str, str]:
    """Path and source of each module that the entry imports, directly or not.

    A package that is only on the way to one of them is empty: what else it imports is not needed.
    """
    sources: dict[str, str] = {}
    waiting, seen = [entry], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        spec = _require_spec(name)
        path = name.replace(".", "/") + ("/__init__.py" if spec.submodule_search_locations else ".py")
        sources[path] = Path(str(spec.origin)).read_text(encoding="utf-8")
        waiting += _find_imports(sources[path])
    packages = {f"{parent}/__init__.py" for path in sources for parent in Path(path).parents if parent.name}
    return {**dict.fromkeys(packages, ""), **sources}


def _require_spec(name: str) -> ModuleSpec:
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return spec


def _find_imports(source: str) -> Iterator[str]:
    """The project's modules that a source imports, wherever the statement stands."""
    with _PARSING:
        tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ROOMS:
            yield node.module
            if _require_spec(node.module).submodule_search_locations:
                names = (f"{node.module}.{alias.name}" for alias in node.names)
                yield from (name for name in names if find_spec(name))
