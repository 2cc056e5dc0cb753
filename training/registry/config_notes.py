"""The comments on fields in scoring.toml, which say why a field is as it is."""

from pathlib import Path

import tomlkit
from tomlkit.items import Comment, Table


def read_field_notes(config: Path) -> dict[str, str]:
    """The comments of each [fields.…] table, by the field's name."""
    fields = tomlkit.parse(config.read_text(encoding="utf-8")).get("fields", {})
    return {str(name): _comments(table) for name, table in fields.items() if isinstance(table, Table)}


def _comments(table: Table) -> str:
    below = [item.as_string() for _, item in table.value.body if isinstance(item, Comment)]
    lines = (line.strip().lstrip("# ") for line in [table.trivia.comment, *below])
    return "; ".join(line for line in lines if line)
