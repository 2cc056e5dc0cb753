"""The figures of `make measure`, on trees whose figures can be counted by hand."""

from pathlib import Path

import pytest

from tools.measure import ROWS, find_cycles, is_participle_name, measure_tree, print_table

LEADS = '''"""Leads."""

from room import won


# which leads count
def _told(lead: str) -> bool:
    """
    Whether it is told.
    """
    return won.is_won(lead)


def count(leads):
    return sum(map(_told, leads))
'''
WON = """from room import leads


def is_won(lead: str) -> bool:
    return lead in leads.__doc__
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two modules that import each other; one has a test."""
    files = {
        "room/__init__.py": "",
        "room/leads.py": LEADS,
        "room/won.py": WON,
        "tests/test_leads.py": "def test_it(): ...\n",
        "docs/conf.py": "x = 1\n",
        ".venv/lib/other.py": "x = 1\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_each_figure_is_as_counted_by_hand(tree: Path) -> None:
    figures = dict(zip(ROWS, measure_tree(tree), strict=True))

    assert figures["source files / lines"] == "3 / 20"
    assert figures["file lines, median / p90"] == "5 / 15"
    assert figures["function lines, median / p95 / max"] == "2 / 5 / 5"
    assert figures["functions named by a participle"] == "33.3%"
    assert figures["comment lines"] == "5.0%"
    assert figures["modules with a test where one would look"] == "50%"
    assert figures["typed returns"] == "66.7%"
    assert figures["import cycles"] == "1"


def test_a_line_that_does_more_has_more_nodes(tmp_path: Path) -> None:
    density = {}
    for name, text in {"plain": "a = 1\nb = a\n", "dense": "a = 1; b = [c for c in (a, 2) if c]\n"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text(text + "def f(): ...\n")
        density[name] = float(dict(zip(ROWS, measure_tree(tmp_path / name), strict=True))["syntax nodes a code line"])

    assert density["dense"] > 1.5 * density["plain"]


@pytest.mark.parametrize("name", ["_told", "held_by", "drawn", "unseen", "scored_leads"])
def test_participles_are_known(name: str) -> None:
    assert is_participle_name(name)


@pytest.mark.parametrize("name", ["read_leads", "put", "feed", "is_won", "__init__", "seed_of", "find_closed"])
def test_verbs_and_what_only_looks_like_a_participle_are_not(name: str) -> None:
    assert not is_participle_name(name)


def test_a_cycle_is_one_group_and_what_leads_to_it_is_in_none() -> None:
    imports = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set[str]()}

    assert find_cycles(imports) == [{"a", "b", "c"}]


def test_trees_stand_side_by_side(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_table([tree, tree])

    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == f"|  | {tree.name} | {tree.name} |"
    assert rows[2] == "| source files / lines | 3 / 20 | 3 / 20 |"


def test_a_folder_without_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no Python source"):
        measure_tree(tmp_path)
