"""The notebook as a page of the site: prose, code, and what it showed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def notebook_page(notebook: Path) -> str:
    """A page of a notebook's cells; links as the site has them are made by whoever lays it out."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return "\n\n".join(part for cell in cells for part in _parts(cell)) + "\n"


def _parts(cell: dict[str, Any]) -> Iterator[str]:
    if cell["cell_type"] == "markdown":
        yield cell["source"]
        return
    yield f"```python\n{cell['source']}\n```"
    for output in cell["outputs"]:
        shown = output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"]
        yield f"```text\n{shown.rstrip()}\n```"
