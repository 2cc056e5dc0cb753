"""The schema of a company's leads: its fields, their kinds, and the columns that play a role.

JSON and tables are parsed by the same functions.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

from features.errors import FieldProblem, LeadRefused
from features.lead import Lead, Value
from features.values import (
    ACCEPTED,
    FieldParser,
    Kind,
    Known,
    ValueRefused,
    is_missing,
    lacks_zone,
    parser,
    plain_reader,
    same_text,
)

ROLE_KINDS = {"created_at": Kind.DATETIME, "source": Kind.CATEGORY, "campaign": Kind.CATEGORY}
ROLES = tuple(ROLE_KINDS)
PERSON_ROLES = ("name", "company", "job", "phone", "email")
"""Columns that tell people who a lead is. A role never makes a feature of its column."""


@dataclass(frozen=True, slots=True)
class Field:
    """A raw attribute of a lead; values in `missing` are placeholders for nothing.

    `decimal` and `date_format` are those of the table where they are None.
    """

    name: str
    kind: Kind
    known: Known = Known.ARRIVAL
    missing: tuple[str, ...] = ()
    decimal: str | None = None
    date_format: str | None = None


class _Use(NamedTuple):
    """What a name in a lead's fields is for: a role, a field that is known later, or a field and what parses it."""

    role: str | None = None
    is_later: bool = False
    field: Field | None = None
    parse: Callable[[object], Value] | None = None


UNKNOWN = _Use()


