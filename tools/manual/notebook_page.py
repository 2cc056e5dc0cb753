"""The notebook as a page of the site: prose, code, and what it showed."""

import json
import re
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
        if output["output_type"] == "stream":
            yield f"```text\n{output['text'].rstrip()}\n```"
        else:
            data = output["data"]
            shown = re.sub(r"\s*<style.*?</style>|\n\s*", "", data.get("text/html", ""), flags=re.DOTALL)
            yield shown or f"```text\n{data['text/plain']}\n```"
