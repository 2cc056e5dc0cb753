"""The `leads` command run in the tests' own process: one of its own would import everything anew."""

import sys
from contextlib import chdir
from pathlib import Path

import pytest

from commands.main import main


def exit_code(words: list[str], folder: Path | None = None) -> int:
    """What a shell would be told, in this folder or the working directory."""
    with pytest.MonkeyPatch.context() as patched, chdir(folder or Path.cwd()):
        patched.setattr(sys, "argv", ["leads", *words])
        try:
            main()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else 0
    return 0
