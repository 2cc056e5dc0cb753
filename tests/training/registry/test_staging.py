"""The code that is stored with a model."""

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from training.registry.packaging import ENTRY
from training.registry.staging import stage_code

if TYPE_CHECKING:
    pass

BROUGHT_BY_MLFLOW_AND_LIGHTGBM = {"lightgbm", "mlflow", "numpy", "numba", "pandas", "pyarrow", "scipy", "sklearn"}


def test_the_code_beside_the_model_needs_only_mlflow_and_lightgbm(tmp_path: Path) -> None:
    package = stage_code(ENTRY, tmp_path)
    imported = {
        name.split(".")[0]
        for file in tmp_path.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in _names(node)
    }
    assert imported - set(sys.stdlib_module_names) <= {package, *BROUGHT_BY_MLFLOW_AND_LIGHTGBM}


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_the_package_is_named_after_what_is_in_it(tmp_path: Path) -> None:
    assert stage_code(ENTRY, tmp_path / "a") == stage_code(ENTRY, tmp_path / "b")
    assert stage_code("training.models.grades", tmp_path / "c") != stage_code(ENTRY, tmp_path / "d")
