"""Leak suspects: what is planted is found and what is honest stays, on made tables and on real ones."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.schema_inference.outcome import MIN_SIDE
from features.schema_inference.proposal import Proposal
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from tests.conftest import Prove
from tests.features.schema_inference.planted import LEAK_KINDS, LEAKS, NEED_DATES, Planted, company
from tests.proofs import Proof


def proposed(table: pd.DataFrame, folder: Path) -> Proposal:
    table.to_csv(folder / "leads.csv", index=False)
    return propose(TableLocations(str(folder / "leads.csv")), relative_to=folder)


def suspects(table: pd.DataFrame, folder: Path) -> set[str]:
    return {field.name for field in proposed(table, folder).suspects}


@pytest.mark.parametrize("seed", range(12))
def test_planted_leaks_are_found_and_honest_fields_stay(seed: int, tmp_path: Path) -> None:
    planted = company(seed, dated=seed % 2 == 0, rows=2500)
    assert suspects(planted.table, tmp_path) == set(planted.leaks)


DETECTOR = Proof(
    "Leak suspects",
    "Planted leaks of each kind in tables of leads whose base rate is anywhere from 1 to 40 %, harmless strong fields "
    "beside them; shown is the share of each kind that `leads init` keeps out of the score. Of a table with fewer than "
    "10 winners nothing is said, and it is not counted.",
    "a kind passes in more than 15 % of the tables, in 25 % with 200 leads, or an honest field is refused in 5 %",
)
TABLES = {200: 160, 600: 100, 2_000: 50, 20_000: 5}
"""How many tables, by their number of leads."""


@dataclass
class Tally:
    """Of the tables of one size: how many were judged, which leaks were kept out, how many refused an honest field."""

    judged: int = 0
    kept_out: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    refusing: int = 0

    def add(self, planted: Planted, proposal: Proposal) -> None:
        said = {field.name for field in proposal.suspects}
        scored = {field.name for field in proposal.fields} - said
        self.judged += 1
        self.planted.update(planted.leaks)
        self.kept_out.update(planted.leaks - scored)
        self.refusing += bool(said - planted.leaks)

    def recall(self, leak: str) -> float:
        return self.kept_out[leak] / self.planted[leak]


def tally(leads: int, tables: int, folder: Path) -> Tally:
    counted, rng = Tally(), np.random.default_rng(leads)
    for seed in range(tables):
        base = float(np.exp(rng.uniform(np.log(0.01), np.log(0.4))))
        planted = company(seed, rows=leads, base=base, reference=min(0.08, base / 3), dated=seed % 4 > 0)
        if planted.winners >= MIN_SIDE:
            counted.add(planted, proposed(planted.table, folder))
    return counted


@pytest.mark.slow
@pytest.mark.parametrize("leads", TABLES)
def test_leaks_of_every_kind_are_kept_out_and_few_honest_fields_refused(
    leads: int, tmp_path: Path, prove: Prove
) -> None:
    counted = tally(leads, TABLES[leads], tmp_path)
    recall = {kind: counted.recall(leak) for leak, kind in LEAK_KINDS.items()}
    missed = [f"{kind} {100 * share:.0f} %" for kind, share in recall.items() if share < 1]
    figures = ", ".join([*missed, f"{'every other' if missed else 'every'} kind 100 %"])
    refusing = f"an honest field refused in {counted.refusing} of {counted.judged} tables"
    prove(DETECTOR, f"{leads:,} leads", counted.judged, f"{figures}; {refusing}")

    assert counted.judged >= TABLES[leads] / 2
    assert counted.refusing < 0.05 * counted.judged
    assert min(recall.values()) >= (0.75 if leads == min(TABLES) else 0.85)


@pytest.mark.parametrize("seed", range(6))
def test_a_strong_source_stays_though_it_brings_most_of_the_wins(seed: int, tmp_path: Path) -> None:
    planted = company(seed, dated=False, rows=400, reference=0.25)
    assert suspects(planted.table.drop(columns=list(planted.leaks)), tmp_path) == set()


def test_without_dates_nothing_is_said_of_time() -> None:
    assert set(company(0, dated=False).leaks) == set(LEAKS) - NEED_DATES


def test_a_source_that_nearly_always_wins_is_called_strong_and_stays(tmp_path: Path) -> None:
    planted = company(3, rows=4000)
    source = next(field for field in proposed(planted.table, tmp_path).fields if field.name == "source")
    assert source.known == "arrival"
    assert any(note.startswith('strong: where it is "Reference"') for note in source.notes)


def test_a_flag_that_every_lead_has_and_that_tells_of_few_wins_for_sure_is_called_strong_and_stays(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(4)
    won = rng.random(20_000) < 0.05
    flag = np.where(won & (rng.random(20_000) < 0.3), "yes", "no")
    table = pd.DataFrame({"flag_9": flag, "size": rng.integers(1, 9, 20_000), "won": np.where(won, "yes", "no")})
    field = next(field for field in proposed(table, tmp_path).fields if field.name == "flag_9")
    assert field.known == "arrival"
    assert field.notes[0].startswith("strong: where it is")
    table["flag_9"] = np.where(flag == "yes", "yes", "")
    assert suspects(table, tmp_path) == {"flag_9"}


def test_a_name_alone_makes_no_suspect(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {name: rng.choice(["a", "b", "c"], 2000) for name in ("marital_status", "reason_for_inquiry", "stage_no")}
    ).assign(duration=rng.integers(0, 900, 2000), converted=rng.choice(["yes", "no"], 2000, p=[0.2, 0.8]))
    assert suspects(table, tmp_path) == set()


def test_a_name_that_speaks_of_the_end_lowers_the_bar(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    won = rng.random(4000) < 0.2
    seconds = np.round(np.exp(rng.normal(5, 0.9, 4000) + 1.1 * won))
    table = pd.DataFrame({"figure": seconds, "call_duration": seconds, "converted": np.where(won, "yes", "no")})
    assert suspects(table, tmp_path) == {"call_duration"}


def test_filled_only_for_closed_leads_is_suspect_though_it_tells_won_from_lost_by_nothing(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(0)
    status = rng.choice(["Won", "Lost", "Working"], 3000, p=[0.2, 0.4, 0.4])
    survey = np.where(status == "Working", "", rng.choice(["good", "bad"], 3000))
    assert suspects(pd.DataFrame({"survey": survey, "size": "1", "status": status}), tmp_path) == {"survey"}


def test_each_reason_says_its_figures(tmp_path: Path) -> None:
    notes = {field.name: field.notes for field in proposed(company(4, rows=3000).table, tmp_path).suspects}
    assert "100% of its dates lie after the arrival" in notes["touched_on"][0]
    assert "grows with the lead's age (rank correlation 0." in notes["emails_received"][0]
    assert "it is the lead's age on the day of the export" in notes["record_age"][0]
    assert "filled for 0% of the won leads" in notes["lost_reason"][0]


def test_few_leads_are_not_judged(tmp_path: Path) -> None:
    table = pd.DataFrame({"x": ["a"] * 5 + ["b"] * 25, "converted": ["yes"] * 5 + ["no"] * 25})
    assert suspects(table, tmp_path) == set()


@pytest.mark.parametrize("file", ["bank-additional-full.csv", "leads.csv"])
def test_of_the_bank_files_the_call_duration_alone_is_suspect(real_data: Path, file: str) -> None:
    proposal = propose(TableLocations(str(real_data / "bank-marketing" / file)), relative_to=real_data)
    assert [field.name for field in proposal.suspects] == ["duration"]


def test_of_the_seller_funnel_nothing_is_suspect(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "olist-funnel"
    leads = pd.read_csv(folder / "olist_marketing_qualified_leads_dataset.csv")
    deals = pd.read_csv(folder / "olist_closed_deals_dataset.csv")[["mql_id", "won_date"]].assign(status="won")
    leads.to_csv(tmp_path / "leads.csv", index=False)
    deals.to_csv(tmp_path / "deals.csv", index=False)
    proposal = propose(
        TableLocations(str(tmp_path / "leads.csv"), outcomes=str(tmp_path / "deals.csv")), relative_to=tmp_path
    )
    assert proposal.suspects == ()
    assert proposal.setting("created_at") == "first_contact_date"
    assert proposal.setting("at") == "won_date"
    assert proposal.setting("source") == "origin"


def test_a_field_that_only_closed_leads_have_is_found_among_few(tmp_path: Path) -> None:
    tables = [company(seed, rows=200, base=0.2, reference=0.06, dated=True) for seed in range(12)]
    planted = [one for one in tables if "survey" in one.leaks]
    found = [one for one in planted if "survey" in suspects(one.table, tmp_path)]
    assert len(planted) >= 6
    assert len(found) >= 0.75 * len(planted)
