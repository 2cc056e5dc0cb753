"""Trainings that were started from the pages: one at a time, whichever process runs it, told to all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, select, update

from serving.store import leases
from serving.store.tables import new_id, outcomes, trainings

End = Literal["done", "refused", "failed", "stopped"]
State = Literal["running", "stopping", End, "lost"]
AT_WORK: tuple[State, ...] = ("running", "stopping")
LEASE = "training"


@dataclass(frozen=True, slots=True)
class Training:
    """One training; `asked` and `report` are plain JSON, `share` is of its time that is gone.

    `state` is `lost` where the process that ran it is gone without a word.
    """

    training_id: str
    started_at: datetime
    started_by: str
    asked: Mapping[str, Any]
    state: State
    step: str = ""
    share: float = 0.0
    ended_at: datetime | None = None
    report: Mapping[str, Any] | None = None
    message: str = ""

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK


def begin(connection: Connection, by: str, asked: Mapping[str, Any], now: datetime) -> Training | None:
    """Note a training that begins now; None while another one is at work, in whichever process."""
    begun = Training(new_id("tr"), now, by, dict(asked), "running")
    if not leases.take(connection, LEASE, begun.training_id, now):
        return None
    c = trainings.c
    lost = {"state": "lost", "ended_at": now}
    connection.execute(update(trainings).where(c.state.in_(AT_WORK)).values(lost))
    row = {name: getattr(begun, name) for name in c.keys()}  # noqa: SIM118 - a collection of columns is no mapping
    connection.execute(trainings.insert(), row)
    return begun


def renew(connection: Connection, training_id: str, step: str, share: float, now: datetime) -> bool:
    """Say that it is at work and how far it is; False where it is to stop, or another one has taken its place."""
    if not leases.take(connection, LEASE, training_id, now):
        return False
    its = (trainings.c.training_id == training_id) & (trainings.c.state == "running")
    return connection.execute(update(trainings).where(its).values(step=step, share=share)).rowcount == 1


def end(
    connection: Connection,
    training_id: str,
    state: State,
    report: Mapping[str, Any] | None,
    message: str,
    now: datetime,
) -> None:
    """Note what came of it, and let the next one begin."""
    ended = {"state": state, "report": report, "message": message, "ended_at": now}
    connection.execute(update(trainings).where(trainings.c.training_id == training_id).values(ended))
    leases.give_back(connection, LEASE, training_id)


def ask_to_stop(connection: Connection, training_id: str) -> bool:
    """Have whoever runs it stop it within seconds; False where it is not running any more."""
    its = (trainings.c.training_id == training_id) & (trainings.c.state == "running")
    return connection.execute(update(trainings).where(its).values(state="stopping")).rowcount == 1


def find_recent(connection: Connection, most: int, now: datetime) -> Sequence[Training]:
    """The newest trainings, the last one first."""
    c = trainings.c
    newest = select(trainings).order_by(c.started_at.desc(), c.training_id.desc()).limit(most)
    found = [Training(**row) for row in connection.execute(newest).mappings()]
    holder = leases.find_holder(connection, LEASE, now)
    is_lost = [training.is_at_work and training.training_id != holder for training in found]
    return [replace(one, state="lost") if lost else one for one, lost in zip(found, is_lost, strict=True)]


def count_outcomes(connection: Connection) -> Mapping[str, int]:
    """How many leads are known to be won, and how many lost: what a training may learn from."""
    c = outcomes.c
    counted = select(c.status, func.count().label("leads")).where(c.status.in_(("won", "lost"))).group_by(c.status)
    return {row.status: row.leads for row in connection.execute(counted)}
