"""Which column says what became of a lead, and what its values mean: `Column`s in, an `OutcomeColumn` out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from features.infer import names, vocabulary
from features.infer.column import Column, Flags
from features.infer.states import States
from features.problems import Problem, TableRefused
from features.values import outcome_key

_MOST_VALUES = 50
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class OutcomeColumn:
    """Its name, the values that mean won, lost and not worked as they are spelled, and all others."""

    name: str
    won: tuple[str, ...]
    lost: tuple[str, ...] = ()
    not_worked: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def states(self, column: Column) -> States:
        """What became of each row (n,), as scoring.toml will be read."""
        won, lost, untried = (_among(column, texts) for texts in (self.won, self.lost, self.not_worked))
        rest = column.filled & ~won & ~lost & ~untried
        return States(won, lost if self.lost else rest, ~column.filled | (rest if self.lost else np.zeros_like(rest)))


def find_outcome(columns: Sequence[Column], given: str | None, table: str, *, wins_only: bool = False) -> OutcomeColumn:
    """The outcome column: the one given (`COLUMN`, or `COLUMN=VALUE,VALUE` to say what means won), or found.

    `wins_only` accepts a column that holds nothing but wins, as a table of closed deals does.

    Raises:
        TableRefused: when it cannot be told, with the candidates and what they hold.
    """
    if given is not None:
        return _given(columns, given, table)
    for accepted in (vocabulary.OUTCOME, vocabulary.OUTCOME_MAYBE):
        likely = [column for column in columns if names.place_in(accepted, column.name) is not None]
        told = [outcome for column in likely if (outcome := _understood(column, wins_only=wins_only))]
        if len(told) == 1:
            return told[0]
        if told:
            understood = {outcome.name for outcome in told}
            raise _untold([column for column in likely if column.name in understood], columns, table)
    raise _untold([column for column in columns if _may_be(column)], columns, table)


def _given(columns: Sequence[Column], given: str, table: str) -> OutcomeColumn:
    by_name = {column.name: column for column in columns}
    name, _, values = (given, "", "") if given in by_name else given.partition("=")
    if name not in by_name:
        detail = f"there is no such column; the table has {_names(columns)}"
        raise TableRefused([Problem(detail, name)], table)
    column = by_name[name]
    said = [value for value in values.split(",") if value.strip()]
    outcome = _sorted_out(column, said) if said else _understood(column, wins_only=True)
    if outcome is None or not outcome.won:
        detail = f"none of its values is known to mean won; it holds {_held(column)}"
        raise TableRefused([Problem(f"{detail}. {_HOW.format(name=name)}", name)], table)
    return outcome


_HOW = "Say which mean won with --outcome '{name}=VALUE,VALUE'"


def _untold(candidates: Sequence[Column], columns: Sequence[Column], table: str) -> TableRefused:
    if not candidates:
        detail = f"no column looks like an outcome; the table has {_names(columns)}"
        return TableRefused([Problem(f"{detail}. {_HOW.format(name='COLUMN')}")], table)
    detail = "it cannot be told which column is the outcome; choose one with --outcome COLUMN"
    head = Problem(f"{detail}, or with --outcome 'COLUMN=VALUE' to say which value means won")
    listed = [Problem(f"holds {_held(column)}", column.name) for column in candidates[:_SHOWN]]
    return TableRefused([head, *listed], table)


def _names(columns: Sequence[Column]) -> str:
    shown = ", ".join(repr(column.name) for column in columns[:20])
    return f"{shown}{' …' if len(columns) > 20 else ''}"


def _held(column: Column) -> str:
    if len(column.texts) > _MOST_VALUES:
        return f"{len(column.texts):,} different values"
    shown = [f"{text[:30]!r} ({count:,})" for text, count in zip(column.texts, column.counts, strict=True)]
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")


def _may_be(column: Column) -> bool:
    named = any(
        names.place_in(accepted, column.name) is not None for accepted in (vocabulary.OUTCOME, vocabulary.OUTCOME_MAYBE)
    )
    return named or (len(column.texts) == 2 and bool(_understood(column, wins_only=False)))


def _understood(column: Column, *, wins_only: bool) -> OutcomeColumn | None:
    if not 1 <= len(column.texts) <= _MOST_VALUES:
        return None
    outcome = _sorted_out(column, [text for text in column.texts if _key(text) in vocabulary.WON])
    only_wins = len(column.texts) == 1 and column.filled.all()
    return outcome if outcome.won and (wins_only or not only_wins) else None


def _sorted_out(column: Column, won: Iterable[str]) -> OutcomeColumn:
    wanted = {outcome_key(text) for text in won}
    wins = tuple(text for text in column.texts if outcome_key(text) in wanted)
    rest = [text for text in column.texts if text not in wins]
    lost = tuple(text for text in rest if _key(text) in vocabulary.LOST)
    untried = tuple(text for text in rest if _key(text) in vocabulary.NOT_WORKED)
    others = tuple(text for text in rest if text not in lost and text not in untried)
    if len(rest) == 1 and others:
        lost, others = others, ()
    return OutcomeColumn(column.name, wins, lost, untried, others)


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", " ", outcome_key(text)).strip()


def _among(column: Column, texts: Iterable[str]) -> Flags:
    wanted = {outcome_key(text) for text in texts}
    return np.append(np.array([outcome_key(text) in wanted for text in column.texts], dtype=bool), False)[column.codes]
