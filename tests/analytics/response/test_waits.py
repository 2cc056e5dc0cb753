from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.leads_as_of import LeadsAsOf, read_leads_as_of
from analytics.leads_as_of.groups import Period
from analytics.response.waits import Response, Waiting
from analytics.response.working_hours import WorkingHours
from stats.survival import waits

AS_OF = datetime(2026, 6, 30, tzinfo=UTC)
ALWAYS = WorkingHours()
MONDAY = "2026-06-01T"
NEVER: dict[str, str] = {}


def facts_of(leads: list[dict[str, str]], horizon_days: int = 14) -> LeadsAsOf:
    """Facts of leads given by when they arrived, were tried and reached, and closed."""
    rows = [{"lead_id": str(number), **lead} for number, lead in enumerate(leads)]
    contacts = [
        {"lead_id": row["lead_id"], "started_at": row[moment], "agent": row.get("agent"), "connected": connected}
        for row in rows
        for moment, connected in (("tried", False), ("reached", True))
        if moment in row
    ]
    outcomes = [
        {"lead_id": row["lead_id"], "status": status, "at": row[status]}
        for row in rows
        for status in ("won", "lost")
        if status in row
    ]
    scores = [
        {"lead_id": row["lead_id"], "scored_at": row["created_at"], "probability": 0.5, "grade": row["grade"]}
        for row in rows
        if "grade" in row
    ]
    return read_leads_as_of(
        pd.DataFrame(rows),
        pd.DataFrame(contacts, columns=["lead_id", "started_at", "agent", "connected"]),
        pd.DataFrame(outcomes, columns=["lead_id", "status", "at"]),
        None,
        pd.DataFrame(scores, columns=["lead_id", "scored_at", "probability", "grade"]),
        AS_OF,
        horizon_days,
    )


def response(leads: list[dict[str, str]], hours: WorkingHours = ALWAYS, **promises: timedelta) -> Response:
    (only,) = Waiting.of(facts_of(leads), hours, promises).by()
    return only


def one_group(size: int) -> tuple[NDArray[np.intp], int]:
    return np.zeros(size, dtype=np.intp), 1


def test_the_median_wait_is_told_in_seconds_of_working_time() -> None:
    office = WorkingHours.parse("Mon-Fri 09:00-18:00")
    leads = [
        {"created_at": f"{MONDAY}10:00", "tried": f"{MONDAY}10:10"},
        {"created_at": f"{MONDAY}17:30", "tried": "2026-06-02T09:30"},
        {"created_at": "2026-06-05T17:00", "tried": "2026-06-08T12:00"},
    ]
    assert response(leads, office).attempt.median.value == 3600
    assert response(leads).attempt.median.value == 16 * 3600


def test_an_attempt_ends_one_wait_and_a_conversation_the_other() -> None:
    lead = {"created_at": f"{MONDAY}10:00", "tried": f"{MONDAY}11:00", "reached": f"{MONDAY}15:00"}
    found = response([lead])
    assert (found.attempt.median.value, found.conversation.median.value) == (3600, 5 * 3600)


def test_a_contact_recorded_before_the_lead_arrived_was_no_wait() -> None:
    found = response([{"created_at": f"{MONDAY}10:00", "reached": f"{MONDAY}09:50"}])
    assert (found.attempt.median.value, found.conversation.median.value) == (0, 0)


def test_untried_leads_are_not_dropped_from_the_median() -> None:
    tried = [{"created_at": f"{MONDAY}10:00", "tried": f"{MONDAY}11:00"}] * 4
    untried = [{"created_at": f"{MONDAY}10:00"}] * 5
    median = response(tried + untried).attempt.median
    assert median.value is None
    assert median.reason == "fewer than 50 in 100 leads got that far"
    assert response(tried + untried[:3]).attempt.median.value == 3600


def test_leads_that_have_just_arrived_do_not_make_a_team_look_slow() -> None:
    old = [{"created_at": f"{MONDAY}10:00", "tried": f"{MONDAY}12:00"}] * 10
    new = [{"created_at": "2026-06-29T23:59"}] * 30
    assert response(old + new).attempt.median.value == 2 * 3600


def test_a_lead_closed_untried_counts_as_one_that_nobody_tried() -> None:
    tried = [{"created_at": f"{MONDAY}10:00", "tried": f"{MONDAY}11:00"}] * 4
    closed = [{"created_at": f"{MONDAY}10:00", "lost": f"{MONDAY}10:01"}] * 6
    found = response(tried + closed)
    assert found.attempt.median.value is None
    assert found.never_tried.value == 0.6


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_without_untried_leads_the_quantiles_are_those_of_the_waits(seconds: list[int]) -> None:
    (wait,) = waits(np.array(seconds, dtype=float), np.ones(len(seconds), dtype=bool), *one_group(len(seconds)))
    assert wait.median.value == np.quantile(seconds, 0.5, method="inverted_cdf")
    assert wait.ninetieth.value == np.quantile(seconds, 0.9, method="inverted_cdf")
    assert wait.median.low is not None
    assert wait.median.low <= wait.median.value


