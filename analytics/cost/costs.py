"""Cost per win, per expected win and per qualified lead, by group.

Only days that the spend table covers count, from its first to its last day: leads of a day whose spend is not on
record would make customers look cheap. Matured days are those whose leads are all older than the horizon; younger
leads count with the probability they were promised on arrival, which is known within hours and is as good as the
promises are (see the ledger). Intervals hold the luck in how many leads came and won; the wins of a lead count for
the day on which it arrived. A cost has one basis: money that is on record over the leads that it brought
(`analytics.cost.basis`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta

import numpy as np
import pandas as pd

from analytics.cost.basis import read_basis
from analytics.cost.rates import NO_SPEND, Rate, cost_of_one, shrunk_rates
from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Groups, Name, Period, group
from stats.estimates import Estimate
from stats.instants import to_instant
from stats.types import Mask

QUALIFIED = ("A", "B")
NO_SCORES = "no scores stored"
NO_GRADES = "no grades stored"
NO_WIN = "no win yet, counted or expected"
UNDIVIDED = Estimate.unknown("the spend is on record for the source as a whole, which campaigns share")
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Cost:
    """What one group costs: spend and leads of all days, wins of the matured days, expected wins of the younger ones.

    A group with leads and no spend, or spend and no leads, is there too. `per_win` is `matured_spend` over `wins`, of
    the `matured_leads` for which money is on record, `per_expected_win` is `young_spend` over `expected_wins`,
    `per_qualified` spend over the `qualified` of grade A or B. `unpaid_leads`, of which `unpaid_wins` matured and won,
    have no money on record and count for none of these, but in a group without any. `shrunk` is spend for each win,
    counted or expected, drawn toward the group's siblings: a campaign toward those of its source, a source toward all.
    An estimate with `low` alone has no upper end: nothing came of the spend yet. `expected_wins` is None where no
    scores are stored.
    """

    name: Name
    spend: float = field(metadata={"metric": "spend"})
    leads: int
    matured_spend: float
    matured_leads: int
    wins: int
    young_spend: float
    young_leads: int
    expected_wins: float | None
    qualified: int
    per_win: Estimate = field(metadata={"metric": "cac"})
    per_expected_win: Estimate = field(metadata={"metric": "expected_cac"})
    per_qualified: Estimate = field(metadata={"metric": "cost_per_qualified_lead"})
    shrunk: Estimate = field(metadata={"metric": "cac"})
    unpaid_leads: int = 0
    unpaid_wins: int = 0


@dataclass(frozen=True)
class Costs:
    """The costs by group, of leads that arrived from the first to the last day (both included); None if no day.

    `rates` has, by name of a group with spend, its wins for each unit of money, counted on matured days and expected
    on younger ones, drawn toward the rates of its siblings.
    """

    first: date | None
    last: date | None
    groups: tuple[Cost, ...]
    rates: Mapping[Name, Rate] = field(default_factory=dict)
    note: str = ""


def costs(facts: LeadsAsOf, by: Sequence[str] = ("source", "campaign"), period: Period | None = None) -> Costs:
    """The costs by source, by source and campaign, or by nothing: all of them together."""
    window = _window(facts, period)
    if window is None:
        return Costs(None, None, (), note="no spend is recorded in this period")
    first, last = window
    leads, spend = _within(facts.leads, "arrived_at", first, last), _within(facts.spend, "date", first, last)
    rows = pd.concat([_lead_rows(leads), _spend_rows(spend)], ignore_index=True)
    as_of = to_instant(facts.as_of)
    oldest_young = as_of - np.timedelta64(facts.horizon_days, "D")
    matured = np.asarray(rows["day"].to_numpy() + DAY <= oldest_young)
    sums = _sums(rows, matured, group(rows, by), by_campaign="campaign" in by)
    rates = _rates(sums)
    groups = tuple(_cost(name, own, rates.get(name)) for name, own in sums.items())
    return Costs(date.fromisoformat(str(first)), date.fromisoformat(str(last)), groups, rates)


def _window(facts: LeadsAsOf, period: Period | None) -> tuple[np.datetime64, np.datetime64] | None:
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


def _sums(rows: pd.DataFrame, matured: Mask, groups: Groups, *, by_campaign: bool) -> dict[Name, "_Sums"]:
    lead, won, spend, promise = (rows[name].to_numpy() for name in ("lead", "won", "spend", "promise"))
    basis = read_basis(rows, matured)
    free = [groups.count(spend * half)[groups.code] == 0 for half in (matured, ~matured)]
    counted = basis.counted | np.where(matured, *free)
    promised = ~np.isnan(promise) & ~matured & counted
    expected = np.where(promised, promise, 0.0)
    most = float(expected.max(initial=0.0)) or 1.0
    columns = zip(
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
    return {name: _Sums(most, *map(float, one)) for name, one in zip(groups.names, columns, strict=True)}


@dataclass(frozen=True)
class _Sums:
    """Of one group: matured days, young days, and both; `most` is the highest probability of any young lead."""

    most: float
    matured_spend: float
    matured_leads: float
    won: float
    young_spend: float
    young_leads: float
    scored: float
    scored_wins: float
    scored_square: float
    qualified: float
    graded: float
    unpaid: float
    unpaid_wins: float
    undivided: float

    @property
    def for_all(self) -> float:
        """Young leads for each one with a score: those without count as the others do."""
        return self.young_leads / self.scored if self.scored else 1.0

    @property
    def expected(self) -> float:
        """The wins that the young leads will bring."""
        return self.scored_wins * self.for_all

    @property
    def expected_square(self) -> float:
        return self.scored_square * self.for_all**2

    @property
    def unscored(self) -> bool:
        """Whether nothing can be expected of the young leads, because none has a score."""
        return self.young_leads > 0 and self.expected == 0

    @property
    def wins(self) -> float:
        """What the spend brought: counted on matured days and expected on younger ones, where there was any."""
        return (self.won if self.matured_spend > 0 else 0.0) + (self.expected if self.young_spend > 0 else 0.0)

    @property
    def square(self) -> float:
        return (self.won if self.matured_spend > 0 else 0.0) + (self.expected_square if self.young_spend > 0 else 0.0)

    @property
    def spend(self) -> float:
        return self.matured_spend + self.young_spend

    @property
    def told_spend(self) -> float:
        """The spend of those days whose wins are counted or expected."""
        return self.matured_spend + (0.0 if self.unscored else self.young_spend)


def _cost(name: Name, sums: _Sums, rate: Rate | None) -> Cost:
    per_win = cost_of_one(sums.matured_spend, sums.won, sums.won, 1.0, "win")
    per_expected = cost_of_one(sums.young_spend, sums.expected, sums.expected_square, sums.most, "lead")
    per_qualified = cost_of_one(sums.spend, sums.qualified, sums.qualified, 1.0, "lead of grade A or B")
    shrunk = rate.cost_of_one(round(sums.wins)) if rate else Estimate.unknown(NO_WIN if sums.spend > 0 else NO_SPEND)
    if sums.unscored:
        per_expected = Estimate.unknown(NO_SCORES)
    if sums.matured_leads + sums.young_leads > 0 and not sums.graded:
        per_qualified = Estimate.unknown(NO_GRADES)
    if sums.undivided:
        per_win = per_expected = per_qualified = shrunk = UNDIVIDED
    return Cost(
        name=name,
        spend=sums.spend,
        leads=int(sums.matured_leads + sums.young_leads + sums.unpaid),
        matured_spend=sums.matured_spend,
        matured_leads=int(sums.matured_leads),
        wins=round(sums.won),
        young_spend=sums.young_spend,
        young_leads=int(sums.young_leads),
        expected_wins=None if sums.unscored else sums.expected,
        qualified=int(sums.qualified),
        per_win=per_win,
        per_expected_win=per_expected,
        per_qualified=per_qualified,
        shrunk=shrunk,
        unpaid_leads=int(sums.unpaid),
        unpaid_wins=int(sums.unpaid_wins),
    )


def _rates(found: Mapping[Name, _Sums]) -> dict[Name, Rate]:
    """The rates of groups with spend, each drawn toward those it shares all but the last part of its name with."""
    paid = {name: sums for name, sums in found.items() if sums.told_spend > 0 and not sums.undivided}
    rates: dict[Name, Rate] = {}
    for parent in {name[:-1] for name in paid}:
        alike = {name: sums for name, sums in paid.items() if name[:-1] == parent}
        if any(sums.wins > 0 for sums in alike.values()):
            columns = zip(*((sums.wins, sums.square, sums.told_spend) for sums in alike.values()), strict=True)
            rates |= dict(zip(alike, shrunk_rates(*columns), strict=True))
    return rates
