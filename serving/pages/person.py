"""Who a lead is, as people say it: its name, company, job, phone number and e-mail address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.schema import PERSON_ROLES, LeadSchema
from features.values import Kind, is_missing

NAMES = ("name", "fullname", "contactname", "leadname")
HALF_NAMES = ("firstname", "lastname")
COMPANIES = ("company", "companyname", "organisation", "organization", "accountname")
JOBS = ("jobtitle", "job", "position")
"""What fields are called, letters alone, where scoring.toml names no role."""
USUAL_COLUMNS = ("name", "full_name", "first_name", "last_name", "company", "company_name", "phone", "email")
KINDS = {"phone": Kind.PHONE, "email": Kind.EMAIL}
LONGEST = 120

_NOT_LETTERS = re.compile(r"[\W_\d]")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of who a lead is; empty where it is not."""

    lead_id: str
    name: str = ""
    company: str = ""
    job: str = ""
    phone: str = ""
    email: str = ""

    @property
    def title(self) -> str:
        """What to call the lead: its name; else its company; else its id."""
        return self.name or self.company or self.lead_id

    @property
    def about(self) -> str:
        """Job and company, as far as they do not stand in the title."""
        parts = (self.job, self.company if self.name else "")
        return ", ".join(part for part in parts if part)

    @property
    def is_known(self) -> bool:
        """Whether the title is more than the id."""
        return self.title != self.lead_id

    @property
    def full_title(self) -> str:
        """The title, with the id where that is another."""
        return f"{self.title} ({self.lead_id})" if self.is_known else self.lead_id


def person_of(lead_id: str, fields: Mapping[str, Any], schema: LeadSchema | None) -> Person:
    """Who a lead is: by the roles of scoring.toml, else by what its fields are called or hold."""
    columns = schema.person_columns if schema else {}
    by_letters = {_NOT_LETTERS.sub("", key.casefold()): key for key in fields}
    first, last = (_text(fields.get(by_letters.get(half, ""))) for half in HALF_NAMES)
    guessed = {
        "name": _first(fields, by_letters, NAMES) or f"{first} {last}".strip(),
        "company": _first(fields, by_letters, COMPANIES),
        "job": _first(fields, by_letters, JOBS),
        **{role: _of_kind(fields, kind, schema) for role, kind in KINDS.items()},
    }
    told = {role: _text(fields.get(columns[role])) if role in columns else guessed[role] for role in PERSON_ROLES}
    return Person(lead_id, **told)


def searched_columns(schema: LeadSchema | None) -> tuple[str, ...]:
    """The fields in which people look for a lead: those of its roles; else what may be called so."""
    columns = tuple(schema.person_columns.values()) if schema else ()
    if columns:
        return columns
    of_kind = (field.name for field in schema.fields if field.kind in KINDS.values()) if schema else ()
    return (*USUAL_COLUMNS, *of_kind)


def _first(fields: Mapping[str, Any], by_letters: Mapping[str, str], called: tuple[str, ...]) -> str:
    texts = (_text(fields[by_letters[name]]) for name in called if name in by_letters)
    return next((text for text in texts if text), "")


def _of_kind(fields: Mapping[str, Any], kind: Kind, schema: LeadSchema | None) -> str:
    named = (field.name for field in schema.fields if field.kind is kind) if schema else ()
    texts = (_text(fields.get(name)) for name in named)
    return next((text for text in texts if text), "")


def _text(raw: object) -> str:
    if is_missing(raw) or not isinstance(raw, str | int):
        return ""
    return " ".join(str(raw).split())[:LONGEST]
