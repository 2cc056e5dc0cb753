"""Files that are there whole or not at all."""

from pathlib import Path

import pytest

from features.whole_files import replace_file, replace_private_file, write_text


def test_a_file_that_was_not_finished_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "scoring.toml"
    write_text("old", file)
    with pytest.raises(ValueError, match="in the middle"), replace_file(file) as draft:  # noqa: PT012 - the block is the test
        draft.write_text("ne")
        raise ValueError("in the middle")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "deeper" / "leads.csv"
    write_text("old", file)
    with replace_file(file) as draft:
        draft.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"


def test_a_private_file_is_private_before_anything_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    with replace_private_file(file) as draft:
        assert (draft.stat().st_size, draft.stat().st_mode & 0o777) == (0, 0o600)
        draft.write_text("personal")
    assert file.stat().st_mode & 0o777 == 0o600