@dataclass(frozen=True)
class LeadSchema:
    """The fields of a company's leads, in order, and which columns play a role.

    `id`, `created_at`, `source`, `campaign` and `value` name columns of the leads table. In a `Lead` the
    roles travel under their role's name; a field that is also a role is found there, and is of the role's kind.
    `PERSON_ROLES` name columns for people to read, which a `Lead` holds only where they are fields too.
    """

    fields: tuple[Field, ...]
    id: str | None = None
    created_at: str | None = None
    source: str | None = None
    campaign: str | None = None
    value: str | None = None
    decimal: str = "."
    date_format: str | None = None
    name: str | None = None
    company: str | None = None
    job: str | None = None
    phone: str | None = None
    email: str | None = None

    @cached_property
    def arrival_fields(self) -> tuple[Field, ...]:
        """The fields that may feed a score."""
        return tuple(field for field in self.fields if field.known is Known.ARRIVAL)

    @cached_property
    def role_of(self) -> dict[str, str]:
        """Which role a column plays, by the column's name."""
        named = ((getattr(self, role), role) for role in ROLES)
        return {column: role for column, role in named if column}

    @cached_property
    def person_columns(self) -> dict[str, str]:
        """The columns that tell people who a lead is, by role."""
        named = ((role, getattr(self, role)) for role in PERSON_ROLES)
        return {role: column for role, column in named if column}

    @cached_property
    def _shown_only(self) -> frozenset[str]:
        """Columns that people read and no score does."""
        fields = {field.name for field in self.fields}
        return frozenset(self.person_columns.values()) - fields - self.role_of.keys()

    @cached_property
    def fingerprint(self) -> str:
        """A hash that changes when a name, kind, role or what counts as missing does."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()[:16]

    def accepted(self, kind: Kind, field: Field | None = None) -> str:
        """What a value of this kind may be, as error messages say it; of a field, as that field is written."""
        date_format = (field and field.date_format) or self.date_format
        if kind is Kind.DATETIME and date_format:
            return f"a time written as {date_format}, or {ACCEPTED[kind]}"
        if kind is Kind.NUMERIC and ((field and field.decimal) or self.decimal) == ",":
            return f"{ACCEPTED[kind]}, with a decimal comma"
        return ACCEPTED[kind]

    def parser_of(self, field: Field) -> FieldParser:
        """What parses the raw values of a field; what is missing becomes None.

        Placeholders are compared once parsed, so that 999 stands for 999.0 too; those that are not of the
        field's kind are compared as text.
        """
        decimal, date_format = field.decimal or self.decimal, field.date_format or self.date_format
        parse = parser(field.kind, decimal, date_format)
        placeholders: list[Value] = []
        words = set()
        for placeholder in field.missing:
            try:
                placeholders.append(parse(placeholder))
            except ValueRefused:
                words.add(same_text(placeholder))
        parsed = set(map(same_text, placeholders))

        def parse_or_none(raw: object) -> Value:
            if is_missing(raw) or (words and same_text(raw) in words):
                return None
            value = parse(raw)
            return None if parsed and same_text(value) in parsed else value

        return FieldParser(parse_or_none, plain_reader(field.kind, decimal, date_format, placeholders))

    @cached_property
    def role_parsers(self) -> dict[str, FieldParser]:
        """`parser_of` each role; a role that is also a field shares its placeholders."""
        return {role: self.parser_of(field) for role, field in self._role_fields.items()}

    @cached_property
    def _role_fields(self) -> dict[str, Field]:
        return {role: self.role_field(role) for role in ROLES}

    def role_field(self, role: str) -> Field:
        """How a role's column is read: as the field that it also is, where it is one."""
        column = getattr(self, role)
        also = next((field for field in self.fields if field.name == column), Field(role, ROLE_KINDS[role]))
        return replace(also, kind=ROLE_KINDS[role])

    @cached_property
    def _uses(self) -> dict[str, _Use]:
        """What each name that the schema has is for; a field that is also a role is parsed as that role."""
        fields = (field for field in self.fields if field.name not in self.role_of)
        uses = {
            field.name: _Use(is_later=True)
            if field.known is Known.LATER
            else _Use(field=field, parse=self.parser_of(field).parse_one)
            for field in fields
        }
        return uses | {column: _Use(role) for column, role in self.role_of.items()}

    def parse(
        self,
        lead_id: str,
        fields: Mapping[str, object],
        *,
        created_at: object = None,
        source: object = None,
        campaign: object = None,
    ) -> Lead:
        """One lead, parsed from the values as they were sent.

        Roles may also come under the company's own column name inside `fields`. A field that is known later
        is left out and named in `later`. A field that the schema does not have is kept and named in `unknown`.
        A time without a zone is taken as UTC and named in `zoneless`.

        Raises:
            LeadRefused: with every value that is not of its field's kind.
        """
        roles = {"created_at": created_at, "source": source, "campaign": campaign}
        places: dict[str, tuple[str, ...]] = {role: (role,) for role in ROLES}
        problems: list[FieldProblem] = []
        parsed: dict[str, Value] = {}
        unknown: list[str] = []
        later: list[str] = []
        for name, raw in fields.items():
            role, is_later, field, parse = self._uses.get(name, UNKNOWN)
            if parse is not None and field is not None:
                try:
                    parsed[name] = parse(raw)
                except ValueRefused:
                    problems.append(self._problem(("fields", name), field))
            elif role:
                if is_missing(roles[role]):
                    roles[role], places[role] = raw, ("fields", name)
            elif name in self._shown_only:
                continue
            elif not is_later:
                unknown.append(name)
                parsed[name] = _plain_value(raw)
            elif not is_missing(raw):
                later.append(name)
        found = self._parse_roles(roles, places, problems)
        if problems:
            raise LeadRefused(problems)
        zoneless = self._find_zoneless(fields, roles["created_at"], parsed, found)
        return Lead(lead_id, **found, fields=parsed, unknown=tuple(unknown), later=tuple(later), zoneless=zoneless)

    def _parse_roles(
        self, roles: Mapping[str, object], places: Mapping[str, tuple[str, ...]], problems: list[FieldProblem]
    ) -> dict[str, Any]:
        """The values of the roles; what is wrong with them joins the problems."""
        found: dict[str, Any] = {}
        for role, raw in roles.items():
            try:
                found[role] = None if raw is None else self.role_parsers[role].parse_one(raw)
            except ValueRefused:
                problems.append(self._problem(places[role], self._role_fields[role]))
        return found

    def _find_zoneless(
        self, fields: Mapping[str, object], created_at: object, parsed: Mapping[str, Value], roles: Mapping[str, Value]
    ) -> tuple[str, ...]:
        """The names of the times that came without a zone; `roles` are parsed, `created_at` is as it was sent."""
        found = []
        for name, form in self._time_formats.items():
            value = roles[name] if name in roles else parsed.get(name)
            if value is None:
                continue
            raw = created_at if name == "created_at" else fields[name]
            is_zoned = form is None and isinstance(raw, str) and raw[-1:] == "Z"  # nearly all, told at a glance
            if not is_zoned and lacks_zone(raw, form):
                found.append(name)
        return tuple(found)

    @cached_property
    def _time_formats(self) -> dict[str, str | None]:
        """How the arrival time is written, and each field that holds times and is known then; None for ISO 8601."""
        also = (field for field in self.arrival_fields if field.name not in self.role_of)
        times = {"created_at": self._role_fields["created_at"], **{field.name: field for field in also}}
        return {
            name: field.date_format or self.date_format for name, field in times.items() if field.kind is Kind.DATETIME
        }

    def _problem(self, path: tuple[str | int, ...], field: Field) -> FieldProblem:
        return FieldProblem(path, f"expected {self.accepted(field.kind, field)}")

    def arrival_values(self, lead: Lead) -> list[Value]:
        """What a lead holds in each arrival field, in their order."""
        fields = lead.fields
        return [getattr(lead, role) if role else fields.get(name) for name, role in self._arrival_places]

    @cached_property
    def _arrival_places(self) -> tuple[tuple[str, str | None], ...]:
        """The name of each arrival field, and the role that it plays."""
        return tuple((field.name, self.role_of.get(field.name)) for field in self.arrival_fields)

    def value_of(self, lead: Lead, field: Field) -> Value:
        """What a lead holds in a field, whether or not the field plays a role."""
        role = self.role_of.get(field.name)
        return getattr(lead, role) if role else lead.fields.get(field.name)

    def to_json(self) -> dict[str, Any]:
        """Plain data that `from_json` reads back; a field says how it is written only where it differs.

        A role of a person stands only where it is named, so that the fingerprints of older models stay as they are.
        """
        state = asdict(self)
        for role in set(PERSON_ROLES) - self.person_columns.keys():
            del state[role]
        state["fields"] = [{key: value for key, value in one.items() if value is not None} for one in state["fields"]]
        return state

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        fields = tuple(
            Field(**{**f, "kind": Kind(f["kind"]), "known": Known(f["known"]), "missing": tuple(f["missing"])})
            for f in state["fields"]
        )
        return cls(**{**state, "fields": fields})


def _plain_value(raw: object) -> Value:
    if is_missing(raw):
        return None
    return raw if isinstance(raw, str | float | int) else str(raw)
