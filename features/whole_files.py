"""Files that are there whole or not at all: written as a draft beside their place, then renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_text(text: str, path: Path) -> None:
    """Write a text file."""
    with replace_file(path) as draft:
        draft.write_text(text, encoding="utf-8")


@contextmanager
def replace_file(path: Path, ending: str = "part") -> Iterator[Path]:
    """The draft of a file, which takes its place when the block ends, and is gone where that fails.

    Where several processes write a file at once, each needs an `ending` of its own.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{ending}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def replace_private_file(path: Path) -> Iterator[Path]:
    """As `replace_file`; the draft is an empty file that only its owner may read, and is on the disk at the end."""
    with replace_file(path) as draft:
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
