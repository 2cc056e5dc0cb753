"""Tables beside the leads: which of their columns names the lead, and which says when it was won or lost."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import read_config
from features.errors import TableRefused
from features.history import read_history
from features.schema_inference.proposal import Proposal
from tests.features.schema_inference.leads_table import (
    ARRIVED,
    CLOSED,
    CLOSED_AT,
    LEADS,
    OPEN,
    STATE,
    TRUTH,
    N,
    checks,
    counts,
    proposed,
)

NUMBERED = LEADS.drop(columns="status").rename(columns={"lead_id": "id"}).assign(id=range(1, N + 1))
ORDER = np.random.default_rng(3).permutation(np.flatnonzero(~OPEN))
OUTCOMES = pd.DataFrame(
    {
        "id": range(1, len(ORDER) + 1),
        "lead_id": ORDER + 1,
        "result": STATE[ORDER],
        "closed_at": CLOSED_AT[ORDER].strftime("%Y-%m-%d"),
    }
)


def outcome_line(proposal: Proposal, key: str) -> object:
    return next((line.value for line in proposal.outcome if line.key == key), None)


def test_outcomes_are_joined_by_what_names_the_lead_and_not_by_their_own_counter(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, NUMBERED, outcomes=OUTCOMES)
    assert (outcome_line(proposal, "id"), counts(proposal)) == ("lead_id", TRUTH)
    (tmp_path / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    status = read_history(read_config(tmp_path / "scoring.toml")).status
    assert [str(value) for value in status] == [{"open": "None"}.get(state, state) for state in STATE]


def test_outcomes_are_joined_by_what_holds_ids_of_leads_whatever_it_is_called(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, NUMBERED, outcomes=OUTCOMES.rename(columns={"lead_id": "belongs to"}))
    assert (outcome_line(proposal, "id"), counts(proposal)) == ("belongs to", TRUTH)


def test_two_columns_that_may_name_the_lead_are_asked_about(tmp_path: Path) -> None:
    twice = OUTCOMES.drop(columns="id").rename(columns={"lead_id": "one"})
    twice.insert(1, "other", np.random.default_rng(5).permutation(twice["one"]))
    assert "may name the leads as well: look" in checks(proposed(tmp_path, NUMBERED, outcomes=twice))


def test_calls_are_joined_by_what_names_the_lead_and_not_by_their_own_counter(tmp_path: Path) -> None:
    called = np.sort(np.random.default_rng(1).choice(N, 200, replace=False))
    calls = pd.DataFrame(
        {
            "id": range(1, 201),
            "related_to": called + 1,
            "call_time": (ARRIVED[called] + pd.Timedelta(hours=5)).strftime("%Y-%m-%d %H:%M"),
        }
    )
    contacts = proposed(tmp_path, NUMBERED.assign(status=STATE), contacts=calls).contacts
    assert next(line.value for line in contacts if line.key == "id") == "related_to"


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        ("expected_close_date", (ARRIVED[ORDER] + pd.Timedelta(days=30)).strftime("%Y-%m-%d")),
        ("date", ["2025-09-30"] * len(ORDER)),
    ],
)
def test_the_closing_date_of_outcomes_is_neither_an_expected_one_nor_any_date_before_it(
    tmp_path: Path, name: str, dates: object
) -> None:
    outcomes = OUTCOMES.drop(columns="id")
    outcomes.insert(1, name, dates)
    assert outcome_line(proposed(tmp_path, NUMBERED, outcomes=outcomes), "at") == "closed_at"


@pytest.mark.parametrize("name", ["date", "Data", "Fecha"])
def test_a_date_of_outcomes_that_has_no_better_name_is_the_closing_date(tmp_path: Path, name: str) -> None:
    outcomes = OUTCOMES.drop(columns="id").rename(columns={"closed_at": name})
    assert outcome_line(proposed(tmp_path, NUMBERED, outcomes=outcomes), "at") == name


@pytest.mark.parametrize("order", [1, -1], ids=["the oldest first", "the newest first"])
def test_of_a_history_of_stages_the_latest_counts_whatever_the_order_of_the_rows(tmp_path: Path, order: int) -> None:
    entered = pd.DataFrame({"lead_id": range(1, N + 1), "new_stage": "New", "changed_at": ARRIVED})
    closed = pd.DataFrame({"lead_id": ORDER + 1, "new_stage": STATE[ORDER], "changed_at": CLOSED_AT[ORDER]})
    history = pd.concat([entered.assign(new_stage="open"), closed]).iloc[::order]
    proposal = proposed(tmp_path, NUMBERED, outcomes=history)
    assert (outcome_line(proposal, "at"), counts(proposal)) == ("changed_at", TRUTH)
    (tmp_path / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    status = read_history(read_config(tmp_path / "scoring.toml")).status
    assert [str(value) for value in status] == [{"open": "None"}.get(state, state) for state in STATE]


def test_outcomes_by_which_no_lead_is_won_are_refused_and_rows_without_a_date_said(tmp_path: Path) -> None:
    closed = OUTCOMES[["lead_id", "result"]]
    undated = pd.concat([closed, closed[closed["result"] == "lost"]])
    assert "no date: of these the last in the file counts" in checks(proposed(tmp_path, NUMBERED, outcomes=undated))
    overwritten = pd.concat([closed, closed.assign(result="lost")])
    with pytest.raises(TableRefused, match="no lead of the leads table is won"):
        proposed(tmp_path, NUMBERED, outcomes=overwritten)


def test_money_beside_the_outcomes_is_named(tmp_path: Path) -> None:
    outcomes = OUTCOMES.assign(amount=np.arange(len(OUTCOMES)) + 900)
    assert '"amount" beside the outcomes is read once it is called value' in checks(
        proposed(tmp_path, NUMBERED, outcomes=outcomes)
    )


def test_contacts_before_the_arrival_are_what_to_check(tmp_path: Path) -> None:
    early = pd.DataFrame({"lead_id": LEADS["lead_id"], "started_at": "1999-12-31T10:00:00Z"}).head(3)
    early.loc[0, "started_at"] = "2039-01-01"
    found = checks(proposed(tmp_path, CLOSED, contacts=early))
    assert 'in 2 rows "started_at" is earlier than the lead\'s "created_at" (row 3 first)' in found
    assert "is earlier than" not in checks(proposed(tmp_path, CLOSED, contacts=early.head(1)))
