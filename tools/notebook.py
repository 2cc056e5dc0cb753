"""`python -m tools.notebook` runs examples/first_model.py and writes it, with what its cells showed, as a notebook.

The script is in the percent format that Jupyter, VS Code and jupytext read; the notebook is for those who only read.
"""

import ast
import io
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve().parents[1] / "examples" / "first_model.py"
MARK = "# %%"


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook: prose or code."""

    is_prose: bool
    text: str


def read_cells(script: str) -> Iterator[Cell]:
    """The cells of a script in the percent format."""
    for part in f"\n{script}".split(f"\n{MARK}")[1:]:
        head, _, body = part.partition("\n")
        if "[markdown]" in head:
            yield Cell(
                is_prose=True,
                text="\n".join(line.removeprefix("#").removeprefix(" ") for line in body.strip().splitlines()),
            )
        else:
            yield Cell(is_prose=False, text=body.strip())


def run_cells(cells: list[Cell]) -> list[dict[str, Any]]:
    """The cells as Jupyter keeps them, each with what it printed and what its last line is worth."""
    names: dict[str, Any] = {"__name__": "__main__"}
    count = 0
    made: list[dict[str, Any]] = []
    for cell in cells:
        if cell.is_prose:
            made.append({"cell_type": "markdown", "metadata": {}, "source": cell.text})
            continue
        count += 1
        outputs = run(cell.text, names, count)
        made.append(
            {
                "cell_type": "code",
                "execution_count": count,
                "metadata": {},
                "outputs": outputs,
                "source": cell.text,
            }
        )
    return [{"id": f"cell-{number}", **cell} for number, cell in enumerate(made)]


def run(code: str, names: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """Run a cell among the names of those before it; its outputs."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with redirect_stdout(printed):
        exec(compile(tree, SCRIPT.name, "exec"), names)  # noqa: S102 - our own script
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), SCRIPT.name, "eval"), names)  # noqa: S307 - as above
    outputs: list[dict[str, Any]] = []
    if text := printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": text})
    if value is not None:
        html = getattr(value, "_repr_html_", None)
        data = {"text/plain": repr(value)} | ({"text/html": html()} if html else {})
        outputs.append({"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"})
    return outputs


def main() -> None:
    """Write the notebook beside the script."""
    cells = run_cells(list(read_cells(SCRIPT.read_text("utf-8"))))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python", "version": sys.version.split()[0]}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    written = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    SCRIPT.with_suffix(".ipynb").write_text(written, "utf-8")


if __name__ == "__main__":
    main()
