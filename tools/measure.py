"""Measure how a tree of Python reads: `python -m tools.measure [TREE …]` prints a table, a column a tree.

How each row is counted (source is every `.py` file but tests, benchmarks, docs, tools and examples):

- **source files, lines**: all files, `__init__.py` too; all lines, blank ones too.
- **file lines**: median and 90th percentile over those files.
- **function lines**: from `def` to its last line, docstring included, decorators not; functions, methods and nested
  ones; median, 95th percentile, longest. Migrations are left out here: each is one list of tables.
- **syntax nodes a code line**: nodes of the syntax tree, less the load/store/delete marks, over lines that are neither
  blank, nor a comment, nor inside a docstring. How much one line does.
- **functions named by a participle**: the first word of the name, underscores aside, ends in -ed or is an irregular
  participle (`_told`, `held_by`, `drawn`), verbs that look the same (`read`, `put`, `split`) aside; over all functions.
- **comment lines**: lines that hold nothing but a comment, over all lines.
- **modules with a test where one would look**: for `room/part/name.py` a file `test_name.py` in `tests/room/part/` or
  in a folder above it; over modules that are not `__init__.py` or `__main__.py`.
- **typed returns**: functions that annotate what they return, over all.
- **import cycles**: groups of modules that import one another, hidden imports in functions included, imports for type
  checking only not.
- **private names in more than three modules**: names of module-level functions that begin with an underscore and are
  defined in more than three modules of one top-level package.
- **imports of another module's private name**: see `tools.private_names`.
"""

import ast
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median

from tools.private_names import find_private_imports, find_repeated_names
from tools.source import Module, find_tests, read_imports, read_modules

IRREGULAR = frozenset(
    {"begun", "bound", "broken", "brought", "built", "caught", "chosen", "done", "drawn", "found", "given", "gone"}
    | {"grown", "heard", "held", "hidden", "kept", "known", "left", "lost", "made", "meant", "paid", "said"}
    | {"seen", "sent", "shown", "sold", "spent", "taken", "taught", "thrown", "told", "understood", "won", "worn"}
    | {"written"}
)
"""Participles that do not end in -ed, but for those that are verbs as well: cut, put, read, run, set, split."""
NOT_PARTICIPLES = frozenset({"embed", "exceed", "feed", "hundred", "need", "proceed", "seed", "speed"})

Measure = Callable[[Path, list[Module]], str]


def count_source(_: Path, modules: list[Module]) -> str:
    """Return files and lines."""
    return f"{len(modules)} / {sum(_line_counts(modules)):,}"


def measure_files(_: Path, modules: list[Module]) -> str:
    """Return the median and 90th percentile of lines a file."""
    lines = _line_counts(modules)
    return f"{median(lines):.0f} / {_quantile(lines, 0.9)}"


def measure_functions(root: Path, modules: list[Module]) -> str:
    """Return the median, 95th percentile and maximum of lines a function."""
    lines = [
        (function.end_lineno or function.lineno) - function.lineno + 1
        for module in modules
        if "migrations" not in module.path.relative_to(root).parts
        for function in module.functions
    ]
    return f"{median(lines):.0f} / {_quantile(lines, 0.95)} / {max(lines)}"


def measure_density(_: Path, modules: list[Module]) -> str:
    """Return the syntax nodes a code line."""
    return f"{sum(map(_count_nodes, modules)) / sum(map(_count_code_lines, modules)):.1f}"


def measure_participles(_: Path, modules: list[Module]) -> str:
    """Return the share of functions whose name begins with a participle."""
    names = [function.name for module in modules for function in module.functions]
    return f"{sum(map(is_participle_name, names)) / len(names):.1%}"


def is_participle_name(name: str) -> bool:
    """Return whether the first word of a function's name is a participle, such as `_told`, `held_by` or `unseen`."""
    first = name.lstrip("_").partition("_")[0]
    if first in IRREGULAR or first.removeprefix("un") in IRREGULAR:
        return True
    return first.endswith("ed") and len(first) > 3 and first not in NOT_PARTICIPLES


