"""One encoder a kind: one field's value in, the numbers of its columns out, and words for what they mean.

An encoder is fitted on the values of the training leads and keeps its state as plain data. Categories become
codes: 0 to k−1 for the k levels kept, k for the pool of rare and unseen ones, NaN where nothing is known.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.contact_fields import NO_ADDRESS, NO_COUNTRY, domain_class, phone_country, top_level_domain
from features.lead import Value
from features.lead_table import MISSING, ParsedColumn, Times
from features.values import Kind

Matrix = NDArray[np.float64]

NAN = float("nan")
MICROSECOND = timedelta(microseconds=1)
DAY_US = 86_400_000_000

MAX_LEVELS = 250
MAX_WORDS = 60
MAX_SEEN = 20_000
POOL = "a rare value"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the matrix; a category's `levels` are what its codes stand for."""

    name: str
    field: str
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldEncoder(ABC):
    """The columns of one field."""

    field: str

    @classmethod
    @abstractmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:
        """Learn from the training leads' values."""

    @property
    @abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """The columns this field becomes."""

    @abstractmethod
    def numbers(self, value: Value, created_at: datetime | None) -> tuple[float, ...]:
        """The numbers of one lead's value, one for each of `columns`."""

    @abstractmethod
    def tell(self, column: int, value: Value, created_at: datetime | None) -> str:
        """What a reason says of a value that is there, by the column that weighed most: "is Reference"."""

    def knows(self, value: Value) -> bool:  # noqa: ARG002 - only categories can be unknown
        """False for a category never seen in training."""
        return True

    def block(self, column: ParsedColumn, created_at: Times | None) -> Matrix:  # noqa: ARG002
        """The numbers (n, k) of many leads: those of each distinct value, spread over the leads that hold it."""
        distinct = [self.numbers(value, None) for value in (*column.values, None)]
        return np.array(distinct, dtype=np.float64)[column.codes]


class Numeric(FieldEncoder):
    """The number itself."""

    @classmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:  # noqa: ARG003 - nothing to learn
        return cls(field)

    @property
    def columns(self) -> tuple[Column, ...]:
        return (Column(self.field, self.field),)

    def numbers(self, value: Value, created_at: datetime | None) -> tuple[float, ...]:  # noqa: ARG002
        return (NAN if value is None else float(value),)  # type: ignore[arg-type]

    def tell(self, column: int, value: Value, created_at: datetime | None) -> str:  # noqa: ARG002
        return f"is {_plain(float(value))}"  # type: ignore[arg-type]


class Flag(Numeric):
    """1 for yes, 0 for no."""

    def tell(self, column: int, value: Value, created_at: datetime | None) -> str:  # noqa: ARG002
        return "is yes" if value else "is no"


@dataclass(frozen=True)
class Levels:
    """The frequent values of a category and their codes."""

    names: tuple[str, ...]

    @cached_property
    def _codes(self) -> dict[str, float]:
        return {name: float(code) for code, name in enumerate(self.names)}

    def code(self, name: str) -> float:
        return self._codes.get(name, float(len(self.names)))

    def has(self, name: str) -> bool:
        return name in self._codes

    def column(self, name: str, field: str) -> Column:
        return Column(name, field, (*self.names, POOL))


@dataclass(frozen=True)
class Category(FieldEncoder):
    """A code for each frequent value; spellings that differ in case alone are one value. `rare` are hashes."""

    levels: Levels
    rare: tuple[str, ...]

    @classmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:
        counts = _counts(column, _key)
        levels = _frequent(counts, len(column), MAX_LEVELS)
        return cls(field, Levels(levels), tuple(sorted(map(_mark, set(counts) - set(levels)))[:MAX_SEEN]))

    @cached_property
    def _rare(self) -> frozenset[str]:
        return frozenset(self.rare)

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.levels.column(self.field, self.field),)

    def numbers(self, value: Value, created_at: datetime | None) -> tuple[float, ...]:  # noqa: ARG002
        return (NAN if value is None else self.levels.code(_key(value)),)

    def knows(self, value: Value) -> bool:
        if value is None:
            return True
        key = _key(value)
        return self.levels.has(key) or _mark(key) in self._rare

    def tell(self, column: int, value: Value, created_at: datetime | None) -> str:  # noqa: ARG002
        return f"is {value}" if self.knows(value) else f"is {value}, never seen in training"


@dataclass(frozen=True)
class Datetime(FieldEncoder):
    """Hour and weekday in UTC, and the age in days when the lead arrived."""

    @classmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:  # noqa: ARG003 - nothing to learn
        return cls(field)

    @property
    def columns(self) -> tuple[Column, ...]:
        parts = ("hour", "weekday", "days before arrival")
        return tuple(Column(f"{self.field} {part}", self.field) for part in parts)

    def numbers(self, value: Value, created_at: datetime | None) -> tuple[float, ...]:
        if not isinstance(value, datetime):
            return (NAN, NAN, NAN)
        return (value.hour + value.minute / 60, float(value.weekday()), _age(value, created_at))

    def block(self, column: ParsedColumn, created_at: Times | None) -> Matrix:
        numbers = super().block(column, None)
        if created_at is not None:
            microseconds = (created_at - column.times()).astype("int64")
            known = (column.codes != MISSING) & ~np.isnat(created_at)
            numbers[known, 2] = microseconds[known] / DAY_US
        return numbers

    def tell(self, column: int, value: Value, created_at: datetime | None) -> str:
        if not isinstance(value, datetime):
            return "is unknown"
        if column == 2 and created_at is None:
            return "is there, but the arrival time is not"
        age = _age(value, created_at)
        side = "before" if age >= 0 else "after"
        parts = (f"is at {value:%H:%M} UTC", f"is on a {WEEKDAYS[value.weekday()]}")
        return (*parts, f"is {abs(age):.0f} days {side} arrival")[column]


