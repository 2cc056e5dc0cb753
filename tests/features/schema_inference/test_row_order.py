"""The order of rows: drift along a file is time, a shuffled or sorted file is not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from tests.features.schema_inference.planted import company


def order(table: pd.DataFrame, folder: Path) -> tuple[object, str]:
    table.to_csv(folder / "leads.csv", index=False)
    proposal = propose(TableLocations(str(folder / "leads.csv")), relative_to=folder)
    return next((line.value, line.why) for line in proposal.leads if line.key == "order")


def drifting(rows: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    chance = np.linspace(0.05, 0.45, rows)
    won = np.where(rng.random(rows) < chance, "yes", "no")
    return pd.DataFrame({"job": rng.choice(list("abcde"), rows), "y": won})


def test_dates_are_the_order(tmp_path: Path) -> None:
    assert order(company(0, rows=600).table, tmp_path)[0] == "created_at"


def test_an_outcome_that_drifts_along_the_rows_makes_them_time(tmp_path: Path) -> None:
    found, why = order(drifting(), tmp_path)
    assert found == "file"
    assert "won goes from 7.0% in the first tenth of the rows to 42.7% in the last (chi-square p = " in why


def test_a_field_that_drifts_does_so_too(tmp_path: Path) -> None:
    table = drifting().sample(frac=1, random_state=1)
    table["form"] = np.where(np.random.default_rng(0).random(3000) < np.linspace(0, 1, 3000), "new", "old")
    assert order(table, tmp_path)[0] == "file"


@pytest.mark.parametrize("seed", range(10))
def test_a_shuffled_file_has_no_order(tmp_path: Path, seed: int) -> None:
    assert order(drifting().sample(frac=1, random_state=seed), tmp_path)[0] == "none"


@pytest.mark.slow
def test_of_200_shuffled_files_at_most_one_in_twenty_is_taken_for_time(tmp_path: Path) -> None:
    tables = (company(seed, dated=False, rows=1000) for seed in range(200))
    honest = [planted.table.drop(columns=list(planted.leaks)) for planted in tables]
    assert sum(order(table, tmp_path)[0] != "none" for table in honest) <= 10


@pytest.mark.parametrize(("by", "said"), [("y", "sorted by their outcome"), ("job", 'sorted by "job"')])
def test_a_sorted_file_is_no_order_in_time(tmp_path: Path, by: str, said: str) -> None:
    found, why = order(drifting().sort_values(by, kind="stable"), tmp_path)
    assert found == "none"
    assert said in why


def test_the_bank_file_stands_in_time_order_until_it_is_shuffled(real_data: Path, tmp_path: Path) -> None:
    bank = pd.read_csv(real_data / "bank-marketing" / "bank-additional-full.csv", sep=";", dtype=str)
    assert order(bank, tmp_path)[0] == "file"
    assert order(bank.sample(n=8000, random_state=0), tmp_path)[0] == "none"
