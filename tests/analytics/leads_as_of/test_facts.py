import datetime as dt

import pandas as pd
import pytest

from features.errors import TableRefused
from tests.analytics.tables import AS_OF, facts, table

LEADS = table(
    "lead_id created_at source campaign value",
    "a 2026-01-01T00:00:00Z ads brand 100",
    "b 2026-01-01T00:00:00Z ads - -",
    "c 2026-06-30T23:59:59Z - - -",
)


def outcome(*rows: str) -> pd.DataFrame:
    return table("lead_id at status value reason", *rows)


def called(*rows: str) -> pd.DataFrame:
    return table("lead_id started_at agent channel direction connected duration_s again_at", *rows)


def scored(*rows: str) -> pd.DataFrame:
    return table("lead_id scored_at probability grade model_version reference", *rows)


def test_a_fact_at_the_as_of_date_or_later_is_not_there() -> None:
    later = LEADS.assign(created_at=["2026-01-01", "2026-07-01", "2026-07-02"])
    known = facts(
        later,
        called("a 2026-07-01 Anna phone out yes 60 -"),
        outcome("a 2026-07-01 won 5 -"),
        table("date source campaign amount", "2026-06-30 ads - 5", "2026-07-01 ads - 7"),
        scored("a 2026-07-01 0.3 A 1 -"),
    )
    lead = known.leads.iloc[0]
    assert known.leads["lead_id"].tolist() == ["a"]
    assert (lead["state"], lead["attempts"], lead["won"]) == ("not_worked", 0, False)
    assert pd.isna(lead["probability"])
    assert known.spend["amount"].tolist() == [5.0]


def test_a_lead_matures_at_the_age_of_the_horizon() -> None:
    on_the_day = LEADS.assign(created_at=["2026-04-02T00:00:00Z", "2026-04-02T00:00:01Z", "2026-04-01T22:00:00-02:00"])
    leads = facts(on_the_day).leads
    assert leads["matured"].tolist() == [True, False, True]
    assert leads["age_days"].tolist() == pytest.approx([90, 90 - 1 / 86400, 90])


def test_a_win_after_the_horizon_is_no_win_for_it_but_one_of_unknown_date_is() -> None:
    known = facts(LEADS, outcomes=outcome("a 2026-05-01 won 7 -", "b - won - -"))
    assert known.leads["won"].tolist() == [False, True, False]
    assert known.leads["state"].tolist() == ["won", "won", "open"]
    assert known.notes == ("outcomes: wins without a date, counted as won within the horizon: 1",)


def test_the_latest_known_outcome_counts() -> None:
    told = outcome("a 2026-02-01 won - -", "a 2026-01-15 lost - budget", "a 2026-08-01 lost - -", "b - won - -")
    told = pd.concat([told, outcome("b 2026-01-03 lost - price")])
    leads = facts(LEADS, outcomes=told).leads
    assert leads["state"].tolist() == ["won", "lost", "open"]
    assert leads["reason"].tolist()[1] == "price"


def test_a_lead_without_contact_is_not_worked_unless_it_was_won() -> None:
    told = outcome("a 2026-02-01 lost - -", "b 2026-02-01 won - -")
    assert facts(LEADS, called(), told).leads["state"].tolist() == ["not_worked", "won", "not_worked"]


def test_where_contacts_are_not_recorded_nobody_is_said_not_to_have_worked() -> None:
    known = facts(LEADS)
    assert known.leads["state"].tolist() == ["open"] * 3
    assert not known.contacts_known


def test_contacts_are_counted_by_lead() -> None:
    known = facts(
        LEADS,
        called(
            "b 2026-01-03T10:00:00 Boris phone outbound true 120 -",
            "b 2026-01-02T10:00:00 - email out no - 2026-01-03T10:00:00",
            "b 2026-01-04T10:00:00 Anna phone inbound 1 60 -",
            "x 2026-01-02T10:00:00 Anna phone out yes 60 -",
        ),
    )
    lead = known.leads.iloc[1]
    assert known.contacts["lead"].tolist() == [1, 1, 1]
    assert known.contacts["direction"].tolist() == ["out", "out", "in"]
    assert (lead["attempts"], lead["conversations"], lead["talk_s"], lead["agent"]) == (3, 2, 180.0, "Boris")
    assert lead["first_attempt_at"] == pd.Timestamp("2026-01-02T10:00:00")
    assert lead["first_conversation_at"] == pd.Timestamp("2026-01-03T10:00:00")
    assert known.notes == ("contacts: rows that name no lead: 1",)


def test_the_first_score_is_the_promise() -> None:
    leads = facts(
        LEADS,
        scores=scored("a 2026-02-01 0.9 A 2 -", "a 2026-01-01 0.2 B 1 0.25", "c 2026-06-30T23:59:59Z 0.1 C 2 -"),
    ).leads
    assert leads["probability"].tolist()[::2] == [0.2, 0.1]
    assert leads["model_version"].tolist()[::2] == ["1", "2"]
    assert leads["reference"].tolist()[0] == 0.25
    assert leads["probability"].isna().tolist() == [False, True, False]


def test_what_is_missing_stays_missing() -> None:
    leads = facts(LEADS.assign(source=["ads", None, " "]), called(), scores=scored()).leads
    assert leads["source"].isna().tolist() == [False, True, True]
    assert leads["source"].cat.categories.tolist() == ["ads"]
    assert leads[["grade", "agent", "reference", "closed_at"]].isna().all(axis=None)


def test_ids_are_compared_as_text() -> None:
    numbered = LEADS.assign(lead_id=[7, 8, 9])
    assert facts(numbered, outcomes=outcome("8 2026-01-09 won - -")).leads["won"].tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"leads": LEADS.drop(columns="created_at")}, "leads: column 'created_at': there is no such column"),
        ({"leads": LEADS.assign(lead_id=["a", "b", "a"])}, r"leads: column 'lead_id': the same id .* \(row 2\)"),
        ({"leads": LEADS.assign(created_at="soon")}, r"column 'created_at': is not an ISO 8601 time .* \(3 rows"),
        (
            {"outcomes": outcome("a 2026-01-02 sold - -")},
            r"outcomes: column 'status': is none of won, lost, .*\(row 0\)",
        ),
        ({"scores": scored("a 2026-01-02 high A 1 -")}, r"scores: column 'probability': is not a number \(row 0\)"),
    ],
)
def test_a_refusal_names_table_column_and_row(given: dict[str, pd.DataFrame], message: str) -> None:
    with pytest.raises(TableRefused, match=message):
        facts(**{"leads": LEADS, **given})


def test_an_as_of_date_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        facts(LEADS, as_of=dt.datetime(2026, 7, 1))


def test_a_table_without_rows_is_read() -> None:
    nobody = facts(LEADS.iloc[:0], called(), outcome(), scores=scored())
    assert len(nobody) == 0
    assert nobody.as_of == AS_OF


def test_a_reference_can_be_set_for_every_lead() -> None:
    assert facts(LEADS).with_reference([0.1, 0.2, float("nan")]).leads["reference"].tolist()[:2] == [0.1, 0.2]
