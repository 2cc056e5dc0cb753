import subprocess
import sys

import pytest

from commands.main import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(leads, name):
    ran = leads(name, "--help")

    assert ran.code == 0
    assert "Usage: leads" in ran.out
    assert f"leads {name}" in ran.out or name == "models"


HEAVY = """
import sys
import commands.main
sys.argv = ["leads", "--help"]
try:
    commands.main.main()
except SystemExit:
    print([name for name in ("mlflow", "lightgbm", "optuna", "pandas") if name in sys.modules])
"""


def test_help_lists_every_command_without_loading_any():
    ran = subprocess.run([sys.executable, "-c", HEAVY], capture_output=True, text=True, check=True)

    assert all(name in ran.stdout for name in COMMANDS)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_wrong_usage_exits_with_2(leads):
    assert leads("simulat").code == 2
    assert leads("simulate").code == 2


def test_refused_input_exits_with_1_and_says_what_to_do_next(leads, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    ran = leads("train")

    assert ran.code == 1
    assert "scoring.toml is not there. `leads init LEADS` writes one." in ran.err
    assert ran.out == ""
