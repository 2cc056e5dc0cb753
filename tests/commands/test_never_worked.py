"""A good source that is hardly ever called (docs/methods.md): by the real commands it is not taken for a bad one."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from simulation.handling import NEVER_CALLED
from tests.commands.conftest import Leads
from tests.conftest import Prove
from tests.proofs import Proof

IGNORED = Proof(
    "A good source that is hardly ever called",
    f"20,000 simulated leads; {NEVER_CALLED:.0%} of the partners' are never called, and theirs is the best source. "
    "`leads simulate`, `init`, `train` and `score`, with the contacts named and without; shown is the mean chance of "
    "the partners' leads that arrived after the as-of date, in per cent, true (had they been called) and predicted.",
    "with contacts it is off by more than 3 points",
)
UNTIL, AS_OF = dt.date(2026, 10, 1), dt.date(2026, 4, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_good_source_that_is_hardly_ever_called_is_not_taken_for_a_bad_one(
    seed: int, leads: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prove: Prove
) -> None:
    monkeypatch.chdir(tmp_path)
    made = leads(*f"simulate . --leads 20000 --seed {seed} --scenario good-source-never-called --until {UNTIL}".split())
    assert made.code == 0, made.err
    table = pd.read_csv("leads.csv")
    partners = (table.source == "Partner") & (pd.to_datetime(table.created_at, utc=True).dt.date >= AS_OF)
    true = pd.read_csv("truth.csv").probability[partners].mean()

    predicted = {}
    for told, contacts in (("with", ["--contacts", "contacts.csv"]), ("without", [])):
        for line in (
            ["init", "leads.csv", "--outcomes", "outcomes.csv", *contacts, "--force"],
            ["train", "--as-of", AS_OF, "--trials", "2"],
            ["score", "leads.csv", f"{told}.csv", "--reasons", "0", "--model", "2" if told == "without" else "1"],
        ):
            ran = leads(*line)
            assert ran.code == 0, ran.err
        predicted[told] = pd.read_csv(f"{told}.csv").probability[partners].mean()

    figures = f"true {true:.1%}, with contacts {predicted['with']:.1%}, without {predicted['without']:.1%}"
    prove(IGNORED, f"{partners.sum():,} leads, seed {seed}", 1, figures)
    assert predicted["with"] == pytest.approx(true, abs=0.03)
    assert predicted["without"] < true - 0.05