def test_kaplan_and_meiers_textbook_example_is_met() -> None:
    # remission times of 21 patients under 6-MP (Freireich et al. 1963); the published median is 23 weeks
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    over = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    (wait,) = waits(np.array(weeks, dtype=float), np.array(over, dtype=bool), *one_group(21))
    assert (wait.leads, wait.over) == (21, 9)
    assert (wait.median.value, wait.median.low, wait.median.high) == (23, 13, None)
    assert wait.ninetieth.value is None


def _censored_median_covered(rng: np.random.Generator, leads: int) -> bool:
    wait, until = rng.exponential(size=leads), rng.uniform(0.2, 4, size=leads)
    (found,) = waits(np.minimum(wait, until), wait <= until, *one_group(leads))
    return found.median.covers(np.log(2))


def test_the_median_of_censored_waits_is_covered() -> None:
    rng = np.random.default_rng(5)
    covered = np.mean([_censored_median_covered(rng, 80) for _ in range(600)])
    assert 0.93 <= covered <= 0.975


def test_groups_are_told_apart_as_if_each_were_alone() -> None:
    rng = np.random.default_rng(3)
    seconds, over, code = rng.exponential(size=500), rng.random(500) < 0.7, rng.integers(0, 3, 500)
    together = waits(seconds, over, code, 3)
    parts = [code == one for one in range(3)]
    alone = [waits(seconds[part], over[part], *one_group(int(part.sum())))[0] for part in parts]
    assert together == alone


def test_a_group_without_leads_is_unknown() -> None:
    empty: NDArray[np.float64] = np.array([])
    (wait,) = waits(empty, empty.astype(bool), *one_group(0))
    assert (wait.leads, wait.median.value, wait.median.reason) == (0, None, "no leads")


QUARTER, TWO_HOURS = timedelta(minutes=15), timedelta(hours=2)


@pytest.mark.parametrize(
    ("fate", "kept"),
    [
        ({"tried": f"{MONDAY}10:15"}, 1.0),
        ({"tried": f"{MONDAY}10:16"}, 0.0),
        (NEVER, 0.0),
        ({"lost": f"{MONDAY}10:05"}, 0.0),  # closing a lead does not keep the promise
        ({"won": f"{MONDAY}10:05"}, None),  # it needed no attempt
        ({"grade": "C"}, None),  # nothing was promised
    ],
)
def test_a_promise_is_kept_by_an_attempt_in_time(fate: dict[str, str], kept: float | None) -> None:
    lead = {"created_at": f"{MONDAY}10:00", "grade": "A", **fate}
    assert response([lead], A=QUARTER).kept.value == kept


def test_a_promise_that_is_not_due_yet_does_not_count_even_if_kept() -> None:
    young = {"created_at": "2026-06-29T23:50", "grade": "A", "tried": "2026-06-29T23:51"}
    assert response([young], A=QUARTER).kept.value is None
    assert response([young], A=timedelta(minutes=10)).kept.value == 1.0


def test_each_grade_has_its_own_promise() -> None:
    leads = [{"created_at": f"{MONDAY}10:00", "grade": grade, "tried": f"{MONDAY}11:00"} for grade in "AABC"]
    waiting = Waiting.of(facts_of(leads), ALWAYS, {"A": QUARTER, "B": TWO_HOURS})
    assert [(one.name, one.kept.value) for one in waiting.by("grade")] == [(("A",), 0), (("B",), 1), (("C",), None)]


def test_young_leads_are_too_young_to_have_never_been_tried() -> None:
    found = response([{"created_at": "2026-06-29T10:00"}])
    assert (found.never_tried.value, found.never_tried.reason) == (None, "too young to tell")


def test_responses_are_told_by_source_agent_and_hour_of_the_week() -> None:
    leads = [
        {"created_at": f"{MONDAY}10:00", "tried": f"{MONDAY}11:00", "agent": "Ann", "source": "ads"},
        {"created_at": "2026-06-06T21:30", "tried": "2026-06-06T23:30", "agent": "Bob", "source": "ads"},
    ]
    waiting = Waiting.of(facts_of(leads), WorkingHours.parse("always Europe/Berlin"))
    assert [one.attempt.leads for one in waiting.by("source")] == [2]
    assert [one.attempt.median.value for one in waiting.by("agent")] == [3600, 7200]
    hours = waiting.by_hour_of_week()
    assert len(hours) == 168
    assert {one.name[0]: one.attempt.leads for one in hours if one.attempt.leads} == {"Mon 12:00": 1, "Sat 23:00": 1}


def test_only_leads_that_arrived_in_the_period_count() -> None:
    leads = [{"created_at": f"{MONDAY}10:00"}, {"created_at": "2026-06-08T10:00"}]
    june = Period(datetime(2026, 6, 2, tzinfo=UTC), AS_OF)
    assert Waiting.of(facts_of(leads), ALWAYS, period=june).by()[0].attempt.leads == 1
