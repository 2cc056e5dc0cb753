"""The metric contract: what each number means, once, for the page, the API, the command line and the docs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Owner(StrEnum):
    """Who can move the number, and answers for it in the weekly meeting."""

    MARKETING = "marketing"
    SALES = "sales"
    BOTH = "both"


class Unit(StrEnum):
    """What the number counts."""

    SHARE = "share"
    POINTS = "points"
    WINS = "wins"
    LEADS = "leads"
    COUNT = "count"
    RATIO = "ratio"
    MINUTES = "working minutes"
    SECONDS = "seconds"
    MONEY = "money"


class UnknownMetric(KeyError):
    """A key that is not in the contract; the message names those that are."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Metric:
    """One number of the contract.

    `formula` is said in words, `window` is which leads or days it is taken over. `changes` has one line for each
    version after the first: what it counts otherwise than the version before.
    """

    key: str
    name: str
    formula: str
    window: str
    owner: Owner
    unit: Unit
    changes: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        return 1 + len(self.changes)


MATURED = "leads that arrived in the period and are older than the horizon"
YOUNG = "leads that arrived in the period and are younger than the horizon"
ARRIVED = "leads that arrived in the period"
TWO = "matured leads of two periods"
PROMISED = "matured leads of the period that were scored on arrival and tried"
DAYS = "days of the period with spend on record"
MATURED_DAYS = "days of the period with spend on record, whose leads are older than the horizon"
YOUNG_DAYS = "days of the period with spend on record, whose leads are younger than the horizon"
SCORED = "scored leads that arrived in the period, are older than the horizon, and have an agent"
HANDLING = "what was done with them, or quality that the fields do not show"

