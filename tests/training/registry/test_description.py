"""What a run says of the code that made it."""

import subprocess
from pathlib import Path

from training.registry.description import git_commit


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.com")
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_is_that_of_the_repository_that_holds_the_file(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("")
    git(tmp_path, "init")
    git(tmp_path, "add", "module.py")
    git(tmp_path, "commit", "-m", "one")
    assert git_commit(file) == git(tmp_path, "rev-parse", "HEAD")


def test_a_repository_that_only_lies_around_the_file_is_not_its_own(tmp_path: Path) -> None:
    """As that of a company, in whose folder an environment with the package stands."""
    (tmp_path / "own.txt").write_text("")
    git(tmp_path, "init")
    git(tmp_path, "add", "own.txt")
    git(tmp_path, "commit", "-m", "one")
    package = tmp_path / ".venv" / "module.py"
    package.parent.mkdir()
    package.write_text("")
    assert git_commit(package) is None


def test_without_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert git_commit(tmp_path / "module.py") is None
