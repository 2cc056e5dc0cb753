"""Private names of the source, and the scripts that find them."""

from pathlib import Path

from tests.conftest import ROOT
from tools.private_names import find_private_imports, find_repeated_names
from tools.source import Module, read_modules

REPEATED_AT_MOST = 0
"""As many private function names may occur in more than three modules of a room."""
BORROWED_AT_MOST = 0
"""As many private names does a module take from another today."""


def module(name: str, text: str) -> Module:
    return Module(name, Path(f"{name.replace('.', '/')}.py"), text)


def test_hardly_any_private_function_name_occurs_in_more_than_three_modules_of_a_room() -> None:
    repeated = find_repeated_names(read_modules(ROOT))

    assert len(repeated) <= REPEATED_AT_MOST, repeated


def test_no_module_takes_a_private_name_of_another() -> None:
    borrowed = find_private_imports(read_modules(ROOT))

    assert len(borrowed) <= BORROWED_AT_MOST, borrowed


def test_a_name_in_four_modules_of_a_room_is_found_and_one_in_three_or_in_two_rooms_is_not() -> None:
    modules = [module(f"one.part{number}", "def _told(): ...\ndef told(): ...") for number in range(4)]
    modules += [
        module(f"two.part{number}", "def _told(): ...\nclass A:\n    def _told(self): ...") for number in range(3)
    ]

    assert find_repeated_names(modules) == {("one", "_told"): [f"one.part{number}" for number in range(4)]}


def test_private_names_are_found_however_they_are_taken() -> None:
    owner = module("room.owner", "_secret = 1\ndef _make(): ...\n__version__ = '1'")
    user = module(
        "room.user",
        "import room.owner\nfrom room import owner as other\nfrom room.owner import _make, __version__\n"
        "room.owner._secret\nother._make\nother.__doc__\nself._own",
    )
    relative = module("room.relative", "from .owner import _secret")

    assert find_private_imports([owner, user, relative]) == [
        "room.user: room.owner._make",
        "room.user: room.owner._make",
        "room.user: room.owner._secret",
        "room.relative: room.owner._secret",
    ]
