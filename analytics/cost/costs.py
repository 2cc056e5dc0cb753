"""Cost per win, per expected win and per qualified lead, by group.

Only days that the spend table covers count, from its first to its last day: leads of a day whose spend is not on
record would make customers look cheap. Matured days are those whose leads are all older than the horizon; younger
leads count with the probability they were promised on arrival, which is known within hours and is as good as the
promises are (see the ledger). Intervals hold the luck in how many leads came and won; the wins of a lead count for
the day on which it arrived. A cost has one basis: money that is on record over the leads that it brought
(`analytics.cost.basis`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.cost.basis import read_basis
from analytics.cost.rates import NO_SPEND, Rate, cost_of_one, shrunk_rates
from analytics.leads_as_of import Facts
from analytics.leads_as_of.groups import Groups, Name, Period, group
from stats.estimates import Estimate

Vector = NDArray[np.float64]
Bools = NDArray[np.bool_]

QUALIFIED = ("A", "B")
NO_SCORES = "no scores stored"
NO_GRADES = "no grades stored"
UNDIVIDED = Estimate.unknown("the spend is on record for the source as a whole, which campaigns share")
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Tally:
    """Money spent, leads that it brought, and their wins: `square` is the sum of the squared counts of wins."""

    spend: float
    leads: int
    wins: float
    square: float

    @property
    def unscored(self) -> bool:
        """Whether nothing can be expected of these young leads, because none has a score."""
        return self.leads > 0 and self.wins == 0


@dataclass(frozen=True)
class Cost:
    """What one group costs. A group with leads and no spend, or spend and no leads, is there too.

    `matured` and `young` hold the leads for which money is on record; in a group without any money, all leads.
    `unpaid` is the other leads, of both, and `unpaid_wins` those of them that matured and won.
    `per_win` is spend over wins of the matured days, `per_expected_win` spend over expected wins of the younger ones,
    `per_qualified` spend over leads of grade A or B of all days. `rate` is wins, counted on matured days and expected
    on younger ones, for each unit of money, drawn toward the rates of its siblings: a campaign toward those of its
    source, a source toward those of all. An estimate with `low` alone has no upper end: nothing came of the spend yet.
    """

    name: Name
    matured: Tally
    young: Tally
    qualified: int
    per_win: Estimate
    per_expected_win: Estimate
    per_qualified: Estimate
    rate: Rate | None
    unpaid: int = 0
    unpaid_wins: int = 0

    @property
    def shrunk(self) -> Estimate:
        """Spend over wins, from the shrunk rate."""
        if self.per_win is UNDIVIDED:
            return UNDIVIDED
        if self.rate is None:
            return Estimate.unknown("no win yet, counted or expected" if self.spend > 0 else NO_SPEND)
        return self.rate.cost_of_one(round(self.wins))

    @property
    def wins(self) -> float:
        """What the spend brought: counted on matured days and expected on younger ones, where there was any."""
        return sum(half.wins for half in (self.matured, self.young) if half.spend > 0)

    @property
    def square(self) -> float:
        return sum(half.square for half in (self.matured, self.young) if half.spend > 0)

    @property
    def spend(self) -> float:
        return self.matured.spend + self.young.spend

    @property
    def told_spend(self) -> float:
        """The spend of those days whose wins are counted or expected."""
        return self.matured.spend + (0.0 if self.young.unscored else self.young.spend)

    @property
    def leads(self) -> int:
        """All that arrived."""
        return self.matured.leads + self.young.leads + self.unpaid


@dataclass(frozen=True)
class Costs:
    """The costs by group, of leads that arrived from the first to the last day (both included); None if no day."""

    first: date | None
    last: date | None
    groups: tuple[Cost, ...]
    note: str = ""


def costs(facts: Facts, by: Sequence[str] = ("source", "campaign"), period: Period | None = None) -> Costs:
    """The costs by source, by source and campaign, or by nothing: all of them together."""
    window = _window(facts, period)
    if window is None:
        return Costs(None, None, (), "no spend is recorded in this period")
    first, last = window
    leads, spend = _within(facts.leads, "arrived_at", first, last), _within(facts.spend, "date", first, last)
    rows = pd.concat([_lead_rows(leads), _spend_rows(spend)], ignore_index=True)
    as_of = np.datetime64(facts.as_of.astimezone(UTC).replace(tzinfo=None), "us")
    oldest_young = as_of - np.timedelta64(facts.horizon_days, "D")
    matured = np.asarray(rows["day"].to_numpy() + DAY <= oldest_young)
    found = _costs(rows, matured, group(rows, by), by_campaign="campaign" in by)
    return Costs(date.fromisoformat(str(first)), date.fromisoformat(str(last)), tuple(_with_rates(found)))


def _window(facts: Facts, period: Period | None) -> tuple[np.datetime64, np.datetime64] | None:
    """First and last day of the period for which spend is on record."""
    days = facts.spend["date"].to_numpy().astype("datetime64[D]")
    if len(days) == 0:
        return None
    first, last = days.min(), days.max()
    if period is not None:
        first = max(first, np.datetime64(period.start.astimezone(UTC).date()))
        end = period.end.astimezone(UTC) - timedelta(microseconds=1)
        last = min(last, np.datetime64(end.date()))
    return (first, last) if first <= last else None


def _within(table: pd.DataFrame, column: str, first: np.datetime64, last: np.datetime64) -> pd.DataFrame:
    day = table[column].to_numpy().astype("datetime64[D]")
    here = (day >= first) & (day <= last)
    return table[here].assign(day=day[here])


def _lead_rows(leads: pd.DataFrame) -> pd.DataFrame:
    promise = leads["probability"].to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            "day": leads["day"],
            "source": leads["source"].astype(object),
            "campaign": leads["campaign"].astype(object),
            "lead": 1,
            "won": leads["won"].to_numpy(dtype=np.float64),
            "promise": np.where(np.isnan(promise), leads["reference"].to_numpy(dtype=np.float64), promise),
            "qualified": leads["grade"].isin(QUALIFIED).to_numpy(dtype=np.float64),
            "graded": leads["grade"].notna().to_numpy(dtype=np.float64),
            "spend": 0.0,
        }
    )


def _spend_rows(spend: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "day": spend["day"],
            "source": spend["source"].astype(object),
            "campaign": spend["campaign"].astype(object),
            "lead": 0,
            "won": 0.0,
            "promise": np.nan,
            "qualified": 0.0,
            "graded": 0.0,
            "spend": np.nan_to_num(spend["amount"].to_numpy(dtype=np.float64)),
        }
    )


def _costs(rows: pd.DataFrame, matured: Bools, groups: Groups, *, by_campaign: bool) -> list[Cost]:
    lead, won, spend, promise = (rows[name].to_numpy() for name in ("lead", "won", "spend", "promise"))
    basis = read_basis(rows, matured)
    free = [groups.count(spend * half)[groups.code] == 0 for half in (matured, ~matured)]
    counted = basis.counted | np.where(matured, *free)
    promised = ~np.isnan(promise) & ~matured & counted
    expected = np.where(promised, promise, 0.0)
    most = float(expected.max(initial=0.0)) or 1.0
    sums = zip(
        groups.count(spend * matured),
        groups.count(lead * matured * counted),
        groups.count(won * matured * counted),
        groups.count(spend * ~matured),
        groups.count(lead * ~matured * counted),
        groups.count(promised),
        groups.count(expected),
        groups.count(expected**2),
        groups.count(rows["qualified"] * counted),
        groups.count(rows["graded"] * counted),
        groups.count(lead * ~counted),
        groups.count(won * matured * ~counted),
        groups.count(basis.undivided * by_campaign),
        strict=True,
    )
    return [_cost(name, _Sums(*map(float, one)), most) for name, one in zip(groups.names, sums, strict=True)]


@dataclass(frozen=True)
class _Sums:
    """Of one group: matured days, young days, and both."""

    matured_spend: float
    matured_leads: float
    wins: float
    young_spend: float
    young_leads: float
    scored: float
    expected: float
    square: float
    qualified: float
    graded: float
    unpaid: float
    unpaid_wins: float
    undivided: float


def _cost(name: Name, sums: _Sums, most: float) -> Cost:
    for_all = sums.young_leads / sums.scored if sums.scored else 1.0  # those without a score count as the others do
    matured = Tally(sums.matured_spend, int(sums.matured_leads), sums.wins, sums.wins)
    young = Tally(sums.young_spend, int(sums.young_leads), sums.expected * for_all, sums.square * for_all**2)
    expected = cost_of_one(young.spend, young.wins, young.square, most, "lead")
    spend, qualified = matured.spend + young.spend, sums.qualified
    ungraded = matured.leads + young.leads > 0 and not sums.graded
    cost = Cost(
        name=name,
        matured=matured,
        young=young,
        qualified=int(qualified),
        per_win=cost_of_one(matured.spend, matured.wins, matured.square, 1.0, "win"),
        per_expected_win=Estimate.unknown(NO_SCORES) if young.unscored else expected,
        per_qualified=Estimate.unknown(NO_GRADES)
        if ungraded
        else cost_of_one(spend, qualified, qualified, 1.0, "lead of grade A or B"),
        rate=None,
        unpaid=int(sums.unpaid),
        unpaid_wins=int(sums.unpaid_wins),
    )
    if not sums.undivided:
        return cost
    return replace(cost, per_win=UNDIVIDED, per_expected_win=UNDIVIDED, per_qualified=UNDIVIDED)


def _with_rates(found: list[Cost]) -> list[Cost]:
    """Each cost with its rate; a group is drawn toward those it shares all but the last part of its name with."""
    paid = [cost for cost in found if cost.told_spend > 0 and cost.per_win is not UNDIVIDED]
    rates: dict[Name, Rate] = {}
    for parent in {cost.name[:-1] for cost in paid}:
        alike = [cost for cost in paid if cost.name[:-1] == parent]
        if any(cost.wins > 0 for cost in alike):
            sums = [(cost.wins, cost.square, cost.told_spend) for cost in alike]
            shrunk = shrunk_rates(*zip(*sums, strict=True))
            rates |= {cost.name: rate for cost, rate in zip(alike, shrunk, strict=True)}
    return [replace(cost, rate=rates.get(cost.name)) for cost in found]