CONTRACT: tuple[Metric, ...] = (
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
        "Never tried",
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
        "mean probability by the reference model in the later period less that in the earlier one; "
        "the reference has learned from neither",
        TWO,
        Owner.MARKETING,
        Unit.POINTS,
    ),
    Metric(
        "handling",
        f"Handling effect: {HANDLING}",
        "change of conversion less mix effect: wins beyond the reference model's probability, "
        "as a share of the leads, in the later period less the same in the earlier one",
        TWO,
        Owner.BOTH,
        Unit.POINTS,
    ),
    Metric(
        "smallest_change",
        "Smallest change that could have been seen",
        "the change of conversion that so many leads show in four of five cases, at the 5 % level",
        TWO,
        Owner.BOTH,
        Unit.POINTS,
    ),
    Metric(
        "first_attempt",
        "Time to first attempt",
        "working time from arrival to the first contact of any kind, within which half, and nine in ten, of the leads "
        "are tried; leads that still wait count as waiting",
        ARRIVED,
        Owner.SALES,
        Unit.MINUTES,
    ),
    Metric(
        "first_conversation",
        "Time to first conversation",
        "the same to the first contact that connected",
        ARRIVED,
        Owner.SALES,
        Unit.MINUTES,
    ),
    Metric(
        "promise_kept",
        "Promise kept",
        "leads first tried within the working time promised for their grade, "
        "divided by the leads whose promised time has passed; a lead that won untried needed no attempt",
        ARRIVED,
        Owner.SALES,
        Unit.SHARE,
    ),
    Metric(
        "raw_speed_effect",
        "Winning and speed, as it looks",
        "conversion of leads tried within the limit less that of leads tried later; observational",
        MATURED,
        Owner.SALES,
        Unit.POINTS,
    ),
    Metric(
        "speed_effect",
        "Winning and speed, like with like",
        "the same among leads of equal score, because agents call the promising ones first; observational",
        MATURED,
        Owner.SALES,
        Unit.POINTS,
    ),
    Metric(
        "wins_lost_to_delay",
        "Wins that delay cost",
        "how many more of the leads tried later would have won if tried within the limit, by their scores; "
        "observational",
        MATURED,
        Owner.SALES,
        Unit.WINS,
    ),
    Metric("spend", "Spend", "money spent on the source or campaign", DAYS, Owner.MARKETING, Unit.MONEY),
    Metric(
        "cac",
        "Cost of a customer",
        "spend divided by leads won within the horizon; leads count for the day on which they arrived",
        MATURED_DAYS,
        Owner.BOTH,
        Unit.MONEY,
    ),
    Metric(
        "expected_cac",
        "Expected cost of a customer",
        "spend divided by the sum of the probabilities stored on arrival, for leads too young to tell",
        YOUNG_DAYS,
        Owner.MARKETING,
        Unit.MONEY,
    ),
    Metric(
        "cost_per_qualified_lead",
        "Cost of a qualified lead",
        "spend divided by leads of grade A or B on arrival",
        DAYS,
        Owner.MARKETING,
        Unit.MONEY,
    ),
    Metric(
        "marginal_wins",
        "Where the next unit of budget would bring most",
        "wins, counted or expected, that the same money brought on average, by campaign; a suggestion, as more "
        "budget may reach other leads",
        DAYS,
        Owner.MARKETING,
        Unit.WINS,
    ),
    Metric(
        "attempts",
        "Attempts",
        "contacts of any kind for each lead; a lead is its first agent's",
        ARRIVED,
        Owner.SALES,
        Unit.COUNT,
    ),
    Metric(
        "reach",
        "Reach",
        "leads with a conversation, divided by all leads of the agent",
        ARRIVED,
        Owner.SALES,
        Unit.SHARE,
    ),
    Metric(
        "talk",
        "Talk time",
        "seconds in conversations for each lead that was reached",
        ARRIVED,
        Owner.SALES,
        Unit.SECONDS,
    ),
    Metric(
        "follow_up_kept",
        "Follow-up kept",
        "agreed times by which, or within the tolerance after which, a contact followed, divided by agreed "
        "times that have passed",
        ARRIVED,
        Owner.SALES,
        Unit.SHARE,
    ),
    Metric(
        "lost_reason_filled",
        "Reason for losing told",
        "lost leads with a reason, divided by lost leads",
        ARRIVED,
        Owner.SALES,
        Unit.SHARE,
    ),
    Metric(
        "won_against_expected",
        "Wins against expected",
        "leads won, divided by the wins that leads of the same scores had in the hands of all agents together",
        SCORED,
        Owner.SALES,
        Unit.RATIO,
    ),
    Metric("promised", "Wins promised", "sum of the probabilities stored on arrival", PROMISED, Owner.BOTH, Unit.WINS),
    Metric("delivered", "Wins delivered", "leads won within the horizon", PROMISED, Owner.BOTH, Unit.WINS),
    Metric(
        "delivered_for_promised",
        "Delivered for each promised",
        "wins delivered divided by wins promised; 1 where the score keeps its word",
        PROMISED,
        Owner.BOTH,
        Unit.RATIO,
    ),
    Metric(
        "lift",
        "Lift of the top tenth",
        "share won among the tenth with the highest probabilities, divided by the share won among all; ties averaged",
        PROMISED,
        Owner.BOTH,
        Unit.RATIO,
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

METRICS: Mapping[str, Metric] = MappingProxyType({metric.key: metric for metric in CONTRACT})


def metric(key: str) -> Metric:
    """The number of this key.

    Raises:
        UnknownMetric: for a key that is not in the contract.
    """
    if key not in METRICS:
        raise UnknownMetric(f"there is no metric {key!r}; the contract has {', '.join(METRICS)}")
    return METRICS[key]


def contract_table() -> str:
    """The contract as a Markdown table, for the docs."""
    rows = ["| number | how it is counted | over | owner | unit | version |", "|---|---|---|---|---|---|"]
    for number in CONTRACT:
        version = "; ".join([str(number.version), *number.changes])
        cells = (f"{number.name} (`{number.key}`)", number.formula, number.window, number.owner, number.unit, version)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"
