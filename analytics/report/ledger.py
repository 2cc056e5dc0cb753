"""What the scores promised and the leads delivered, for the report."""

from dataclasses import dataclass, field

from analytics.leads_as_of import Facts
from analytics.leads_as_of.groups import Period
from analytics.ledger import Alarm, Bin, Entry, cohort, leads_to_notice, ledger
from stats.estimates import Estimate
from stats.ranking import estimate_lift


@dataclass(frozen=True)
class LedgerBy:
    """Promised against delivered by group."""

    by: tuple[str, ...]
    rows: tuple[Entry, ...]


@dataclass(frozen=True)
class LedgerSection:
    """Promised against delivered for the later period's matured leads; `curve` is the calibration plot.

    `tables` are by source, grade, model version and agent. Left out are `unscored` leads without a promise in time
    and `not_worked` ones; `log_note` says what a reader must know where not all calls are logged. `needed` is how many
    leads the alarm needs to notice promises that are a fifth too high.
    """

    whole: Entry
    tables: tuple[LedgerBy, ...]
    alarms: tuple[Alarm, ...]
    curve: tuple[Bin, ...]
    lift: Estimate = field(metadata={"metric": "lift"})
    unscored: int
    not_worked: int
    needed: int | None
    log_note: str = ""


def ledger_section(facts: Facts, period: Period) -> LedgerSection:
    """Promised against delivered by the period's matured leads."""
    found = ledger(facts, period)
    rate = found.whole.delivered / found.whole.n if found.whole.n else 0.0
    return LedgerSection(
        whole=found.whole,
        tables=tuple(LedgerBy(by, rows) for by, rows in found.groups.items()),
        alarms=found.alarms,
        curve=found.curve,
        lift=_lift(facts, period),
        unscored=found.unscored,
        not_worked=found.not_worked,
        needed=leads_to_notice(rate) if 0 < rate < 0.8 else None,
        log_note=(facts.contact_log.note or "") if facts.contact_log else "",
    )


def _lift(facts: Facts, period: Period) -> Estimate:
    """Of the leads that the ledger counts."""
    here = cohort(facts, period)
    if not here.any():
        return Estimate.unknown("no matured lead was promised anything")
    return estimate_lift(facts.leads["probability"].to_numpy()[here], facts.leads["won"].to_numpy()[here])
