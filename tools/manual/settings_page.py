"""The reference of settings, from the example that the tests hold against the code."""

import re
from pathlib import Path

HEAD = """# Settings

`leads serve` and the commands that work on the store read these from the environment. What a data scientist sets stands
in `scoring.toml`. A setting that is left empty counts as not set.

| setting | default | meaning |
|---|---|---|
"""


def settings_page(example: Path) -> str:
    """A table of every setting with its default and what it is for."""
    found = re.findall(r"^# (.+)\n(?:# )?(\w+)=(.*)$", example.read_text("utf-8"), re.MULTILINE)
    rows = [f"| `{name}` | {_code(default.strip(chr(34)))} | {meaning} |" for meaning, name, default in found]
    return HEAD + "\n".join(rows) + "\n"


def _code(text: str) -> str:
    return f"`{text}`" if text else "none"
