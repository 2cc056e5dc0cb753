"""The second company's tables. In: a company, a number of leads, a seed. Out: what it has on record, and the draw."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from stats.types import Mask, Matrix, Vector
from tests.second_company.company import CITIES, ORIGINS, SIZES, SOURCES, Company
from tests.second_company.laws import (
    WIN_SHAPE,
    Ints,
    Leads,
    added,
    agent_shares,
    belief,
    demo_share,
    engagement_at,
    hidden_centre,
    origin_shares,
    probit,
    size_shares,
    speed_bonus,
    wait_at,
    win_days,
    worked_share,
)
from tests.second_company.truth import handled_chance

Texts = NDArray[np.str_]

MOST_CALLS = 4
CALL_DAYS = 2.0
REACHED = 0.45
DECIDED_AFTER = 0.01  # days from the first call at the earliest
LOST_DAYS = 25.0
PAID = 0.9
REASONS = ("price", "no need", "competitor", "")


@dataclass(frozen=True)
class Drawn:
    """What no table shows: one entry a lead; `won` within the horizon, also where that lies after the tables' end."""

    leads: Leads
    hidden: Vector
    agent: Ints
    worked: Mask
    logged: Mask
    wait_hours: Vector
    ever_won: Mask
    won: Mask
    closed_day: Vector


@dataclass(frozen=True)
class Tables:
    """What is on record at the start of day `until`: the tables of docs/tables.md; `drawn` holds the leads in order."""

    leads: pd.DataFrame
    contacts: pd.DataFrame
    outcomes: pd.DataFrame
    spend: pd.DataFrame
    drawn: Drawn

    def write(self, folder: Path) -> None:
        """Write leads.csv, contacts.csv, outcomes.csv and spend.csv."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("leads", "contacts", "outcomes", "spend"):
            getattr(self, name).to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%dT%H:%M:%SZ")


def make_tables(company: Company, n: int, seed: int, until: float | None = None) -> Tables:
    """Draw a company's `n` leads and what became of them; by default all of its days are over, and a horizon more."""
    rng = np.random.default_rng(seed)
    end = company.days + company.horizon_days if until is None else until
    drawn = _draw(rng, company, n)
    ids = np.array([f"B{number:07}" for number in range(n)])
    here = drawn.leads.day < end
    return Tables(
        _leads(rng, company, drawn, ids)[here].reset_index(drop=True),
        _contacts(rng, company, drawn, ids, end),
        _outcomes(rng, company, drawn, ids, end),
        _spend(rng, company, drawn.leads, end),
        drawn,
    )


def true_scores(company: Company, tables: Tables) -> pd.DataFrame:
    """The scores table of a score that is right: the chance of a lead, worked as on the day when it arrives."""
    table = tables.leads
    chance = handled_chance(company, tables.drawn.leads)[: len(table)]
    return pd.DataFrame({"lead_id": table["lead_id"], "scored_at": table["created_at"], "probability": chance})


def _draw(rng: np.random.Generator, company: Company, n: int) -> Drawn:
    leads = _arrive(rng, company, n)
    hidden, seen = rng.normal(size=n), probit(company, leads)
    believed = belief(company, seen, hidden)
    agent = _choose(rng, agent_shares(company, believed))
    wait = wait_at(company, rng.random(n), leads, leads.day, believed)
    worked = rng.random(n) < worked_share(company, leads.origin)
    quality = seen + added(company, leads.day) + hidden_centre(company, leads.day) + company.hidden_sd * hidden
    ever = worked & (
        rng.random(n) < special.ndtr(quality + np.array(company.skill)[agent] + speed_bonus(company, wait))
    )
    takes = np.maximum(rng.gamma(WIN_SHAPE, win_days(leads)), wait / 24 + DECIDED_AFTER)
    gives_up = worked & ~ever & (rng.random(n) < company.closed)
    lost_after = wait / 24 + DECIDED_AFTER + rng.exponential(LOST_DAYS, n)
    closed_day = leads.day + np.where(ever, takes, np.where(gives_up, lost_after, np.inf))
    logged = rng.random(n) < _logged_share(company, leads.source, agent)
    return Drawn(leads, hidden, agent, worked, logged, wait, ever, ever & (takes <= company.horizon_days), closed_day)


def _arrive(rng: np.random.Generator, company: Company, n: int) -> Leads:
    """Leads in order of arrival; the density of the others rises in a line."""
    level, growth = rng.random(n), company.growth
    rising = 2 * (1 + growth / 2) * level / (1 + np.sqrt(1 + 2 * growth * (1 + growth / 2) * level))
    day = np.sort(np.where(rng.random(n) < company.imported, 0.0, company.days * rising))
    origin = _choose(rng, origin_shares(company, day))
    engagement = np.round(engagement_at(company, rng.random(n), origin, day), 3)
    return Leads(day, origin, engagement, _choose(rng, size_shares(origin)), rng.random(n) < demo_share(engagement))


