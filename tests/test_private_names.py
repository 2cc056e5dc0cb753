"""A name that begins with an underscore belongs to its module: no other module of the product imports or reaches it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("language", "stats", "features", "training", "analytics", "simulation", "serving", "commands")


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def borrowed(source: str) -> Iterator[str]:
    """Private names of other modules of the product that a module imports, or takes off an imported module."""
    tree = ast.parse(source)
    ours: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            for alias in node.names:
                ours.add(alias.asname or alias.name)
                if is_private(alias.name):
                    yield f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        if node.value.id in ours and is_private(node.attr):
            yield f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_uses_a_private_name_of_another(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    found = {str(file.relative_to(ROOT)): list(borrowed(file.read_text())) for file in files}
    assert {file: names for file, names in found.items() if names} == {}


def test_a_borrowed_name_is_found() -> None:
    source = "from serving.store import keys\nfrom serving.app import _now\nkeys._ALL\nkeys.ALL\n"
    assert list(borrowed(source)) == ["serving.app._now", "keys._ALL"]
