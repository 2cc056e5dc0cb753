"""Cost for the report: of customers, expected ones and qualified leads, and where budget would bring most."""

from analytics.budget import in_words, suggest
from analytics.cost import Cost, Costs, costs
from analytics.facts import Facts
from analytics.groups import Period
from analytics.report import BudgetRow, CostBy, CostRow, CostSection

TABLES = (("source",), ("source", "campaign"))


def cost_section(facts: Facts, period: Period) -> CostSection:
    """The costs of the leads that arrived in the period, as a whole, by source and by campaign."""
    whole = costs(facts, (), period)
    tables = {by: costs(facts, by, period) for by in TABLES}
    budget = suggest(_named(tables["source", "campaign"]))
    return CostSection(
        first=whole.first,
        last=whole.last,
        whole=_row(whole.groups[0]) if whole.groups else None,
        tables=tuple(CostBy(by, tuple(map(_row, found.groups))) for by, found in tables.items()),
        budget=tuple(BudgetRow(one.name, one.money, one.wins, one.chance_best) for one in budget.candidates),
        budget_words=in_words(budget),
        note=whole.note,
    )


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
    )
