"""The notebook is the script, cell by cell; run anew, it shows what its prose says."""

import json
import os
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.notebook import SCRIPT, Cell, read_cells, run_cells

NOTEBOOK = ROOT / "examples" / "first_model.ipynb"


def test_a_script_is_read_cell_by_cell() -> None:
    script = "# %% [markdown]\n# # Title\n#\n# prose\n\n# %%\nx = 1\n\nx + 1\n"

    assert list(read_cells(script)) == [
        Cell(is_prose=True, text="# Title\n\nprose"),
        Cell(is_prose=False, text="x = 1\n\nx + 1"),
    ]


def test_a_cell_shows_what_it_prints_and_what_its_last_line_is_worth() -> None:
    cells = run_cells([Cell(is_prose=False, text="x = 2\nprint('so')\nx + 1"), Cell(is_prose=False, text="x * 2")])

    assert [cell["execution_count"] for cell in cells] == [1, 2]
    assert [output.get("text") or output["data"] for output in cells[0]["outputs"]] == ["so\n", {"text/plain": "3"}]
    assert cells[1]["outputs"][0]["data"] == {"text/plain": "4"}


def test_the_notebook_has_the_script_s_cells_and_what_they_showed() -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    kept = [Cell(cell["cell_type"] == "markdown", cell["source"]) for cell in notebook["cells"]]

    assert kept == list(read_cells(SCRIPT.read_text("utf-8")))
    assert NOTEBOOK.stat().st_size < 60_000
    shown = json.dumps([cell.get("outputs") for cell in notebook["cells"]])
    assert not any(word in shown for word in ("first-model-", "Traceback", "stderr"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_notebook_runs_and_its_findings_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    cells = run_cells(list(read_cells(SCRIPT.read_text("utf-8"))))
    shown = "\n".join(output.get("text", "") for cell in cells for output in cell.get("outputs", ()))

    assert "known later, so not used: account_manager" in shown
    assert "correlation with the truth 0.9" in shown
    assert "raises the score most" in shown
    assert "The leads that arrived moved it by −" in shown
    assert "handling by" in shown
    assert "no clear change. A difference" in shown
