"""Cost for the report: of customers, expected ones and qualified leads, and where budget would bring most."""

from dataclasses import dataclass, field, fields
from datetime import date

from analytics.cost.budget import Candidate, in_words, suggest
from analytics.cost.costs import Cost, Costs, costs
from analytics.leads_as_of import Facts
from analytics.leads_as_of.groups import Name, Period
from analytics.periods import Periods
from analytics.report.compared import CostCompared, compared
from stats.estimates import Estimate

TABLES = (("source",), ("source", "campaign"))


@dataclass(frozen=True)
class CostRow:
    """What one group costs: spend and leads of all days, wins of the matured days, expected wins of the younger ones.

    `per_win` is `matured_spend` over `wins`, of the `matured_leads` for which money is on record, `per_expected_win`
    is `young_spend` over `expected_wins`, `per_qualified` spend over `qualified`. `unpaid_leads`, of which
    `unpaid_wins` won, have no money on record and count for none of these, but in a group without any. `shrunk` is
    spend for each win, counted or expected, drawn toward the group's siblings. An estimate with `low` alone has no
    upper end: nothing came of the spend yet. `expected_wins` is None where no scores are stored.
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
class CostBy:
    """Cost by group."""

    by: tuple[str, ...]
    rows: tuple[CostRow, ...]


@dataclass(frozen=True)
class CostSection:
    """Cost of a customer from the `first` to the `last` day with spend on record; None where there is none.

    `compared` sets the two periods beside each other. `tables` are by source, and by source and campaign. `budget`
    ranks the campaigns for the next unit of budget, the best first; `budget_words` says what that suggests, and its
    doubt.
    """

    first: date | None
    last: date | None
    whole: CostRow | None
    compared: CostCompared
    tables: tuple[CostBy, ...]
    budget: tuple[Candidate, ...]
    budget_words: str
    note: str


def cost_section(facts: Facts, period: Period, periods: Periods) -> CostSection:
    """The costs of the leads that arrived in the period, as a whole, by source and by campaign."""
    whole = costs(facts, (), period)
    tables = {by: costs(facts, by, period) for by in TABLES}
    budget = suggest(_named(tables["source", "campaign"]))
    return CostSection(
        first=whole.first,
        last=whole.last,
        whole=_row(whole.groups[0]) if whole.groups else None,
        compared=_compared(costs(facts, (), periods.before), costs(facts, (), periods.after)),
        tables=tuple(CostBy(by, tuple(map(_row, found.groups))) for by, found in tables.items()),
        budget=budget.candidates,
        budget_words=in_words(budget),
        note=whole.note,
    )


def _compared(before: Costs, after: Costs) -> CostCompared:
    names = [one.name for one in fields(CostCompared)]
    pairs = {name: (_of_all(before, name), _of_all(after, name)) for name in names}
    return CostCompared(**compared(pairs))


def _of_all(found: Costs, name: str) -> Estimate:
    estimate: Estimate = getattr(found.groups[0], name) if found.groups else Estimate.unknown(found.note)
    return estimate


def _named(found: Costs) -> Costs:
    """Without leads of no source: nobody can spend more on those."""
    return Costs(found.first, found.last, tuple(cost for cost in found.groups if cost.name[0] is not None))


def _row(cost: Cost) -> CostRow:
    return CostRow(
        name=cost.name,
        spend=cost.spend,
        leads=cost.leads,
        matured_spend=cost.matured.spend,
        matured_leads=cost.matured.leads,
        wins=round(cost.matured.wins),
        young_spend=cost.young.spend,
        young_leads=cost.young.leads,
        expected_wins=None if cost.young.unscored else cost.young.wins,
        qualified=cost.qualified,
        per_win=cost.per_win,
        per_expected_win=cost.per_expected_win,
        per_qualified=cost.per_qualified,
        shrunk=cost.shrunk,
        unpaid_leads=cost.unpaid,
        unpaid_wins=cost.unpaid_wins,
    )
