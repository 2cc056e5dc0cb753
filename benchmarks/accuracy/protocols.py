"""The protocols on real leads, as their functions below make them; none where the data is not there."""

import os
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.accuracy.tables import ID, WON, Kind, Table
from features.config import Order

DATA = Path(os.environ.get("LEADS_REAL_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
TEST_SHARE, SPLIT_SEED = 0.25, 7
AUTOGLUON = {
    "bank-random": (0.2679, 0.8118, 0.4772, 0.0760, 4.56),
    "bank-time": (0.5198, 0.7320, 0.5067, 0.1718, 2.50),
    "olist-asof": (0.3688, 0.6685, 0.2028, 0.1046, 2.01),
}
"""What AutoGluon's `best_quality` reached in 240 s on two cores, as measured once, in the order of `FIGURES`."""
CONVERSIONS = {
    "course": ("course-leads", "status", "ID", "4,612 leads of courses"),
    "shop": ("shop-visits", "Revenue", None, "12,330 visits of a shop"),
    "job": ("job-change", "target", "enrollee_id", "19,158 trained people who may change their job"),
    "caravan": ("caravan", "CARAVAN", None, "5,822 households, 85 figures on where they live"),
}
"""File, outcome, the id's column, and what it is."""
AS_OF, END, HORIZON_DAYS = "2018-03-01", "2018-05-01", 60


def protocols() -> list[Kind]:
    """The seed is that of training alone: the leads and the split are always the same."""
    if not DATA.is_dir():
        return []
    return [
        Kind("bank-random", "41,188 calls of a bank, a random quarter as the test", lambda _: _bank_random()),
        Kind(
            "bank-time", "the same, the last quarter as the test: won climbs from 3 % to 46 %", lambda _: _bank_time()
        ),
        *_conversions(),
        Kind("olist-asof", "a marketplace's leads, two fields, half of the outcomes still to come", lambda _: _olist()),
    ]


def _conversions() -> list[Kind]:
    """Tables of visits and trial students, each split at random, the shop's visits along their rows too."""
    kinds = []
    for name, (file, outcome, id_column, says) in CONVERSIONS.items():
        leads = pd.read_csv(DATA / f"conversions/{file}.csv")
        won = leads[outcome].astype(float) > 0
        leads = leads.drop(columns=[outcome, *([id_column] if id_column else [])])
        leads.insert(0, ID, [f"{name[0].upper()}{number:05d}" for number in range(1, len(leads) + 1)])
        leads[WON] = np.where(won, "yes", "no")
        at_random = _split(leads, _random_test(leads[WON]), "none")
        kinds.append(Kind(f"{name}-random", f"{says}, a random quarter as the test", partial(_same, at_random)))
        if name == "shop":
            last = _split(leads, np.arange(len(leads)) >= int(len(leads) * (1 - TEST_SHARE)), "file")
            kinds.append(Kind("shop-time", "the same, the last quarter as the test", partial(_same, last)))
    return kinds


def _same(table: Table, _: int) -> Table:
    return table


def _random_test(won: pd.Series) -> NDArray[np.bool_]:
    """A quarter of the rows of either outcome, by a fixed seed."""
    rng, test = np.random.default_rng(SPLIT_SEED), np.zeros(len(won), dtype=bool)
    for value in ("no", "yes"):
        rows = np.flatnonzero(won == value)
        test[rng.permutation(rows)[: round(len(rows) * TEST_SHARE)]] = True
    return test


def _bank() -> pd.DataFrame:
    leads = pd.read_csv(DATA / "bank-marketing/bank-additional-full.csv", sep=";").drop(columns="duration")
    leads.insert(0, ID, [f"B{number:05d}" for number in range(1, len(leads) + 1)])
    return leads.rename(columns={"y": WON})


def _bank_random() -> Table:
    leads = _bank()
    return _split(leads, _random_test(leads[WON]), "none")


def _bank_time() -> Table:
    leads = _bank()
    return _split(leads, np.arange(len(leads)) >= int(len(leads) * (1 - TEST_SHARE)), "file")


def _split(leads: pd.DataFrame, test: NDArray[np.bool_], order: Order) -> Table:
    won = (leads.loc[test, WON] == "yes").to_numpy().astype(np.float64)
    return Table(leads[~test], leads[test].drop(columns=WON), won, order)


def _olist() -> Table:
    """The peers take what is open at the as-of date for lost."""
    folder = DATA / "olist-funnel"
    leads = pd.read_csv(folder / "olist_marketing_qualified_leads_dataset.csv", parse_dates=["first_contact_date"])
    deals = pd.read_csv(folder / "olist_closed_deals_dataset.csv", parse_dates=["won_date"])
    leads = leads.rename(columns={"mql_id": ID, "first_contact_date": "created_at", "origin": "source"})
    leads = leads[leads.created_at < END].sort_values(["created_at", ID], ignore_index=True)
    wins = deals.rename(columns={"mql_id": ID, "won_date": "at"})[[ID, "at"]].assign(status="won")
    at = leads[[ID]].merge(wins, on=ID, how="left", validate="one_to_one")["at"]
    won = at.notna() & ((at - leads.created_at).dt.days <= HORIZON_DAYS)
    test = leads.created_at >= AS_OF
    known = np.where(won & (at < AS_OF), "yes", "no")
    return Table(
        train=leads.assign(**{WON: known})[~test],
        test=leads[test],
        won=won[test].to_numpy().astype(np.float64),
        order="created_at",
        history={"leads": leads, "outcomes": wins},
        as_of=AS_OF,
        horizon_days=HORIZON_DAYS,
    )
