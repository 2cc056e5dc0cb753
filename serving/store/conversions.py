"""What ad platforms are told: leads read for an export, statements reserved before they leave, and what became of them.

A statement is reserved in one transaction, under a key that there is once, and leaves only then: an export that was
cut off says the same again, under the same id, and two at once never say different things.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, or_, select, update
from sqlalchemy.exc import IntegrityError

from analytics.report.sent import SentToPlatform
from connectors.ads.http_channel import Answer
from connectors.ads.lead import AdLead, Kind, KnownOutcome, State, Stated, Statement
from serving.store.calibration_cohort import (
    ARRIVED,
    CohortWindow,
    cohort,
    join_scores_and_outcomes,
    read_contact_log,
)
from serving.store.tables import conversions, exports, leads, new_id, outcomes, scores

LEASE = timedelta(minutes=5)
"""How long an export may be silent before another may begin: longer than one attempt with its wait."""
Earlier = dict[tuple[str, str], list[Stated]]


class AlreadyReserved(Exception):
    """Another export has reserved the same statement."""


@dataclass(frozen=True, slots=True)
class Export:
    """One run for one platform: `way` is file, feed or send."""

    export_id: str
    ledger: str
    platform: str
    way: str
    currency: str


def read_leads(
    connection: Connection, ledger: str, since: datetime, first: datetime | None, end: datetime | None
) -> list[AdLead]:
    """The leads that arrived from `since` on, and those that the ledger knows; both from `first` to before `end`."""
    told = select(conversions.c.lead_id).where(conversions.c.ledger == ledger, conversions.c.lead_id.is_not(None))
    columns = (
        leads.c.lead_id, ARRIVED.label("arrived"), leads.c.source, leads.c.campaign, leads.c.value, leads.c.fields,
        scores.c.probability, scores.c.grade, scores.c.scored_at, outcomes.c.status, outcomes.c.at,
        outcomes.c.value.label("brought"), outcomes.c.reported_at,
    )  # fmt: skip
    question = select(*columns).select_from(join_scores_and_outcomes(None))
    question = question.where(or_(since <= ARRIVED, leads.c.lead_id.in_(told)))
    if first is not None:
        question = question.where(first <= ARRIVED)
    if end is not None:
        question = question.where(end > ARRIVED)
    found: dict[str, AdLead] = {}
    for row in connection.execute(question):
        found.setdefault(row.lead_id, _lead_of(row))
    return list(found.values())


def _lead_of(row: Any) -> AdLead:
    known = None if row.status is None else KnownOutcome(row.status, row.at, row.brought, row.reported_at)
    roles = (row.lead_id, row.arrived, row.source, row.campaign, row.value, row.fields or {})
    return AdLead(*roles, row.probability, row.grade, row.scored_at, known)


def read_earlier(connection: Connection, ledger: str) -> Earlier:
    """What was stated to a ledger, by lead and stage, in order; of leads that were erased nothing."""
    c = conversions.c
    question = (
        select(conversions).where(c.ledger == ledger, c.lead_id.is_not(None)).order_by(c.lead_id, c.stage, c.number)
    )
    earlier: Earlier = {}
    for row in connection.execute(question):
        stated = Stated(
            row.conversion_id, row.platform, row.stage, row.number, Kind(row.kind), row.value, row.happened_at,
            row.stated_at, row.state,
        )  # fmt: skip
        earlier.setdefault((row.lead_id, row.stage), []).append(stated)
    return earlier


def read_cohort_frame(connection: Connection, now: datetime) -> pd.DataFrame:
    """The leads that matured lately, with `source`, `probability` and `won`: by the horizon of the newest score."""
    horizon = connection.scalar(select(scores.c.horizon_days).order_by(scores.c.score_id.desc()).limit(1))
    if horizon is None:
        return pd.DataFrame({"source": [], "probability": [], "won": []})
    window = CohortWindow.lately(horizon, now)
    rows = connection.execute(cohort(window, read_contact_log(connection, window.as_of, horizon))).all()
    return pd.DataFrame(
        {
            "source": [row.source for row in rows],
            "probability": [row.probability for row in rows],
            "won": [bool(row.won) for row in rows],
        }
    )


def find_busy(connection: Connection, ledger: str, now: datetime) -> datetime | None:
    """When the export that is under way for a ledger began; None where none is."""
    c = exports.c
    under_way = and_(c.ledger == ledger, c.finished_at.is_(None), c.busy_until > now)
    return connection.scalar(select(c.started_at).where(under_way).limit(1))


def begin(
    connection: Connection,
    export: Export,
    now: datetime,
    held: Sequence[Mapping[str, Any]],
    forced: bool,
    left_out: Mapping[str, int],
) -> None:
    """Note that an export begins, what it holds back, and whether that was overruled."""
    row = {
        "export_id": export.export_id,
        "ledger": export.ledger,
        "platform": export.platform,
        "way": export.way,
        "started_at": now,
        "busy_until": now + LEASE,
        "finished_at": None,
        "held": list(held),
        "forced": forced,
        "left_out": dict(left_out),
    }
    connection.execute(exports.insert(), row)


def reserve(connection: Connection, export: Export, statements: Sequence[Statement], now: datetime) -> list[str]:
    """Keep what is about to be said, and return the rows' ids in order; of what is said again the old ones.

    Raises:
        AlreadyReserved: where another export reserved the same meanwhile.
    """
    ids = [one.kept or new_id("cv") for one in statements]
    rows = [_row_of(export, one, row_id) for one, row_id in zip(statements, ids, strict=True) if one.kept is None]
    try:
        if rows:
            connection.execute(conversions.insert(), rows)
    except IntegrityError as error:
        raise AlreadyReserved from error
    kept = [one.kept for one in statements if one.kept is not None]
    for start in range(0, len(kept), 500):
        again = update(conversions).where(conversions.c.conversion_id.in_(kept[start : start + 500]))
        connection.execute(again.values(state="pending", settled_at=now))
    return ids


def _row_of(export: Export, one: Statement, row_id: str) -> dict[str, Any]:
    return {
        "conversion_id": row_id,
        "export_id": export.export_id,
        "ledger": export.ledger,
        "platform": export.platform,
        "lead_id": one.lead.lead_id,
        "stage": one.stage,
        "number": one.number,
        "kind": one.kind.value,
        "value": one.value,
        "currency": export.currency,
        "probability": one.lead.probability,
        "happened_at": one.happened_at,
        "stated_at": one.stated_at,
        "state": "pending",
        "settled_at": None,
        "request_id": None,
        "trouble": None,
    }


def settle(
    connection: Connection, export: Export, ids: Sequence[str], answers: Sequence[Answer], now: datetime
) -> None:
    """Note what became of statements, and that the export goes on."""
    for row_id, answer in zip(ids, answers, strict=True):
        values = {"state": answer.state, "request_id": answer.request_id or None, "trouble": answer.trouble or None}
        change = update(conversions).where(conversions.c.conversion_id == row_id)
        connection.execute(change.values(**values, settled_at=now))
    extend(connection, export, now)


def extend(connection: Connection, export: Export, now: datetime) -> None:
    """Say that the export is still under way."""
    this = update(exports).where(exports.c.export_id == export.export_id)
    connection.execute(this.values(busy_until=now + LEASE))


def finish(connection: Connection, export: Export, now: datetime) -> None:
    """Say that the export is over."""
    connection.execute(update(exports).where(exports.c.export_id == export.export_id).values(finished_at=now))


def expire(connection: Connection, row_ids: Sequence[str], now: datetime) -> None:
    """Give up statements that were never sent and are too late now."""
    for row_id in row_ids:
        this = update(conversions).where(conversions.c.conversion_id == row_id)
        connection.execute(this.values(state="expired", settled_at=now))


def confirm(connection: Connection, platform: str, now: datetime) -> int:
    """Take the platform to have accepted what files and feeds of it said; how many statements these are."""
    these = and_(conversions.c.platform == platform, conversions.c.state == "written")
    return connection.execute(update(conversions).where(these).values(state="confirmed", settled_at=now)).rowcount


def find_requests(connection: Connection, platform: str) -> list[str]:
    """The platform's ids of requests of which it has not said yet what became of them."""
    c = conversions.c
    open_ = and_(c.platform == platform, c.state == "sent", c.request_id.is_not(None))
    return list(connection.scalars(select(c.request_id).where(open_).distinct().order_by(c.request_id)))