def measure_comments(_: Path, modules: list[Module]) -> str:
    """Return the share of lines that are comments."""
    lines = [line.strip() for module in modules for line in module.text.splitlines()]
    return f"{sum(line.startswith('#') for line in lines) / len(lines):.1%}"


def measure_tests(root: Path, modules: list[Module]) -> str:
    """Return the share of modules with a test where one would look."""
    tests = set(find_tests(root))
    tested = [module for module in modules if module.path.name not in {"__init__.py", "__main__.py"}]
    return f"{sum(_has_test(module, tests) for module in tested) / len(tested):.0%}"


def _has_test(module: Module, tests: set[Path]) -> bool:
    """A library's tests leave out the package's own name: `tests/test_routing.py` is for `starlette/routing.py`."""
    place = Path(*module.name.split("."))
    places = [place, Path(*place.parts[1:])] if len(place.parts) > 1 else [place]
    folders = [folder for each in places for folder in each.parents]
    return any(folder / f"test_{place.name}.py" in tests for folder in folders)


def measure_types(_: Path, modules: list[Module]) -> str:
    """Return the share of functions whose return is annotated."""
    functions = [function for module in modules for function in module.functions]
    return f"{sum(function.returns is not None for function in functions) / len(functions):.1%}"


def count_cycles(_: Path, modules: list[Module]) -> str:
    """Return the number of groups of modules that import one another."""
    names = frozenset(module.name for module in modules)
    return str(len(find_cycles({module.name: read_imports(module, names) for module in modules})))


def find_cycles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Return the groups of names from which each reaches all others of its group."""
    reached = {name: _reachable(name, imports) for name in imports}
    groups: list[set[str]] = []
    for name, others in reached.items():
        if name in others and not any(name in group for group in groups):
            groups.append({other for other in others if name in reached[other]})
    return groups


def _reachable(name: str, imports: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(imports[name])
    while waiting:
        following = waiting.pop()
        if following not in seen:
            seen.add(following)
            waiting.extend(imports[following])
    return seen


def count_repeated_names(_: Path, modules: list[Module]) -> str:
    """Return the number of private function names that occur in more than three modules of a room."""
    return str(len(find_repeated_names(modules)))


def count_private_imports(_: Path, modules: list[Module]) -> str:
    """Return the number of private names that a module takes from another."""
    return str(len(find_private_imports(modules)))


def _line_counts(modules: Iterable[Module]) -> list[int]:
    return [len(module.text.splitlines()) for module in modules]


def _count_nodes(module: Module) -> int:
    return sum(not isinstance(node, ast.expr_context) for node in ast.walk(module.tree))


def _count_code_lines(module: Module) -> int:
    documented: set[int] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            documented |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(module.text.splitlines(), start=1)
    return sum(bool(line.strip()) and not line.strip().startswith("#") and at not in documented for at, line in lines)


def _quantile(values: Sequence[int], share: float) -> int:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


ROWS: dict[str, Measure] = {
    "source files / lines": count_source,
    "file lines, median / p90": measure_files,
    "function lines, median / p95 / max": measure_functions,
    "syntax nodes a code line": measure_density,
    "functions named by a participle": measure_participles,
    "comment lines": measure_comments,
    "modules with a test where one would look": measure_tests,
    "typed returns": measure_types,
    "import cycles": count_cycles,
    "private names in more than three modules of a room": count_repeated_names,
    "imports of another module's private name": count_private_imports,
}


def measure_tree(root: Path) -> list[str]:
    """Return the figures of a tree in the order of `ROWS`; a ValueError where it holds no Python."""
    modules = read_modules(root)
    if not modules:
        raise ValueError(f"{root} holds no Python source. Name the folder of a project.")
    return [measure(root, modules) for measure in ROWS.values()]


def print_table(roots: Sequence[Path]) -> None:
    """Print the table as Markdown, a column a tree."""
    columns = [measure_tree(root) for root in roots]
    header = ["", *(root.resolve().name for root in roots)]
    print(f"| {' | '.join(header)} |")
    print("|" + "---|" * len(header))
    for label, *figures in zip(ROWS, *columns, strict=True):
        print(f"| {label} | {' | '.join(figures)} |")


if __name__ == "__main__":
    print_table([Path(argument) for argument in sys.argv[1:]] or [Path()])
