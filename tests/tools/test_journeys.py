"""How a journey through files is listed."""

import sys
from pathlib import Path

import pytest

from tools.journeys import Journey

FILES = {
    "room/first.py": "from room.second import work\nfrom room.third import end\n\ndef go():\n    work()\n    end()\n",
    "room/second.py": "from room.third import begin\n\nclass Kind:\n    pass\n\ndef work():\n    begin()\n",
    "room/third.py": "def begin(): ...\ndef end():\n    from room.fourth import close\n    close()\n",
    "room/fourth.py": "def close(): ...\n",
    "tests/play.py": "from room.first import go\n\ndef play():\n    go()\n",
}


def test_a_file_is_listed_once_and_a_step_back_names_where_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    journey = Journey(tmp_path)
    play: dict[str, object] = {}
    exec((tmp_path / "tests/play.py").read_text(), play)  # noqa: S102 - the file is made above

    sys.setprofile(journey.note)
    play["play"]()
    sys.setprofile(None)

    assert list(journey.lines()) == [
        "- room/first.py",
        "- room/second.py",
        "- room/third.py",
        "- room/fourth.py",
    ]
    assert journey.steps_back == 0


def test_a_file_that_an_earlier_one_enters_is_a_step_back() -> None:
    journey = Journey(Path("/"), [("a.py", None), ("b.py", "a.py"), ("c.py", "a.py"), ("d.py", "c.py"), ("e.py", None)])

    assert list(journey.lines())[2:] == ["- c.py  ↩ from a.py", "- d.py", "- e.py  ↩ from another thread"]
    assert journey.steps_back == 2
