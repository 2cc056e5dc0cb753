"""Files that are there whole or not at all: written beside their place, then renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_text(text: str, path: Path) -> None:
    """Write a text file."""
    with _beside(path) as beside:
        beside.write_text(text, encoding="utf-8")


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """An empty file beside a file's place, for its owner alone; on the disk, and in that place, when the block ends."""
    with _beside(path) as beside:
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield beside
        with beside.open("rb") as file:
            os.fsync(file.fileno())


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A place beside a file's, which takes the file's place when the block ends and is gone where that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
