"""`ScoringConfig`: scoring.toml, the one file a data scientist edits, read and checked."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from features import schema
from features.errors import Refused
from features.parsing.times import check_date_format
from features.values import Kind, Known, outcome_key, text_of

Order = Literal["created_at", "file", "none"]

_PROBLEM_TEXTS = {
    "missing": "is required",
    "extra_forbidden": "there is no such key",
    "tuple_type": 'expected a list such as ["yes"]',
    "model_type": "expected a table",
}
"""The messages for pydantic's types of error."""


class ConfigRefused(Refused):
    """scoring.toml is missing or wrong; the message names every key at fault."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


DateFormat = Annotated[str, AfterValidator(check_date_format)]
Decimal = Literal[".", ","]


class LeadsSection(_Section):
    """Where the leads are and which columns play a role."""

    table: str
    query: str | None = None
    id: str | None = None
    created_at: str | None = None
    order: Order | None = None
    source: str | None = None
    campaign: str | None = None
    value: str | None = None
    name: str | None = None
    company: str | None = None
    job: str | None = None
    phone: str | None = None
    email: str | None = None
    decimal: Decimal = "."
    date_format: DateFormat | None = None

    @model_validator(mode="after")
    def _order_needs_its_column(self) -> Self:
        if self.order == "created_at" and not self.created_at:
            raise ValueError('order = "created_at" needs created_at; accepted without it: "file", "none"')
        return self

    @model_validator(mode="after")
    def _one_role_a_column(self) -> Self:
        roles = ("id", "created_at", "source", "campaign", "value", *schema.PERSON_ROLES)
        columns = [column for role in roles if (column := getattr(self, role))]
        if twice := sorted({column for column in columns if columns.count(column) > 1}):
            raise ValueError(f"a column plays one role; these play several: {', '.join(map(repr, twice))}")
        return self

    @property
    def resolved_order(self) -> Order:
        """What orders the leads in time: `order`, or the arrival time where there is one."""
        return self.order or ("created_at" if self.created_at else "none")


class OutcomeSection(_Section):
    """Where it says what became of a lead, and which values mean what."""

    column: str
    won: tuple[str, ...] = Field(min_length=1)
    lost: tuple[str, ...] = ()
    not_worked: tuple[str, ...] = ()
    not_a_lead: tuple[str, ...] = ()
    at: str | None = None
    lost_at: str | None = None
    date_format: DateFormat | None = None
    table: str | None = None
    id: str | None = None
    horizon_days: int = Field(default=90, gt=0, le=3650)

    @field_validator("won", "lost", "not_worked", "not_a_lead", mode="before")
    @classmethod
    def _values_as_text(cls, values: object) -> object:
        if isinstance(values, list):
            return tuple(outcome_key(value) for value in values)
        return values

    @model_validator(mode="after")
    def _what_needs_another(self) -> Self:
        if self.lost_at and not self.at:
            raise ValueError("lost_at is for lost leads that have no date in at: name at too")
        if self.table and not self.id:
            raise ValueError("an outcome table of its own needs id: the column that names the lead")
        return self

    @model_validator(mode="after")
    def _one_meaning_a_value(self) -> Self:
        no_leads = set(self.not_a_lead)  # may stand under lost too, where `leads init` wrote them
        others = ((set(values) - no_leads) for values in (self.lost, self.not_worked))
        meanings = [value for values in (set(self.won), *others, no_leads) for value in values]
        if twice := sorted({value for value in meanings if meanings.count(value) > 1}):
            raise ValueError(f"a value cannot mean two things: {', '.join(map(repr, twice))}")
        return self


class ContactsSection(_Section):
    """Optional: the contacts with leads, so that leads without a contact are not taken for lost."""

    table: str
    id: str = "lead_id"
    started_at: str = "started_at"


class ArrivalsSection(_Section):
    """Optional: leads as they arrived, which the training leads are compared with; `accept` lets fields pass."""

    table: str
    accept: tuple[str, ...] = ()


class PropensitySection(_Section):
    """Optional: the scores by which leads were contacted, for inverse propensity weights."""

    table: str
    id: str = "lead_id"
    probability: str = "probability"
    scored_at: str = "scored_at"


class FieldSection(_Section):
    """One field of the leads table."""

    kind: Kind
    known: Known = Known.ARRIVAL
    missing: tuple[str, ...] = ()
    decimal: Decimal | None = None
    date_format: DateFormat | None = None
    strong: bool = False

    @field_validator("missing", mode="before")
    @classmethod
    def _placeholders_as_text(cls, values: object) -> object:
        return tuple(text_of(value) for value in values) if isinstance(values, list) else values


class TrainingSection(_Section):
    """How much to spend on a training run."""

    budget_s: float = Field(default=120, gt=0)
    seed: int = Field(default=7, ge=0)
    grade_shares: tuple[float, float, float] = (0.1, 0.2, 0.3)

    @field_validator("grade_shares")
    @classmethod
    def _leave_room_for_d(cls, shares: tuple[float, float, float]) -> tuple[float, float, float]:
        if min(shares) <= 0 or sum(shares) >= 1:
            raise ValueError("three shares above 0 for A, B and C that leave some leads for D, such as [0.1, 0.2, 0.3]")
        return shares


class ScoringConfig(_Section):
    """All of scoring.toml; relative paths in it are relative to the folder of `path`.

    Where `exported` is given, its tables are files of that folder instead, by the same names.
    """

    leads: LeadsSection
    outcome: OutcomeSection
    fields: dict[str, FieldSection] = Field(min_length=1)
    contacts: ContactsSection | None = None
    arrivals: ArrivalsSection | None = None
    propensity: PropensitySection | None = None
    training: TrainingSection = TrainingSection()
    path: Path = Field(default=Path("scoring.toml"), exclude=True)
    exported: Path | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _fields_fit_their_roles(self) -> Self:
        """Refuses a field that holds the outcome or is not of its role's kind; names every field that is wrong."""
        if problems := [*self._field_problems()]:
            raise ValueError("; ".join(problems))
        return self

    @model_validator(mode="after")
    def _propensity_needs_contacts(self) -> Self:
        if self.propensity and not self.leads.created_at:
            raise ValueError("propensity needs leads.created_at: only leads that have matured show who is called")
        if self.propensity and not (self.contacts or self.outcome.not_worked):
            raise ValueError(
                "propensity needs [contacts] or outcome.not_worked: without them nobody is known as untried"
            )
        return self

    def _field_problems(self) -> Iterator[str]:
        leads, outcome = self.leads, self.outcome
        later = {leads.value: "money from a won lead"}
        if outcome.table is None:
            times = dict.fromkeys((outcome.at, outcome.lost_at), "the time of the outcome")
            later |= {outcome.column: "the outcome", **times}
        no_fields = {leads.id: "the lead's id", leads.name: "a person's name, which feeds no score"}
        roles = {getattr(leads, role): (role, kind) for role, kind in schema.ROLE_KINDS.items()}
        for name, field in self.fields.items():
            role, kind = roles.get(name, ("", field.kind))
            if name in later and field.known is Known.ARRIVAL:
                yield f'fields.{name} is {later[name]}: leave it out or write known = "later"'
            if name in no_fields:
                yield f"fields.{name} is {no_fields[name]}: leave it out"
            if field.kind is not kind:
                yield f'fields.{name} is leads.{role}: its kind is "{kind}"'
            if role and field.known is Known.LATER:
                yield f'fields.{name} is leads.{role}, which a score may use: only known = "arrival" will do'
        for name in self.arrivals.accept if self.arrivals else ():
            if name not in self.fields:
                yield f"arrivals.accept names {name}, which is no field"
        if all(field.known is Known.LATER for field in self.fields.values()):
            yield "fields: not one is known at arrival; there is nothing to score by"

    @property
    def lead_schema(self) -> schema.LeadSchema:
        """The schema that a model keeps."""
        leads = self.leads
        return schema.LeadSchema(
            fields=tuple(
                schema.Field(name, f.kind, f.known, f.missing, f.decimal, f.date_format)
                for name, f in self.fields.items()
            ),
            id=leads.id,
            created_at=leads.created_at,
            source=leads.source,
            campaign=leads.campaign,
            value=leads.value,
            decimal=leads.decimal,
            date_format=leads.date_format,
            **{role: getattr(leads, role) for role in schema.PERSON_ROLES},
        )

    def locate(self, table: str) -> str:
        """The path of a table, relative to scoring.toml or in the export; a SQLAlchemy URL stays as it is."""
        if self.exported:
            return str(self.exported / Path(table).name)
        return table if "://" in table else str(self.path.parent / table)


def read_config(path: Path) -> ScoringConfig:
    """The configuration in scoring.toml, checked.

    Raises:
        ConfigRefused: with every key that is missing, unknown or wrong.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigRefused(f"{path} is not there. `leads init LEADS` writes one.") from None
    except OSError as error:
        raise ConfigRefused(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigRefused(f"{path} is not valid TOML: {error}") from None
    return check_config(content, path)


def check_config(content: dict[str, object], path: Path) -> ScoringConfig:
    """The configuration that a scoring.toml at `path` holds as `content`; raises `ConfigRefused`."""
    try:
        return ScoringConfig.model_validate({**content, "path": path, "exported": None})
    except ValidationError as error:
        problems = "\n".join(f"  {_name_key(problem)}{_describe_problem(problem)}" for problem in error.errors())
        raise ConfigRefused(f"{path}:\n{problems}") from None


def _name_key(problem: ErrorDetails) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: " if where else ""


def _describe_problem(problem: ErrorDetails) -> str:
    return _PROBLEM_TEXTS.get(problem["type"], problem["msg"].removeprefix("Value error, "))