@dataclass(frozen=True)
class Text(FieldEncoder):
    """Whether the text contains each of the frequent words, and how many different words it has."""

    words: tuple[str, ...]

    @classmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:
        counts: Counter[str] = Counter()
        for text, leads in _counts(column, str).items():
            counts.update(dict.fromkeys(_words(text), leads))
        return cls(field, _frequent(counts, len(column), MAX_WORDS))

    @property
    def columns(self) -> tuple[Column, ...]:
        contains = (Column(f"{self.field} contains {word}", self.field) for word in self.words)
        return (*contains, Column(f"{self.field} words", self.field))

    def numbers(self, value: Value, created_at: datetime | None) -> tuple[float, ...]:  # noqa: ARG002
        if value is None:
            return (NAN,) * (len(self.words) + 1)
        found = _words(str(value))
        return (*(float(word in found) for word in self.words), float(len(found)))

    def tell(self, column: int, value: Value, created_at: datetime | None) -> str:  # noqa: ARG002
        found = _words(str(value))
        if column == len(self.words):
            return f"has {len(found)} different words"
        word = self.words[column]
        return f"contains {word}" if word in found else f"does not contain {word}"


@dataclass(frozen=True)
class Email(FieldEncoder):
    """Free or company domain, and its ending; the address itself is not kept."""

    domains: Levels
    endings: Levels

    @classmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:
        levels = (_frequent(_counts(column, part), len(column), MAX_LEVELS) for part in (_domain, _ending))
        return cls(field, *map(Levels, levels))

    @property
    def columns(self) -> tuple[Column, ...]:
        domain = self.domains.column(f"{self.field} domain", self.field)
        return (domain, self.endings.column(f"{self.field} ending", self.field))

    def numbers(self, value: Value, created_at: datetime | None) -> tuple[float, ...]:  # noqa: ARG002
        if value is None:
            return (NAN, NAN)
        return (self.domains.code(_domain(value)), self.endings.code(_ending(value)))

    def tell(self, column: int, value: Value, created_at: datetime | None) -> str:  # noqa: ARG002
        domain = _domain(value)
        if domain == NO_ADDRESS:
            return f"is {NO_ADDRESS}"
        if column == 1:
            return f"ends in .{_ending(value)}"
        return "is at a free mail provider" if domain == "free" else "is at a company's own domain"


@dataclass(frozen=True)
class Phone(FieldEncoder):
    """The country of the number; the number itself is not kept."""

    countries: Levels

    @classmethod
    def fit(cls, field: str, column: ParsedColumn) -> Self:
        return cls(field, Levels(_frequent(_counts(column, _country), len(column), MAX_LEVELS)))

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.countries.column(f"{self.field} country", self.field),)

    def numbers(self, value: Value, created_at: datetime | None) -> tuple[float, ...]:  # noqa: ARG002
        return (NAN if value is None else self.countries.code(_country(value)),)

    def tell(self, column: int, value: Value, created_at: datetime | None) -> str:  # noqa: ARG002
        country = _country(value)
        return f"has {NO_COUNTRY}" if country == NO_COUNTRY else f"is from {country}"


ENCODERS: dict[Kind, type[FieldEncoder]] = {
    Kind.NUMERIC: Numeric,
    Kind.CATEGORY: Category,
    Kind.FLAG: Flag,
    Kind.DATETIME: Datetime,
    Kind.TEXT: Text,
    Kind.EMAIL: Email,
    Kind.PHONE: Phone,
}


def _counts(column: ParsedColumn, key: Callable[[Value], str]) -> Counter[str]:
    """How many leads hold each key."""
    counts: Counter[str] = Counter()
    codes, leads = np.unique(column.codes[column.codes != MISSING], return_counts=True)
    for code, number in zip(codes.tolist(), leads.tolist(), strict=True):
        counts[key(column.values[code])] += number
    return counts


def _frequent(counts: Counter[str], leads: int, at_most: int) -> tuple[str, ...]:
    """The keys that enough leads hold, most frequent first, ties in alphabetical order."""
    least = min(max(leads // 200, 3), 20)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(key for key, number in ranked[:at_most] if number >= least)


def _key(value: Value) -> str:
    return str(value).casefold()


def _mark(key: str) -> str:
    """A rare value is kept as a hash, enough to know it again: what few leads hold may name a person."""
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _domain(value: Value) -> str:
    return domain_class(str(value))


def _ending(value: Value) -> str:
    return top_level_domain(str(value))


def _country(value: Value) -> str:
    return phone_country(str(value))


def _age(value: datetime, created_at: datetime | None) -> float:
    return NAN if created_at is None else float((created_at - value) // MICROSECOND) / DAY_US


def _plain(value: float) -> str:
    """Six digits of a number as people write it, without an exponent."""
    return format(Decimal(f"{value:.6g}"), ",f" if abs(value) >= 100_000 else "f")
