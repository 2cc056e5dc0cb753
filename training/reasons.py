"""The reasons of scores: the fields of the largest SHAP values, each with a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.encoders.feature_encoder import FeatureEncoder
from features.lead import Value
from features.lead_table import LeadTable
from features.values import Kind
from stats.instants import to_datetime
from stats.types import Matrix, Vector
from training.score import Reason

WEIGHTLESS = 1e-9


@dataclass(frozen=True)
class ReasonWriter:
    """Writes the reasons of one lead, and of a table: there each sentence once, however many leads have it."""

    encoder: FeatureEncoder

    def reasons_of_lead(
        self, shap_values: Vector, values: Sequence[Value], created_at: datetime | None, most: int
    ) -> tuple[Reason, ...]:
        """At most `most` reasons, the strongest first, from SHAP values (d,) and the values of the arrival fields."""
        parts = shap_values.tolist()
        by_field = np.add.reduceat(shap_values, self._first_columns).tolist()
        reasons: list[Reason] = []
        weakness = [-abs(weight) for weight in by_field]
        for field in sorted(range(len(by_field)), key=weakness.__getitem__)[:most]:
            weight = by_field[field]
            if abs(weight) <= WEIGHTLESS:
                break
            sizes = [abs(part) for part in parts[self.encoder.spans[field]]]
            column, raises = sizes.index(max(sizes)), weight > 0
            sentence = self._sentence(field, column, values[field], created_at, raises=raises, is_first=not reasons)
            reasons.append(Reason(self.encoder.schema.arrival_fields[field].name, weight, sentence))
        return tuple(reasons)

    def sentences_of_table(self, leads: LeadTable, shap_values: Matrix, most: int) -> list[pa.Array]:
        """For each rank the sentences (n,), null where a lead has fewer reasons, from SHAP values (n, d)."""
        fields, columns, weights = self._strongest(shap_values, most)
        is_first = np.broadcast_to(np.arange(fields.shape[1]) == 0, fields.shape)
        codes = np.take_along_axis(self._wording_codes(leads), fields, axis=1)
        parts = (fields, columns, weights > 0, is_first)
        places, number = _find_distinct((*parts, codes))
        rows = places // max(fields.shape[1], 1)
        worded = zip(*(part.ravel()[places].tolist() for part in parts), rows.tolist(), strict=True)
        sentences = [
            self._sentence(
                field, column, self._value(leads, field, row), _arrival(leads, row), raises=raises, is_first=is_first
            )
            for field, column, raises, is_first, row in worded
        ]
        distinct = pa.array(sentences, type=pa.string())
        weightless = np.abs(weights) <= WEIGHTLESS
        found = [distinct.take(pa.array(number[:, rank], mask=weightless[:, rank])) for rank in range(fields.shape[1])]
        return found + [pa.nulls(len(leads), pa.string())] * (most - len(found))

    def _strongest(
        self, shap_values: Matrix, most: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """For each lead (n, most): its strongest fields, of each the column that weighs most, and the field's sum."""
        by_field = np.add.reduceat(shap_values, self._first_columns, axis=1)
        fields = np.argsort(-np.abs(by_field), axis=1, kind="stable")[:, :most]
        sizes = np.abs(shap_values)
        column_of = np.stack([sizes[:, span].argmax(axis=1) for span in self.encoder.spans], axis=1)
        return (fields, np.take_along_axis(column_of, fields, axis=1), np.take_along_axis(by_field, fields, axis=1))

    @cached_property
    def _first_columns(self) -> NDArray[np.intp]:
        return np.array([span.start for span in self.encoder.spans], dtype=np.intp)

    def _wording_codes(self, leads: LeadTable) -> NDArray[np.int64]:
        """A number (n, fields) for each value that has words of its own; of times each lead has, by its arrival."""
        rows = np.arange(len(leads))
        fields = self.encoder.schema.arrival_fields
        codes = [rows if field.kind is Kind.DATETIME else leads.fields[field.name].codes + 1 for field in fields]
        return np.stack(codes, axis=1).astype(np.int64)

    def _value(self, leads: LeadTable, field: int, row: int) -> Value:
        return leads.fields[self.encoder.schema.arrival_fields[field].name][row]

    def _sentence(
        self, field: int, column: int, value: Value, created_at: datetime | None, *, raises: bool, is_first: bool
    ) -> str:
        phrase = self.encoder.describe(field, column, value, created_at)
        effect = f"{'raises' if raises else 'lowers'} the score{' most' if is_first else ''}"
        return f"{self._titles[field]} {phrase}: {effect}"

    @cached_property
    def _titles(self) -> tuple[str, ...]:
        return tuple(_as_title(field.name) for field in self.encoder.schema.arrival_fields)


def _find_distinct(parts: Sequence[NDArray[Any]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of arrays of one shape: a place, in the flat array, of each distinct combination, and each place's number."""
    key = np.zeros(parts[0].shape, dtype=np.int64)
    for part in parts:
        key = key * (int(part.max(initial=0)) + 1) + part
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    return first, number.reshape(key.shape)


def _arrival(leads: LeadTable, row: int) -> datetime | None:
    return None if leads.created_at is None else to_datetime(leads.created_at[row])


def _as_title(name: str) -> str:
    """A field's name at the start of a sentence: job_title → Job title."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
