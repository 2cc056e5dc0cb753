"""Cost for the report: of customers, expected ones and qualified leads, and where budget would bring most."""

from dataclasses import dataclass, fields, replace
from datetime import date

from analytics.cost.budget import Candidate, in_words, suggest
from analytics.cost.costs import Cost, Costs, costs
from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Period, RowsBy
from analytics.periods import Periods
from analytics.report.compared import CostCompared, compared
from stats.estimates import Estimate

TABLES = (("source",), ("source", "campaign"))


@dataclass(frozen=True)
class CostSection:
    """Cost of a customer from the `first` to the `last` day with spend on record; None where there is none.

    `compared` sets the two periods beside each other. `tables` are by source, and by source and campaign. `budget`
    ranks the campaigns for the next unit of budget, the best first; `budget_words` says what that suggests, and its
    doubt.
    """

    first: date | None
    last: date | None
    whole: Cost | None
    compared: CostCompared
    tables: tuple[RowsBy[Cost], ...]
    budget: tuple[Candidate, ...]
    budget_words: str
    note: str


def cost_section(facts: LeadsAsOf, period: Period, periods: Periods) -> CostSection:
    """The costs of the leads that arrived in the period, as a whole, by source and by campaign."""
    whole = costs(facts, (), period)
    tables = {by: costs(facts, by, period) for by in TABLES}
    budget = suggest(_named(tables["source", "campaign"]))
    return CostSection(
        first=whole.first,
        last=whole.last,
        whole=whole.groups[0] if whole.groups else None,
        compared=_compared(costs(facts, (), periods.before), costs(facts, (), periods.after)),
        tables=tuple(RowsBy(by, found.groups) for by, found in tables.items()),
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
    return replace(found, groups=tuple(cost for cost in found.groups if cost.name[0] is not None))
