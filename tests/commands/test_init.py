"""leads init at the command line: what it says to people, what to machines, and its five questions on a terminal."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import read_config

N = 300
RNG = np.random.default_rng(3)
PHASE = RNG.choice(["P1", "P4", "P5", "P9"], N, p=[0.2, 0.3, 0.4, 0.1])
TABLE = pd.DataFrame(
    {
        "Record ID": range(N),
        "Create Date": (pd.Timestamp("2025-01-02") + pd.to_timedelta(np.arange(N), "h")).astype(str),
        "Deal Stage": RNG.choice(["Closed won (Sales Pipeline)", "Closed lost (Sales Pipeline)"], N),
        "Deal owner": RNG.choice(["Ann", "Bob"], N),
        "Original Traffic Source": RNG.choice(["Paid Search", "Referrals"], N),
        "Amount": RNG.integers(100, 9000, N),
    }
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    TABLE.to_csv("deals.csv", index=False)
    TABLE.assign(**{"Deal Stage": PHASE}).to_csv("phases.csv", index=False)
    return tmp_path


def test_people_are_told_what_the_export_looks_like_what_decides_and_what_was_set_aside(leads, folder):
    ran = leads("init", "deals.csv")
    won = int((TABLE["Deal Stage"] == "Closed won (Sales Pipeline)").sum())
    assert ran.code == 0
    assert "This looks like a HubSpot deals export (6 of its headers); from that: id Record ID" in ran.out
    assert f"300 leads, arrived from 2025-01-02 to 2025-01-14: {won} won, {N - won} lost, 0 open." in ran.out
    assert 'What decides is "Deal Stage": won is Closed won (Sales Pipeline); lost is Closed lost' in ran.out
    assert "Set aside, as they are known only later (scoring.toml says why): Deal owner." in ran.out
    assert ran.out.count("Deal owner") == 1
    assert "Check first:" in ran.out


def test_machines_get_what_they_got_and_the_summary(leads, folder):
    found = json.loads(leads("init", "deals.csv", "--json").out)
    assert {"config", "fields", "left_out"} <= found.keys()
    assert found["fields"]["Deal owner"] == {"kind": "category", "known": "later"}
    assert found["summary"]["looks_like"] == "HubSpot deals export"
    assert found["summary"]["leads"] == N


def test_questions_want_a_terminal(leads, folder):
    ran = leads("init", "deals.csv", "--interactive")
    assert ran.code == 2
    assert "questions need a terminal" in ran.err


def test_a_table_whose_outcome_nobody_knows_is_settled_by_five_questions(folder):
    answers = ["Deal Stage", "P4", "P5", "P9", ""]
    code, said = on_a_terminal(["init", "phases.csv", "--interactive"], answers)
    assert code == 0, said
    assert said.count("? ") + said.count("open [") >= 5
    config = read_config(folder / "scoring.toml")
    assert (config.outcome.column, config.outcome.won, config.outcome.lost) == ("Deal Stage", ("p4",), ("p5",))
    assert config.outcome.not_a_lead == ("p9",)
    assert config.leads.id == "Record ID"


def on_a_terminal(words: list[str], answers: list[str]) -> tuple[int, str]:
    """Run `leads` on a terminal of its own, type the answers, and return its exit code and what it wrote."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "commands", *words]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    running = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True)
    os.close(theirs)
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    said = b""
    while True:
        try:
            said += os.read(ours, 65_536)
        except OSError:  # the other side is closed: it has ended
            break
    os.close(ours)
    return running.wait(timeout=60), said.decode(errors="replace")
