"""The contract's numbers about what is done with leads: response and conversations."""

from analytics.metrics.metric import Metric, Owner, Unit

MATURED = "leads that arrived in the period and are older than the horizon"
ARRIVED = "leads that arrived in the period"
SCORED = "scored leads that arrived in the period, are older than the horizon, and have an agent"

WORK: tuple[Metric, ...] = (
    Metric(
        "first_attempt",
        "Time to first call",
        "working time from arrival to the first contact of any kind, within which half, and nine in ten, of the "
        "leads are called; leads that still wait count as waiting",
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
        "Called in time",
        "leads first called within the working time that is due for their grade, divided by the leads whose time "
        "has passed; a lead that won without a call needed none",
        ARRIVED,
        Owner.SALES,
        Unit.SHARE,
    ),
    Metric(
        "raw_speed_effect",
        "Winning and speed, as it looks",
        "conversion of leads called within the limit less that of leads called later; observational",
        MATURED,
        Owner.SALES,
        Unit.POINTS,
    ),
    Metric(
        "speed_effect",
        "Winning and speed, like with like",
        "the same among leads of equal score and, where fields are stored, of like fields, because agents call the "
        "promising ones first; observational",
        MATURED,
        Owner.SALES,
        Unit.POINTS,
        ("version 2: leads are compared by their fields as well",),
    ),
    Metric(
        "wins_lost_to_delay",
        "Wins that delay cost",
        "how many more of the leads called later would have won if called within the limit; known only where the "
        "difference counts as speed, and corrected for being told only then; observational",
        MATURED,
        Owner.SALES,
        Unit.WINS,
        ("version 2: unknown where the difference does not count as speed; the luck of those that count is taken out",),
    ),
    Metric(
        "attempts",
        "Calls per lead",
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
        "Loss reason given",
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
)
