"""read_history: leads, outcomes and contacts joined into facts, or every problem of all the tables."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from features.config import check_config
from features.errors import TableRefused
from features.history import History, read_history
from features.lead_table import MEND_TIMES

LEADS = "id,at,size,status,closed\na,2026-01-01,1,Won,2026-02-01\nb,2026-01-02,2,Lost,2026-02-02\nc,2026-01-03,3,,\n"
BESIDE: dict[str, object] = {"column": "status", "won": ["won"], "at": "closed"}
NOT_ISO = f"is not an ISO 8601 time such as 2026-11-02T09:30:00Z; {MEND_TIMES}"
APART: dict[str, object] = {"table": "outcomes.csv", "id": "lead", "column": "status", "won": ["won"], "at": "closed"}

Read = Callable[..., History]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a history from tables given as text; sections of scoring.toml may be replaced."""

    def read(
        outcome: dict[str, object],
        leads: str = LEADS,
        outcomes: str | None = None,
        contacts: str | None = None,
        scores: str | None = None,
        **roles: object,
    ) -> History:
        for name, text in (("leads", leads), ("outcomes", outcomes), ("contacts", contacts), ("scores", scores)):
            if text is not None:
                (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        content: dict[str, object] = {
            "leads": {"table": "leads.csv", "id": "id", "created_at": "at"} | roles,
            "outcome": outcome,
            "fields": {"size": {"kind": "numeric"}},
        }
        if contacts is not None:
            content["contacts"] = {"table": "contacts.csv"}
        if scores is not None:
            content["propensity"] = {"table": "scores.csv"}
        return read_history(check_config(content, tmp_path / "scoring.toml"))

    return read


def refusal(read: Read, *arguments: object, **tables: object) -> list[str]:
    with pytest.raises(TableRefused) as refused:
        read(*arguments, **tables)
    return [str(problem) for problem in refused.value.problems]


def days(times: object) -> list[str]:
    assert times is not None
    return [str(time)[:10] for time in times]  # type: ignore[attr-defined]


def test_outcomes_beside_the_leads(read: Read) -> None:
    history = read(BESIDE)
    assert history.status.tolist() == ["won", "lost", None]
    assert days(history.closed_at) == ["2026-02-01", "2026-02-02", "NaT"]
    assert (history.first_contact_at, history.notes) == (None, ())


def test_outcomes_of_a_table_of_their_own_find_their_leads(read: Read) -> None:
    outcomes = "lead,status,closed\nc,won,2026-03-01\na,lost,2026-03-02\n"
    history = read(APART, outcomes=outcomes)
    assert history.leads.lead_id.tolist() == ["a", "b", "c"]
    assert history.status.tolist() == ["lost", None, "won"]
    assert days(history.closed_at) == ["2026-03-02", "NaT", "2026-03-01"]


def test_of_several_outcomes_of_a_lead_the_latest_counts(read: Read) -> None:
    outcomes = "lead,status,closed\na,won,2026-03-02\na,lost,2026-03-01\nb,lost,2026-03-01\nb,won,2026-03-01\n"
    history = read(APART, outcomes=outcomes)
    assert history.status.tolist() == ["won", "won", None]
    assert days(history.closed_at) == ["2026-03-02", "2026-03-01", "NaT"]


def test_an_outcome_without_its_time_counts_only_where_there_is_none_with(read: Read) -> None:
    history = read(APART, outcomes="lead,status,closed\na,won,2026-03-02\na,lost,\nb,lost,\n")
    assert history.status.tolist() == ["won", "lost", None]


def test_without_times_the_last_row_of_a_lead_counts(read: Read) -> None:
    outcome = {key: value for key, value in APART.items() if key != "at"}
    history = read(outcome, outcomes="lead,status\na,lost\na,won\nb,won\nb,lost\n")
    assert (history.status.tolist(), history.closed_at) == (["won", "lost", None], None)


def test_ids_find_each_other_across_spellings(read: Read) -> None:
    leads = "id,at,size\n1,2026-01-01,1\n2,2026-01-02,2\n"
    assert read(APART, leads=leads, outcomes="lead,status,closed\n2.0,won,\n 1 ,lost,\n").status.tolist() == [
        "lost",
        "won",
    ]


def test_ids_of_typed_tables_find_each_other(read: Read, tmp_path: Path) -> None:
    pd.DataFrame({"lead": [1.0, float("nan")], "status": ["won", "lost"]}).to_parquet(tmp_path / "outcomes.parquet")
    outcome = {"table": "outcomes.parquet", "id": "lead", "column": "status", "won": ["won"]}
    history = read(outcome, leads="id,at,size\n1,2026-01-01,1\nnan,2026-01-02,2\n")
    assert history.status.tolist() == ["won", None]
    assert history.notes == ("outcomes.parquet: rows without lead: 1; they were left out",)


def test_outcomes_of_unknown_leads_are_left_out_and_noted(read: Read) -> None:
    history = read(APART, outcomes="lead,status,closed\na,won,\nx,won,\ny,lost,\ny,won,\n,won,\n")
    assert history.status.tolist() == ["won", None, None]
    assert history.notes == (
        "outcomes.csv: rows without lead: 1; they were left out",
        "outcomes.csv: ids that are not in the leads table: 2; they were left out",
    )


def test_outcomes_of_none_of_the_leads_are_refused(read: Read) -> None:
    assert refusal(read, APART, outcomes="lead,status,closed\nL-1,won,\nL-2,lost,\n") == [
        "outcomes.csv: column 'lead': names none of the leads: it holds 'L-1', their ids are such as 'a'"
    ]


@pytest.mark.parametrize(
    ("settings", "states"),
    [
        ({"won": ["1"]}, ["won", "won", "won", "lost", "lost", None]),
        ({"won": [True], "lost": ["0"]}, ["won", "won", "won", "lost", None, None]),
        ({"won": ["TRUE"], "not_worked": ["New"], "lost": [0]}, ["won", "won", "won", "lost", "not_worked", None]),
        ({"won": [" new "]}, ["lost", "lost", "lost", "lost", "won", None]),
    ],
)
def test_states_are_told_by_value_in_any_spelling(read: Read, settings: dict[str, object], states: list[str]) -> None:
    rows = zip("abcdef", ["1", "1.0", "True", "0", "NEW", ""], strict=True)
    leads = "id,at,size,status\n" + "".join(f"{name},2026-01-01,1,{status}\n" for name, status in rows)
    assert read({"column": "status", **settings}, leads=leads).status.tolist() == states


def test_values_that_mean_nothing_are_noted(read: Read) -> None:
    leads = LEADS.replace("c,2026-01-03,3,,", "c,2026-01-03,3,Working,")
    history = read(BESIDE | {"won": ["Won", "Closed Won", "1"], "lost": ["Lost"]}, leads=leads)
    assert history.status.tolist() == ["won", "lost", None]
    assert history.notes == (
        "column 'status': won values that never occur: '1', 'closed won'",
        "column 'status': neither won nor lost, so taken for open: 'Working'",
    )


def test_won_values_that_never_occur_are_refused_with_what_does(read: Read) -> None:
    assert refusal(read, BESIDE | {"won": ["yes", 1]}) == [
        "leads.csv: column 'status': no lead is won: the column holds 'Lost', 'Won', and never '1', 'yes'"
    ]


def test_an_empty_outcome_column_is_refused(read: Read) -> None:
    leads = "id,at,size,status,closed\na,2026-01-01,1,,\n"
    assert refusal(read, BESIDE, leads=leads) == [
        "leads.csv: column 'status': no lead is won: the column holds nothing, and never 'won'"
    ]


def test_many_values_are_not_all_listed(read: Read) -> None:
    leads = "id,at,size,status,closed\n" + "".join(f"{n},2026-01-01,1,s{n:02},\n" for n in range(12))
    [problem] = refusal(read, BESIDE, leads=leads)
    assert problem.endswith(
        "holds 's00', 's01', 's02', 's03', 's04', 's05', 's06', 's07', 's08', 's09' …, and never 'won'"
    )


def test_one_class_is_refused(read: Read) -> None:
    leads = LEADS.replace("Lost", "won").replace("c,2026-01-03,3,,\n", "")
    assert refusal(read, BESIDE, leads=leads) == [
        "leads.csv: column 'status': every lead is won: there is nothing to tell winners from"
    ]


def test_a_table_of_wins_alone_is_enough_as_the_other_leads_are_not_won(read: Read) -> None:
    assert read(APART, outcomes="lead,status,closed\na,won,\n").status.tolist() == ["won", None, None]


def test_the_problems_of_all_tables_are_named_at_once(read: Read) -> None:
    found = refusal(
        read,
        APART,
        leads=LEADS.replace("b,2026-01-02,2", "a,soon,two"),
        outcomes="lead,status,closed\na,Won!,yesterday\nb,Lost,2026-01-01\n",
        contacts="lead_id,started\na,2026-01-01\n",
    )
    assert found == [
        "leads.csv: column 'id': the same id stands on several rows; an id names one lead (2 rows: 2, 3)",
        f"leads.csv: column 'at': {NOT_ISO} in [leads] of scoring.toml (row 3)",
        "leads.csv: column 'size': is not a number (row 3)",
        "outcomes.csv: column 'status': no lead is won: the column holds 'Lost', 'Won!', and never 'won'",
        f"outcomes.csv: column 'closed': {NOT_ISO} in [outcome] of scoring.toml (row 2)",
        "contacts.csv: column 'started_at': there is no such column; did you mean 'started'?",
    ]


def test_missing_columns_and_bad_values_of_the_outcomes_are_named_together(read: Read) -> None:
    found = refusal(read, APART, outcomes="Lead,status,closed\na,no,\n", leads=LEADS.replace("size", "Size"))
    assert found == [
        "leads.csv: column 'size': there is no such column; did you mean 'Size'?",
        "outcomes.csv: column 'lead': there is no such column; did you mean 'Lead'?",
        "outcomes.csv: column 'status': no lead is won: the column holds 'no', and never 'won'",
    ]


def test_a_table_that_is_not_there_does_not_hide_what_is_wrong_with_the_others(read: Read) -> None:
    found = refusal(read, APART, leads=LEADS.replace(",1,", ",one,"))
    assert found == ["leads.csv: column 'size': is not a number (row 2)", "outcomes.csv: there is no such file"]


def test_one_problem_is_one_line(read: Read) -> None:
    with pytest.raises(TableRefused) as refused:
        read(BESIDE, leads=LEADS.replace("2026-02-01", "soon"))
    assert str(refused.value) == f"leads.csv: column 'closed': {NOT_ISO} in [outcome] of scoring.toml (row 2)"


def test_lost_leads_are_dated_by_a_column_of_their_own_where_there_is_one(read: Read) -> None:
    leads = "id,at,size,status,won,gone\na,2026-01-01,1,Won,2026-02-01,2026-02-05\nb,2026-01-02,2,Lost,,2026-02-02\n"
    leads += "c,2026-01-03,3,Lost,2026-02-03,2026-02-09\nd,2026-01-03,3,Open,,2026-02-09\n"
    outcome = BESIDE | {"lost": ["lost"], "at": "won", "lost_at": "gone"}
    assert days(read(outcome, leads=leads).closed_at) == ["2026-02-01", "2026-02-02", "2026-02-03", "NaT"]
    found = refusal(read, outcome, leads=leads.replace("gone", "left"))
    assert found == ["leads.csv: column 'gone': there is no such column; the table has " + found[0].split("has ")[1]]


def test_dates_are_read_as_the_company_writes_them(read: Read) -> None:
    history = read(BESIDE, leads=LEADS.replace("2026-02-01", "03.02.2026"), date_format="%d.%m.%Y")
    assert days(history.closed_at) == ["2026-02-03", "2026-02-02", "NaT"]


def test_the_first_contact_counts_and_a_lead_nobody_tried_has_none(read: Read) -> None:
    contacts = "lead_id,started_at\nb,2026-01-09\na,2026-01-08T10:00Z\na,2026-01-05T10:00Z\nx,2026-01-01\nc,\n"
    history = read(BESIDE, contacts=contacts)
    assert days(history.first_contact_at) == ["2026-01-05", "2026-01-09", "NaT"]
    assert history.notes == (
        "contacts.csv: rows without started_at: 1; they were left out",
        "contacts.csv: ids that are not in the leads table: 1; they were left out",
    )


def test_contacts_with_bad_times_or_of_other_leads_are_refused(read: Read) -> None:
    assert refusal(read, BESIDE, contacts="lead_id,started_at\na,soon\nb,2026-01-01\n") == [
        f"contacts.csv: column 'started_at': {NOT_ISO} in [leads] of scoring.toml (row 2)"
    ]
    assert refusal(read, BESIDE, contacts="lead_id,started_at\n77,2026-01-01\n") == [
        "contacts.csv: column 'lead_id': names none of the leads: it holds '77', their ids are such as 'a'"
    ]


CALLED = "lead_id,started_at\na,2026-01-05\n"


def test_the_first_score_counts_and_a_lead_without_one_has_none(read: Read) -> None:
    scores = "lead_id,scored_at,probability\na,2026-01-03,0.4\na,2026-01-01,0.25\nb,2026-01-02,\nx,2026-01-02,0.1\n"
    history = read(BESIDE, contacts=CALLED, scores=scores, decimal=",")
    assert history.predicted is not None
    assert history.predicted.tolist() == pytest.approx([0.25, float("nan"), float("nan")], nan_ok=True)
    assert days(history.scored_at) == ["2026-01-01", "2026-01-02", "NaT"]
    assert history.take(pd.RangeIndex(1).to_numpy()).predicted == pytest.approx([0.25])


@pytest.mark.parametrize("written", ["1.2", "-0.1", "40 %", "0,25"])
def test_a_score_that_is_no_probability_is_refused(read: Read, written: str) -> None:
    scores = f'lead_id,scored_at,probability\na,2026-01-03,"{written}"\n'
    assert refusal(read, BESIDE, contacts=CALLED, scores=scores) == [
        "scores.csv: column 'probability': is not a probability from 0 to 1, such as 0.25 (row 2)"
    ]


def test_scores_without_their_columns_are_refused(read: Read) -> None:
    (problem,) = refusal(read, BESIDE, contacts=CALLED, scores="lead_id,scored_at\na,2026-01-03\n")
    assert problem.startswith("scores.csv: column 'probability': there is no such column")


def test_leads_are_taken_with_all_that_is_known_of_them(read: Read) -> None:
    history = read(BESIDE, contacts="lead_id,started_at\nc,2026-01-09\n").take(pd.RangeIndex(2, 0, -1).to_numpy())
    assert history.leads.lead_id.tolist() == ["c", "b"]
    assert history.status.tolist() == [None, "lost"]
    assert days(history.closed_at) == ["NaT", "2026-02-02"]
    assert days(history.first_contact_at) == ["2026-01-09", "NaT"]


EARLY = (
    'is earlier than the lead\'s "at" (row 3 first): such a lead counts as {what} on arrival. Is one of the two the '
    "wrong column, of another time zone, or a day without an hour, which begins at midnight UTC?"
)


def test_leads_that_are_closed_before_they_arrive_are_counted_and_told_with_their_row(read: Read) -> None:
    leads = LEADS.replace("2026-02-02", "2026-01-01")
    history = read(BESIDE, leads=leads)
    assert history.notes == (f'leads.csv: in 1 row "closed" {EARLY.format(what="closed")}',)
    assert history.closed_at is not None
    assert str(history.closed_at[1]).startswith("2026-01-01")
    rows = "lead,status,closed\nc,won,2026-03-01\na,won,2025-12-30\nb,lost,2025-12-31\n"
    assert read(APART, outcomes=rows).notes == (f'outcomes.csv: in 2 rows "closed" {EARLY.format(what="closed")}',)


def test_the_expected_date_of_an_open_lead_and_the_day_of_arrival_are_not_early(read: Read) -> None:
    leads = "id,at,size,status,closed\na,2026-01-01T09:30:00Z,1,Won,2026-01-01\nb,2026-01-02,2,Lost,2026-01-02\n"
    assert read(BESIDE, leads=leads).notes == ()
    open_one = leads + "c,2026-01-03,3,,2025-12-01\n"
    assert read(BESIDE, leads=open_one).notes == ()


def test_contacts_before_the_arrival_are_told(read: Read) -> None:
    contacts = "lead_id,started_at\nb,2026-01-05\na,2025-12-31T23:00:00Z\n"
    history = read(BESIDE, contacts=contacts)
    assert history.notes == (f'contacts.csv: in 1 row "started_at" {EARLY.format(what="contacted")}',)
