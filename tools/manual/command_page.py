"""The reference of commands, from what each says of itself."""

from collections.abc import Iterator
from typing import Any

import typer

from commands.main import COMMANDS, app

HEAD = """# Commands

Each command explains itself with `--help`, which is what stands here. Results go to standard output, everything else to
standard error; `--json` prints a result for machines. The exit code is 0 for success, 1 for what was refused, 2 for
wrong usage.
"""
WIDTH = 100


def command_page() -> str:
    """What every command and subcommand says with `--help`."""
    group = typer.main.get_command(app)
    context = group.make_context("leads", [], resilient_parsing=True)
    parts = [HEAD]
    for name in COMMANDS:
        parts += _sections(group.get_command(context, name), f"leads {name}", context, 2)  # type: ignore[attr-defined]
    return "\n".join(parts)


def _sections(command: Any, name: str, parent: Any, level: int) -> Iterator[str]:
    context = command.make_context(
        name.rpartition(" ")[2], [], parent=parent, resilient_parsing=True, max_content_width=WIDTH
    )
    context.terminal_width = WIDTH
    yield f"{'#' * level} {name}\n\n```text\n{command.get_help(context)}\n```\n"
    for child in getattr(command, "commands", {}):
        yield from _sections(command.commands[child], f"{name} {child}", context, level + 1)