def settle_request(connection: Connection, platform: str, answer: Answer, now: datetime) -> None:
    """Note what the platform says of a request's statements."""
    c = conversions.c
    these = and_(c.platform == platform, c.request_id == answer.request_id, c.state == "sent")
    values = {"state": answer.state, "trouble": answer.trouble or None, "settled_at": now}
    connection.execute(update(conversions).where(these).values(**values))


def read_sent(connection: Connection, since: datetime, until: datetime) -> tuple[SentToPlatform, ...]:
    """What platforms were told of conversions that left from `since` on and before `until`, the largest first."""
    c = conversions.c
    out = (c.state.in_(("written", "sent", "confirmed")), c.settled_at >= since, c.settled_at < until)
    won = and_(outcomes.c.lead_id == c.lead_id, outcomes.c.stands, outcomes.c.status == "won")
    columns = (c.platform, c.ledger, c.lead_id, c.stage, c.number, c.value, c.probability, outcomes.c.status)
    question = select(*columns).select_from(conversions.outerjoin(outcomes, won)).where(*out).order_by(c.number)
    frame = pd.DataFrame(connection.execute(question).mappings().all())
    if frame.empty:
        return ()
    told = [_sum_up(str(name), rows) for name, rows in frame.groupby("ledger")]
    return tuple(sorted(told, key=lambda row: (-row.conversions, row.platform)))


def _sum_up(name: str, rows: pd.DataFrame) -> SentToPlatform:
    """One platform's statements: of each lead's stage the last value counts now, of each lead one promise."""
    first = rows[rows["number"] == 0]
    nameless = rows[rows["lead_id"].isna()]
    known = rows[rows["lead_id"].notna()]
    last = known.groupby(["lead_id", "stage"])["value"].last()
    people = known.drop_duplicates("lead_id")
    return SentToPlatform(
        platform=name,
        conversions=len(first),
        leads=len(people),
        value=float(first["value"].sum()),
        changes=len(rows) - len(first),
        value_now=float(last.sum() + nameless["value"].sum()),
        promised=float(people["probability"].sum()),
        won=int((people["status"] == "won").sum()),
    )


def count_states(connection: Connection, ids: Sequence[str]) -> dict[State, int]:
    """How many of these statements are in which state."""
    counts: dict[State, int] = {}
    for start in range(0, len(ids), 500):
        these = select(conversions.c.state).where(conversions.c.conversion_id.in_(ids[start : start + 500]))
        for state in connection.scalars(these):
            counts[state] = counts.get(state, 0) + 1
    return counts
