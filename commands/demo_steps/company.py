"""The demo's company: worse leads arrive and sales gets slower at one moment, so that the weekly report has a story.

Its leads are people with names and companies, made up like all that `simulation` makes, and worth money.
"""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.periods import ENOUGH, USUAL_WEEKS
from simulation.company import Simulation, simulate
from simulation.people import FIRM_KINDS, FIRM_WORDS, FIRST_NAMES, LAST_NAMES
from simulation.scenarios import Sales, Scenario

DAYS, HORIZON_DAYS = 540, 90
STORY = Scenario(
    "demo",
    "Marketing buys more of what wins less, and sales takes six times as long.",
    sales=Sales(speed_effect=0.35),
    volume={"Social Ads": 2.2, "Cold List": 2.0, "Reference": 0.5, "Partner": 0.6, "Organic Search": 0.75},
    slowdown=6.0,
)
MOST_WEEKS = 20
TRAINING_SHARE = 0.6
"""The share of the days whose leads the champion is trained on; later leads get the scores that it would have given."""
WITH_COMPANY, WITH_VALUE, FOLLOWED_UP, IN_TIME = 0.7, 0.85, 0.5, 0.75


def make_company(leads: int, seed: int, until: date) -> Simulation:
    """The company whose change lies between the two periods that the report compares by default."""
    weeks = min(MOST_WEEKS, max(USUAL_WEEKS, -(-ENOUGH * DAYS // (7 * leads))))
    matured = until - timedelta(days=HORIZON_DAYS)
    change = matured - timedelta(days=matured.weekday(), weeks=weeks)
    made = simulate(leads, seed=seed, scenario=STORY, until=until, days=DAYS, horizon_days=HORIZON_DAYS, change=change)
    rng = np.random.default_rng([seed, 2])
    return replace(made, leads=_with_people(made.leads, rng), contacts=_with_follow_ups(made.contacts, rng))


def first_scored(until: date) -> date:
    """The day from which on leads have a score: the champion was trained on what was known before it."""
    return until - timedelta(days=round((1 - TRAINING_SHARE) * DAYS))


def _with_people(leads: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The leads with `full_name`, `company` and `value`, the first two as their e-mail addresses have them."""
    person = leads["email"].astype("str").str.extract(r"^(?P<first>[a-z]+)\.(?P<last>[a-z]+)")
    names = (
        person["first"].fillna(_draw_words(rng, FIRST_NAMES, leads))
        + " "
        + person["last"].fillna(_draw_words(rng, LAST_NAMES, leads))
    )
    words = "|".join(FIRM_WORDS)
    firm = leads["email"].astype("str").str.extract(rf"@(?P<word>{words})(?P<kind>[a-z]+)\d+\.example$")
    drawn = _draw_words(rng, FIRM_WORDS, leads) + " " + _draw_words(rng, FIRM_KINDS, leads)
    company = (firm["word"] + " " + firm["kind"]).fillna(drawn.where(rng.random(len(leads)) < WITH_COMPANY))
    employees = pd.to_numeric(leads["employees"]).astype("float64").fillna(20.0)
    worth = (1_500 * employees**0.35 / 50).round() * 50
    worth = worth.where(rng.random(len(leads)) < WITH_VALUE)
    return leads.assign(full_name=names.str.title(), company=company.str.title(), value=worth)


def _draw_words(rng: np.random.Generator, words: tuple[str, ...], leads: pd.DataFrame) -> "pd.Series[str]":
    return pd.Series(rng.choice(np.array(words), len(leads)), index=leads.index, dtype="str")


def _with_follow_ups(contacts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The contacts with `again_at`: every second conversation agreed on the next call, which mostly came in time."""
    following = contacts.sort_values("started_at", kind="stable").groupby("lead_id")["started_at"].shift(-1)
    agreed = contacts["connected"].to_numpy(dtype=bool, na_value=False) & (rng.random(len(contacts)) < FOLLOWED_UP)
    early = np.where(
        rng.random(len(contacts)) < IN_TIME, rng.uniform(0, 12, len(contacts)), rng.uniform(30, 90, len(contacts))
    )
    again_at = following - pd.to_timedelta(early.round(), unit="h")
    return contacts.assign(again_at=again_at.where(agreed & (again_at > contacts["started_at"])))
