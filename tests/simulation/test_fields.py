import numpy as np
import pandas as pd
import pytest

from simulation.company import Simulation
from simulation.firms import INDUSTRIES
from tests.simulation.measures import auc, won_in_time

NAMED = ["lead_id", "created_at", "source", "campaign"]
LEAK = "account_manager"


def win_rates(simulation: Simulation, values: pd.Series, least: int = 200) -> pd.Series:
    rates = won_in_time(simulation).groupby(values).agg(["size", "mean"])
    return rates.loc[rates["size"] >= least, "mean"]


def test_the_leaking_field_is_filled_for_won_leads_and_for_hardly_any_other(steady: Simulation) -> None:
    won = steady.leads["lead_id"].isin(steady.outcomes.loc[steady.outcomes["status"] == "won", "lead_id"])
    filled = steady.leads[LEAK].notna().groupby(won).mean()
    assert filled[True] > 0.95
    assert 0 < filled[False] < 0.01
    assert auc(won, steady.leads[LEAK].notna().astype(float)) > 0.95


def test_no_other_field_is_filled_much_more_often_for_won_leads(steady: Simulation) -> None:
    filled = steady.leads.drop(columns=[*NAMED, LEAK]).notna().groupby(won_in_time(steady)).mean()
    assert (filled.loc[True] - filled.loc[False]).abs().max() < 0.15


def test_a_reference_is_strong_and_decides_nothing(steady: Simulation) -> None:
    rates = win_rates(steady, steady.leads["source"])
    assert rates.idxmax() == "Reference"
    assert 2 * won_in_time(steady).mean() < rates["Reference"] < 0.6


def test_no_value_of_a_harmless_category_decides_the_outcome(steady: Simulation) -> None:
    base = won_in_time(steady).mean()
    for field in ("source", "campaign", "industry", "country", "job_title", "requested_demo", "newsletter"):
        rates = win_rates(steady, steady.leads[field].fillna("(missing)"))
        assert base / 20 < rates.min()
        assert rates.max() < 0.95


def test_industry_has_spellings_placeholders_and_rare_values(steady: Simulation) -> None:
    counts = steady.leads["industry"].value_counts(dropna=False)
    assert counts.index.nunique() > 2 * len(INDUSTRIES)
    assert {"Software", "software", "SOFTWARE", "Software ", "IT", "Select", "unknown"} <= set(counts.index)
    assert counts.min() < 30


def test_never_having_seen_a_webinar_is_written_as_999_days(steady: Simulation) -> None:
    days = steady.leads["days_since_webinar"]
    assert (days == 999).mean() > 0.5
    assert days[days != 999].between(0, 720).all()


def test_a_title_with_director_in_it_wins_more_often_than_a_student(steady: Simulation) -> None:
    titles = steady.leads["job_title"].str.lower()
    won = won_in_time(steady)
    assert (
        won[titles.str.contains("director", na=False)].mean() > 2 * won[titles.str.contains("student", na=False)].mean()
    )


def test_company_mail_wins_more_often_and_is_nobodys(steady: Simulation) -> None:
    domain = steady.leads["email"].dropna().str.split("@").str[1]
    free = domain.isin(["gmail.com", "outlook.com", "yahoo.com", "gmx.de", "icloud.com", "web.de", "proton.me"])
    assert domain[~free].str.endswith(".example").all()
    rate = won_in_time(steady)[domain.index].groupby(free).mean()
    assert rate[False] > 1.3 * rate[True]


def test_phones_carry_a_country_prefix_that_is_usually_the_persons_own(steady: Simulation) -> None:
    german = steady.leads["country"] == "Germany"
    phones = steady.leads["phone"].dropna()
    assert phones.str.fullmatch(r"\+\d{1,3} 000 \d{7}").all()
    assert phones[german].str.startswith("+49 ").mean() > 0.9


def test_first_visits_come_before_arrival_and_cold_leads_have_none(steady: Simulation) -> None:
    seen = steady.leads["first_visit_at"].notna()
    assert (steady.leads["first_visit_at"] < steady.leads["created_at"])[seen].all()
    assert not seen[steady.leads["source"] == "Cold List"].any()


@pytest.mark.parametrize(("one", "other"), [("employees", "annual_revenue"), ("pages_viewed", "minutes_on_site")])
def test_some_numbers_are_skewed_missing_at_times_and_go_together(steady: Simulation, one: str, other: str) -> None:
    pair = steady.leads[[one, other]].astype("float64")
    assert (pair.skew() > 2).all()
    assert pair.isna().mean().between(0.05, 0.5).all()
    assert pair.apply(np.log1p).corr().iloc[0, 1] > 0.6


def test_one_column_is_constant_and_one_is_an_id(steady: Simulation) -> None:
    assert steady.leads["record_type"].nunique() == 1
    assert steady.leads["crm_record"].is_unique


def test_leads_arrive_mostly_in_working_hours_less_on_weekends_and_around_new_year(
    steady: Simulation,
) -> None:
    created = steady.leads["created_at"]
    by_day = created.dt.day_of_week.value_counts()
    assert created.dt.hour.between(8, 17).mean() > 0.7
    assert by_day[[5, 6]].max() < 0.6 * by_day[[0, 1, 2, 3, 4]].min()
    assert created.between("2025-12-24", "2026-01-01").mean() < 0.7 * 8 / 540


def test_the_mix_drifts_slowly(steady: Simulation) -> None:
    late = steady.leads["created_at"] > steady.leads["created_at"].median()
    social = (steady.leads["source"] == "Social Ads").groupby(late).mean()
    assert 0 < social[True] - social[False] < 0.05
