"""The contract's numbers about conversion, and about what moved it."""

from analytics.metrics.metric import Metric, Owner, Unit

MATURED = "leads that arrived in the period and are older than the horizon"
YOUNG = "leads that arrived in the period and are younger than the horizon"
TWO = "matured leads of two periods"
HANDLING = "how leads were worked, plus any quality our fields don't capture"

CONVERSION: tuple[Metric, ...] = (
    Metric(
        "conversion",
        "Conversion from lead to customer",
        "leads won within the horizon, divided by all leads that arrived, worked or not",
        MATURED,
        Owner.BOTH,
        Unit.SHARE,
    ),
    Metric(
        "expected_conversion",
        "Expected conversion",
        "mean of the probabilities stored on arrival, for leads too young to tell",
        YOUNG,
        Owner.BOTH,
        Unit.SHARE,
    ),
    Metric(
        "never_tried",
        "Never called",
        "leads without any contact, divided by all leads",
        MATURED,
        Owner.SALES,
        Unit.SHARE,
    ),
    Metric(
        "never_reached",
        "Never reached",
        "leads without any conversation, divided by all leads",
        MATURED,
        Owner.SALES,
        Unit.SHARE,
    ),
    Metric(
        "change",
        "Change of conversion",
        "conversion of the later period less conversion of the earlier one",
        TWO,
        Owner.BOTH,
        Unit.POINTS,
    ),
    Metric(
        "mix",
        "Mix effect: the leads that arrived",
        "mean probability by the reference model in the later period less that in the earlier one, the model corrected "
        "by what the fields say of the wins of the earlier period's own leads; it learned nothing from the later one",
        TWO,
        Owner.MARKETING,
        Unit.POINTS,
        changes=("The reference is corrected by the earlier period's own leads.",),
    ),
    Metric(
        "handling",
        f"Handling effect: {HANDLING}",
        "change of conversion less mix effect: wins beyond the reference model's probability, "
        "as a share of the leads, in the later period less the same in the earlier one",
        TWO,
        Owner.BOTH,
        Unit.POINTS,
        changes=("The reference is the one that mix is measured by, corrected by the earlier period's own leads.",),
    ),
    Metric(
        "quality_over_time",
        "Quality of the leads that arrived",
        "mean probability that a lead of the month (or week) is won, by one model of the whole year's leads in which "
        "none is judged by a model that learned from itself",
        "matured leads that arrived in the month, 2,000 by lot where there are more",
        Owner.MARKETING,
        Unit.SHARE,
    ),
    Metric(
        "handling_over_time",
        f"Handling over time: {HANDLING}",
        "conversion of the month's (or week's) leads less their quality",
        "matured leads that arrived in the month, 2,000 by lot where there are more",
        Owner.BOTH,
        Unit.POINTS,
    ),
    Metric(
        "smallest_change",
        "A change that would be seen",
        "the change of conversion, or of one of its parts, that is called clear in four of five cases, where of pages "
        "without any change 4 % call one of the three so",
        TWO,
        Owner.BOTH,
        Unit.POINTS,
        changes=("For each part too, and for all three together at one level.",),
    ),
)
