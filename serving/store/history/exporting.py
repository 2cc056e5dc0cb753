"""The store's tables out as CSV for training, all as of one moment, written beside their places and then moved in.

Cells are guarded against spreadsheets that would run them; `features` reads them as they were. Whoever was erased is
in none of the tables.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from features.tables.csv_layout import holds_rows
from features.tables.formula_guard import guarded
from features.tables.import_tables import Tell
from features.values import text_of
from features.whole_files import replace_file
from serving.store import tables
from serving.store.calibration_cohort import ARRIVED
from serving.store.ids import load_erased

FETCHED = 5_000
"""Rows that are held at once."""

ROLES = ("created_at", "source", "campaign", "value")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How leads.csv is to be written for the company's own scoring.toml: the names of its roles' columns.

    `decimals` are the marks of columns that have another than the table.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    decimal: str = "."
    decimals: Mapping[str, str] = field(default_factory=dict)


PLAIN = Spelling()
"""Under the names of the tables' contract, with decimal points."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written; `sha256` is of its bytes."""

    file: Path
    rows: int
    sha256: str


def export_tables(connection: Connection, folder: Path, tell: Tell, spelling: Spelling = PLAIN) -> list[Exported]:
    """Write leads, contacts, outcomes, spend, claims, scores and arrivals into a folder, made if it is not there.

    leads.csv has every field that any lead has, in the order in which they first came; arrivals.csv has the same leads
    as they were when they arrived, as far as they were scored then.
    """
    if connection.dialect.name == "postgresql":  # where each statement would see its own state
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    export = _Export(connection, tell, spelling)
    with ExitStack() as drafts:
        written = []
        for name, question in _questions().items():
            place = folder / f"{name}.csv"
            written.append(export.write(place, drafts.enter_context(replace_file(place)), question))
    return written


def _questions() -> dict[str, Select[Any]]:
    """What each file holds; where there is a lead, its id comes first."""
    lead, contact, said = tables.leads.c, tables.contacts.c, tables.outcomes.c
    spent, claim, score = tables.spend.c, tables.claims.c, tables.scores.c
    attempt = (contact.agent, contact.channel, contact.direction, contact.connected, contact.duration_s)
    change = (score.before, score.model_part, score.lead_part)
    promise = (score.model_version, score.horizon_days, score.probability, score.grade)
    return {
        "leads": select(
            lead.lead_id, ARRIVED.label("created_at"), lead.source, lead.campaign, lead.value, lead.fields
        ).order_by(lead.received_at, lead.lead_id),
        "contacts": select(contact.lead_id, contact.started_at, *attempt, contact.again_at).order_by(
            contact.started_at, contact.contact_id
        ),
        "outcomes": select(said.lead_id, said.at, said.status, said.value, said.reason, said.reported_at)
        .where(said.stands, said.status.in_(("won", "lost")))
        .order_by(said.reported_at, said.lead_id),
        "spend": select(spent.date, spent.source, spent.campaign, spent.amount).order_by(
            spent.date, spent.source, spent.campaign
        ),
        "claims": select(
            claim.lead_id, claim.agent, claim.claimed_at, claim.until, claim.at_random, claim.ended_at, claim.ended_by
        ).order_by(claim.claimed_at, claim.claim_id),
        "scores": select(score.lead_id, score.scored_at, *promise, *change)
        .where(score.lead_id.is_not(None))
        .order_by(score.scored_at, score.score_id),
        "arrivals": _arrivals(),
    }


def _arrivals() -> Select[Any]:
    """What the first score of each lead saw, where it was given the moment that the lead arrived."""
    lead, score = tables.leads.c, tables.scores.c
    on_arrival = (score.lead_id == lead.lead_id) & (score.scored_at == lead.received_at)
    first = select(func.min(score.score_id)).join(tables.leads, on_arrival).group_by(score.lead_id)
    roles = (score.saw[role].as_string().label(role) for role in ("source", "campaign"))
    received = score.scored_at.label("received_at")
    seen = select(score.lead_id, received, *roles, score.saw["fields"].label("fields"))
    return seen.where(score.score_id.in_(first)).order_by(score.score_id)


class _Export:
    """Writes file by file from one transaction."""

    def __init__(self, connection: Connection, tell: Tell, spelling: Spelling) -> None:
        self._connection, self._tell, self._spelling = connection, tell, spelling
        self._is_erased = load_erased(connection)

    def write(self, place: Path, draft: Path, question: Select[Any]) -> Exported:
        """One table into the draft of the file in its place."""
        name = place.stem
        header: list[str] = list(question.selected_columns.keys())
        rows, marks = self._rows(f"writing {name}.csv", question), ["."] * len(header)
        if header[-1] == "fields":
            roles = [self._spelling.columns.get(role, role) for role in header[:-1]] if name == "leads" else header[:-1]
            header, rows = self._with_fields(name, roles, question)
            marks = [self._spelling.decimals.get(column, self._spelling.decimal) for column in header]
        with draft.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(map(guarded, header))
            written = 0
            for row in rows:
                writer.writerow([_cell(value, len(header), mark) for value, mark in zip(row, marks, strict=True)])
                written += 1
        with draft.open("rb") as file:
            return Exported(place, written, hashlib.file_digest(file, "sha256").hexdigest())

    def _rows(self, what: str, question: Select[Any]) -> Iterator[Sequence[Any]]:
        """Rows as they come, without those of people who were erased."""
        total = self._connection.scalar(select(func.count()).select_from(question.order_by(None).subquery())) or 1
        with self._connection.execute(question.execution_options(yield_per=FETCHED)) as streamed:
            names_leads = "lead_id" in streamed.keys()  # noqa: SIM118 - a result is no mapping
            for number, part in enumerate(streamed.partitions()):
                self._tell(what, number * FETCHED / total)
                yield from (row for row in part if not (names_leads and self._is_erased(row[0])))

    def _with_fields(
        self, name: str, roles: list[str], question: Select[Any]
    ) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Leads, a column for each of their fields; a field named as a role fills in where the role is empty."""
        spellings: dict[str, list[str]] = {role: [] for role in roles}
        seen: set[str] = set()
        lead_id, *_, held = question.selected_columns
        for _, fields in self._rows("looking at the fields", question.with_only_columns(lead_id, held)):
            if not fields.keys() <= seen:
                for spelling in [spelling for spelling in fields if spelling not in seen]:
                    spellings.setdefault(spelling.strip(), []).append(spelling)
                seen.update(fields)
        spellings.pop("", None)
        own, others = [spellings[role] for role in roles], [*spellings.values()][len(roles) :]

        def filled() -> Iterator[Sequence[Any]]:
            for *values, fields in self._rows(f"writing {name}.csv", question):
                known = [
                    _first_value(fields, names) if value is None else value
                    for value, names in zip(values, own, strict=True)
                ]
                yield [*known, *(_first_value(fields, names) for names in others)]

        return [*spellings], filled()


def _first_value(fields: Mapping[str, object], names: Sequence[str]) -> object:
    """The field's value, under the first of its names that has one."""
    for name in names:
        if (value := fields.get(name)) is not None:
            return value
    return None


def _cell(value: object, width: int, decimal: str) -> str:
    """A value as `features` reads it back; `decimal` is the mark of numbers, not of text that holds one."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        return text_of(value).replace(".", decimal)
    if "\n" in value and holds_rows(value, ",", width):  # or whoever reads it would suspect a missing quote
        value = text_of(value)
    return guarded(value)