def _choose(rng: np.random.Generator, shares: Matrix) -> Ints:
    """One of the columns for each row of shares (n, k)."""
    return (rng.random(len(shares))[:, None] > np.cumsum(shares, axis=1)[:, :-1]).sum(axis=1)


def _logged_share(company: Company, source: Ints, agent: Ints) -> Vector:
    if company.logged_by == "chance":
        return np.full(len(agent), company.logged)
    place, count = (source, len(SOURCES)) if company.logged_by == "source" else (agent, len(company.skill))
    return np.clip(1 - 2 * (1 - company.logged) * place / (count - 1), 0, 1)


def _leads(rng: np.random.Generator, company: Company, drawn: Drawn, ids: Texts) -> pd.DataFrame:
    leads = drawn.leads
    return pd.DataFrame(
        {
            "lead_id": ids,
            "created_at": _moments(company, leads.day),
            "source": np.array([origin.source for origin in ORIGINS])[leads.origin],
            "campaign": np.array([origin.campaign or None for origin in ORIGINS], dtype=object)[leads.origin],
            "value": np.round(np.exp(rng.normal(7, 0.4, len(ids)) + 0.4 * (leads.size == len(SIZES) - 1)), 0),
            "engagement": leads.engagement,
            "size": np.array([size or None for size in SIZES], dtype=object)[leads.size],
            "asked_demo": np.where(leads.asked_demo, "yes", "no"),
            "city": rng.choice(CITIES, len(ids)),
            "note_length": rng.poisson(40, len(ids)),
        }
    )


def _contacts(rng: np.random.Generator, company: Company, drawn: Drawn, ids: Texts, end: float) -> pd.DataFrame:
    """Some calls to each lead whose calls are logged, until it is closed."""
    logged = np.flatnonzero(drawn.worked & drawn.logged)
    lead = np.repeat(logged, rng.integers(1, MOST_CALLS + 1, len(logged)))
    first = np.diff(lead, prepend=-1) != 0
    day = (
        drawn.leads.day[lead] + drawn.wait_hours[lead] / 24 + np.where(first, 0, rng.exponential(CALL_DAYS, len(lead)))
    )
    reached = rng.random(len(lead)) < REACHED
    table = pd.DataFrame(
        {
            "lead_id": ids[lead],
            "started_at": _moments(company, day),
            "agent": np.array([f"agent {number + 1}" for number in range(len(company.skill))])[drawn.agent[lead]],
            "channel": "phone",
            "direction": "outbound",
            "connected": reached,
            "duration_s": np.where(reached, np.round(rng.gamma(2, 150, len(lead))), 0.0),
        }
    )
    here = (first | (day < drawn.closed_day[lead])) & (day < end)
    return table[here].sort_values("started_at", kind="stable", ignore_index=True)


def _outcomes(rng: np.random.Generator, company: Company, drawn: Drawn, ids: Texts, end: float) -> pd.DataFrame:
    closed = np.flatnonzero(drawn.closed_day < end)
    closed = closed[np.argsort(drawn.closed_day[closed], kind="stable")]
    won = drawn.ever_won[closed]
    value = np.round(np.exp(rng.normal(7, 0.6, len(closed))), 0)
    return pd.DataFrame(
        {
            "lead_id": ids[closed],
            "at": _moments(company, drawn.closed_day[closed]),
            "status": np.where(won, "won", "lost"),
            "value": np.where(won, value, np.nan),
            "reason": np.where(won, "", rng.choice(REASONS, len(closed))),
        }
    )


def _spend(rng: np.random.Generator, company: Company, leads: Leads, end: float) -> pd.DataFrame:
    """Money a day of the campaigns that have it on record; none for what was imported."""
    days = int(min(end, company.days))
    day, origin = (axis.ravel() for axis in np.meshgrid(np.arange(days), np.arange(len(ORIGINS)), indexing="ij"))
    arrived = leads.day > 0
    leads_of = np.zeros((days + 1, len(ORIGINS)))
    np.add.at(leads_of, (np.minimum(leads.day[arrived].astype(int), days), leads.origin[arrived]), 1)
    price = np.array([one.spend for one in ORIGINS])
    amount = np.round(price[origin] * leads_of[day, origin] * rng.uniform(PAID, 2 - PAID, len(day)), 2)
    table = pd.DataFrame(
        {
            "date": (np.datetime64(company.start, "D") + day).astype("datetime64[s]"),
            "source": np.array([one.source for one in ORIGINS])[origin],
            "campaign": np.array([one.campaign for one in ORIGINS])[origin],
            "amount": amount,
        }
    )
    return table[amount > 0].reset_index(drop=True)


def _moments(company: Company, day: Vector) -> NDArray[np.datetime64]:
    """Days since the beginning as times in UTC, to the second."""
    return np.datetime64(company.start, "s") + (day * 86_400).astype("timedelta64[s]")
