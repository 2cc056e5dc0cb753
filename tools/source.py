"""Read the Python files of a project: its modules by dotted name, with text and syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

BESIDE = frozenset({"benchmarks", "build", "dist", "docs", "docs_src", "examples", "scripts", "test", "tests", "tools"})
"""Folders that stand beside a project's source: they are not measured as source."""
TESTS = frozenset({"test", "tests"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of source."""

    name: str
    """As it is imported, such as `serving.store.leads`."""
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def functions(self) -> list[Function]:
        """Functions and methods, nested ones too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def room(self) -> str:
        """The top-level package."""
        return self.name.partition(".")[0]


def read_modules(root: Path) -> list[Module]:
    """Return the source modules below a folder, by name; hidden folders and those in `BESIDE` are left out."""
    paths = [path for path in _python_files(root) if not BESIDE & set(path.relative_to(root).parts[:-1])]
    modules = [Module(_module_name(path), path, path.read_text("utf-8")) for path in paths]
    return sorted(modules, key=lambda module: module.name)


def find_tests(root: Path) -> list[Path]:
    """Return the files `test_*.py` as paths relative to the folder of tests that they are in."""
    found = []
    for path in _python_files(root):
        parts = path.relative_to(root).parts
        inside = [place for place, part in enumerate(parts[:-1]) if part in TESTS]
        if inside and path.name.startswith("test_"):
            found.append(Path(*parts[inside[0] + 1 :]))
    return found


def read_imports(module: Module, names: frozenset[str]) -> set[str]:
    """Return which modules among `names` are imported, inside functions too; not those under `if TYPE_CHECKING`."""
    found: set[str] = set()
    for node in _nodes_at_run_time(module.tree):
        if isinstance(node, ast.Import):
            found |= {name for alias in node.names if (name := _nearest(alias.name, names))}
        elif isinstance(node, ast.ImportFrom):
            origin = import_origin(module, node)
            found |= {name for alias in node.names if (name := _nearest(f"{origin}.{alias.name}", names))}
    return found - {module.name}


def import_origin(module: Module, node: ast.ImportFrom) -> str:
    """Return the absolute name of the module after `from`."""
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    above = node.level - (1 if module.is_package else 0)
    start = package[: len(package) - above]
    return ".".join([*start, *([node.module] if node.module else [])])


def _python_files(root: Path) -> Iterator[Path]:
    for path in root.rglob("*.py"):
        if not any(part.startswith(".") for part in path.relative_to(root).parts):
            yield path


def _module_name(path: Path) -> str:
    """Return the dotted name, from the outermost folder that is a package."""
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def _nearest(name: str, names: frozenset[str]) -> str | None:
    """Return the longest beginning of a dotted name that is a module."""
    while name and name not in names:
        name = name.rpartition(".")[0]
    return name or None


def _nodes_at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _nodes_at_run_time(node)
