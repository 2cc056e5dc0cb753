"""Why a field is as it is: the comments that stand at a field in scoring.toml."""

from pathlib import Path

import tomlkit
from tomlkit.items import Comment, Table


def notes_on_fields(config: Path) -> dict[str, str]:
    """The comments of each [fields.…] table, by the field's name."""
    fields = tomlkit.parse(config.read_text(encoding="utf-8")).get("fields", {})
    return {str(name): _comments(table) for name, table in fields.items() if isinstance(table, Table)}


def _comments(table: Table) -> str:
    below = [item.as_string() for _, item in table.value.body if isinstance(item, Comment)]
    lines = (line.strip().lstrip("# ") for line in [table.trivia.comment, *below])
    return "; ".join(line for line in lines if line)
