"""The contract's numbers about money, and about what the score predicted."""

from analytics.metrics.metric import Metric, Owner, Unit

PROMISED = (
    "matured leads of the period that were scored within two days of arrival and worked: a contact is on record, "
    "whatever became of them; the same leads on the weekly report, its lists, the model page and the gauges"
)
PAID = ("leads of a campaign or source without spend on record count in no cost",)
WORKED = ("a lead without a contact is left out though it was won; scored within two days, on every page",)
DAYS = "days of the period with spend on record"
MATURED_DAYS = "days of the period with spend on record, whose leads are older than the horizon"
YOUNG_DAYS = "days of the period with spend on record, whose leads are younger than the horizon"

PROMISES: tuple[Metric, ...] = (
    Metric("spend", "Spend", "money spent on the source or campaign", DAYS, Owner.MARKETING, Unit.MONEY),
    Metric(
        "cac",
        "Cost of a customer",
        "spend divided by leads won within the horizon whose campaign, or source as a whole, has spend; leads count "
        "for the day on which they arrived",
        MATURED_DAYS,
        Owner.BOTH,
        Unit.MONEY,
        PAID,
    ),
    Metric(
        "expected_cac",
        "Expected cost of a customer",
        "spend divided by the sum of the probabilities stored on arrival, for leads too young to tell whose campaign, "
        "or source as a whole, has spend",
        YOUNG_DAYS,
        Owner.MARKETING,
        Unit.MONEY,
        PAID,
    ),
    Metric(
        "cost_per_qualified_lead",
        "Cost of a qualified lead",
        "spend divided by leads of grade A or B on arrival whose campaign, or source as a whole, has spend",
        DAYS,
        Owner.MARKETING,
        Unit.MONEY,
        PAID,
    ),
    Metric(
        "marginal_wins",
        "Where the next unit of budget would bring most",
        "wins, counted or expected, that the same money brought on average, by campaign, drawn toward its source; a "
        "suggestion, as more budget may reach other leads",
        DAYS,
        Owner.MARKETING,
        Unit.WINS,
        PAID,
    ),
    Metric(
        "promised",
        "Wins predicted",
        "sum of the probabilities stored on arrival",
        PROMISED,
        Owner.BOTH,
        Unit.WINS,
        WORKED,
    ),
    Metric("delivered", "Actual wins", "leads won within the horizon", PROMISED, Owner.BOTH, Unit.WINS, WORKED),
    Metric(
        "delivered_for_promised",
        "Actual per predicted",
        "actual wins divided by predicted wins; 1 where the score is right",
        PROMISED,
        Owner.BOTH,
        Unit.RATIO,
        WORKED,
    ),
    Metric(
        "lift",
        "Lift of the top tenth",
        "share won among the tenth with the highest probabilities, divided by the share won among all; ties averaged",
        PROMISED,
        Owner.BOTH,
        Unit.RATIO,
        WORKED,
    ),
    Metric(
        "drift",
        "Change of the arriving leads",
        "how far the shares of a field's values are from those of the earlier period, as a population "
        "stability index beyond what chance explains",
        "leads that arrived in two periods",
        Owner.MARKETING,
        Unit.RATIO,
    ),
)
