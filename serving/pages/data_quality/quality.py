"""How recent leads are filled in, field by field, beside the leads that the model learned from."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from features.data_profile import FieldProfile, Profile
from features.errors import LeadRefused
from features.lead import Lead, Value
from features.schema import Field, LeadSchema
from features.values import is_missing
from serving.store.leads import LeadFacts
from training.model import ScoringModel

LEAST_LEADS = 100
"""Fewer are not compared, as before a retraining."""
LEAST_MOVE, SPREADS = 0.1, 4.0
"""A fill rate has moved if by ten points and by so many standard errors."""
LEAST_UNSEEN, LEAST_HOLDERS = 0.05, 5
"""The share of values never seen that is worth a look; a value is named only where so many leads hold it."""


@dataclass(frozen=True, slots=True)
class FieldQuality:
    """One field of `leads` recent leads: `filled` have it, `placeholders` said nothing, `unseen` were never seen.

    `refused` leads hold what is not of its kind. `matters` is whether a value never seen says something of the score,
    `common` the values never seen that several leads hold.
    """

    field: Field
    leads: int
    filled: int
    placeholders: int
    unseen: int
    refused: int
    common: tuple[str, ...]
    matters: bool
    trained: FieldProfile | None

    @property
    def fill_rate(self) -> float:
        return self.filled / self.leads if self.leads else 0.0

    @property
    def unseen_rate(self) -> float:
        """Of the leads that have it."""
        return self.unseen / self.filled if self.filled else 0.0

    @property
    def has_moved(self) -> bool:
        """Whether it is filled in clearly more or less often than in training."""
        if self.trained is None or min(self.leads, self.trained.leads) < LEAST_LEADS:
            return False
        move = abs(self.fill_rate - self.trained.fill_rate)
        middle = (self.filled + self.trained.filled) / (self.leads + self.trained.leads)
        spread = math.sqrt(middle * (1 - middle) * (1 / self.leads + 1 / self.trained.leads))
        return move >= LEAST_MOVE and move > SPREADS * spread

    @property
    def is_new(self) -> bool:
        """Whether too many of its values were never seen."""
        return self.matters and self.unseen >= LEAST_HOLDERS and self.unseen_rate >= LEAST_UNSEEN


@dataclass(frozen=True, slots=True)
class DataQuality:
    """The recent leads' fields as of a moment, and the names that came and that the model does not know."""

    at: datetime
    leads: int
    refused: int
    trained: int | None
    fields: tuple[FieldQuality, ...]
    unknown: tuple[tuple[str, int], ...]


def measure_quality(
    facts: Sequence[LeadFacts], model: ScoringModel, trained: Profile | None, at: datetime
) -> DataQuality:
    """What the leads hold; `trained` is the profile of the leads that the model learned from."""
    schema, counts = model.schema, _Counts()
    for one in facts:
        try:
            counts.add(one, one.read_by(schema), model)
        except LeadRefused as refused:
            counts.refused += 1
            counts.wrong.update({str(problem.path[-1]) for problem in refused.problems})
    fields = tuple(_field_quality(field, counts, model, trained) for field in schema.arrival_fields)
    unknown = tuple(counts.unknown.most_common())
    return DataQuality(at, counts.leads, counts.refused, trained.leads if trained else None, fields, unknown)


class _Counts:
    """What was counted so far, by the fields' names."""

    def __init__(self) -> None:
        self.leads = self.refused = 0
        self.filled: Counter[str] = Counter()
        self.placeholders: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.unseen: dict[str, Counter[str]] = {}

    def add(self, facts: LeadFacts, lead: Lead, model: ScoringModel) -> None:
        """Count one lead more."""
        schema = model.schema
        self.leads += 1
        self.unknown.update(name for name in lead.unknown if lead.fields.get(name) is not None)
        values = schema.arrival_values(lead)
        named = dict(zip((field.name for field in schema.arrival_fields), values, strict=True))
        for name, value in named.items():
            if value is not None:
                self.filled[name] += 1
            elif not is_missing(_sent(facts, name, schema)):
                self.placeholders[name] += 1
        for name in model.encoder.unseen_values(values):
            self.unseen.setdefault(name, Counter())[_as_text(named[name])] += 1


def _field_quality(field: Field, counts: _Counts, model: ScoringModel, trained: Profile | None) -> FieldQuality:
    name, unseen = field.name, counts.unseen.get(field.name, Counter())
    role = model.schema.role_of.get(name, name)
    return FieldQuality(
        field=field,
        leads=counts.leads,
        filled=counts.filled[name],
        placeholders=counts.placeholders[name],
        unseen=unseen.total(),
        refused=counts.wrong[name] + (counts.wrong[role] if role != name else 0),
        common=tuple(value for value, holders in unseen.most_common() if holders >= LEAST_HOLDERS),
        matters=model.support is None or name in model.support.novelty_fields,
        trained=trained.fields.get(name) if trained else None,
    )


def _sent(facts: LeadFacts, name: str, schema: LeadSchema) -> object:
    """What was sent for a field, whether or not it plays a role."""
    role = schema.role_of.get(name)
    raw = getattr(facts, role) if role else None
    return facts.fields.get(name) if raw is None else raw


def _as_text(value: Value) -> str:
    return str(value)
