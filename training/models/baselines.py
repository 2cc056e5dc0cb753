"""The baselines: shrunk base rates per source, which every model has to beat, and the naive Bayes that CRMs ship.

Both are fitted on the encoder's matrix and are additive in log-odds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, expit, logit

from features.encoders.feature_encoder import FeatureEncoder
from features.values import Kind
from training.data.samples import Samples
from training.models.additive import Additive, Term

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

STRENGTHS = np.geomspace(5, 5_000, 25)
SMOOTHING = 0.1
CLAMP = 1e-4
BINS = 10
COUNTED = (Kind.NUMERIC, Kind.CATEGORY, Kind.FLAG, Kind.EMAIL, Kind.PHONE)


def fit_base_rate(encoder: FeatureEncoder, samples: Samples) -> Additive:
    """Base rates per source, shrunk to the overall rate by the beta-binomial prior of the sources.

    The strength of the prior is that of greatest marginal likelihood (empirical Bayes).
    """
    X, y, weight = samples.X, samples.y, samples.sample_weight
    wins, leads = float(weight @ y), float(weight.sum())
    base = (wins + 0.5) / (leads + 1)
    source = _source_column(encoder)
    if source is None:
        return Additive(float(logit(base)))
    levels = len(encoder.columns[source].levels)
    codes = np.where(np.isnan(X[:, source]), levels, X[:, source]).astype(np.intp)
    size = np.bincount(codes, weight, minlength=levels + 1).astype(np.float64)
    won_of = np.bincount(codes, weight * y, minlength=len(size)).astype(np.float64)
    strength = _prior_strength(won_of, size, base)
    parts = logit((won_of + strength * base) / (size + strength)) - logit(base)
    term = Term(source, tuple(map(float, range(len(parts) - 1))), tuple(parts[:-1].tolist()), float(parts[-1]))
    return Additive(float(logit(base)), (term,)).centre_on(X)


def _source_column(encoder: FeatureEncoder) -> int | None:
    fields = [field.name for field in encoder.schema.arrival_fields]
    source = encoder.schema.source
    if source not in fields or encoder.schema.arrival_fields[fields.index(source)].kind is not Kind.CATEGORY:
        return None
    return encoder.spans[fields.index(source)].start


def _prior_strength(won: Vector, size: Vector, base: float) -> float:
    likelihood = [
        (betaln(won + k * base, size - won + k * (1 - base)) - betaln(k * base, k * (1 - base))).sum()
        for k in STRENGTHS
    ]
    return float(STRENGTHS[int(np.argmax(likelihood))])


@dataclass(frozen=True)
class CrmBaseline:
    """Naive Bayes on counts, as an open-source CRM's predictive lead scoring has it (docs/methods.md).

    For each value of each field, wins and losses plus 0.1; unknown values are skipped; the result is kept within
    [0.01 %, 99.99 %]. Numbers are counted in tenths; text and times are left out.
    """

    prior: float
    columns: tuple[int, ...]
    edges: tuple[Vector, ...]
    log_ratios: tuple[Vector, ...]

    @classmethod
    def fit(cls, encoder: FeatureEncoder, samples: Samples) -> Self:
        pairs = zip(encoder.schema.arrival_fields, encoder.spans, strict=True)
        columns = [column for field, span in pairs if field.kind in COUNTED for column in range(span.start, span.stop)]
        return cls.fit_columns(samples, columns)

    @classmethod
    def fit_columns(cls, samples: Samples, columns: Sequence[int]) -> Self:
        """Count the values of some columns; one that is no category is cut into tenths."""
        X, y, weight = samples.X, samples.y, samples.sample_weight
        edges = tuple(
            _cuts_between_codes(len(levels))
            if (levels := samples.columns[column].levels)
            else _decile_cuts(X[:, column])
            for column in columns
        )
        ratios = tuple(
            _log_ratios(_bin_values(X[:, column], cuts), y, weight, len(cuts) + 1)
            for column, cuts in zip(columns, edges, strict=True)
        )
        base = np.clip(np.average(y, weights=weight), 1e-9, 1 - 1e-9)
        return cls(float(logit(base)), tuple(columns), edges, ratios)

    def raw_score(self, X: Matrix) -> Vector:
        """Clamped log-odds (n,)."""
        raw = np.full(len(X), self.prior)
        for column, cuts, ratios in zip(self.columns, self.edges, self.log_ratios, strict=True):
            raw += np.append(ratios, 0.0)[_bin_values(X[:, column], cuts)]
        return logit(np.clip(expit(raw), CLAMP, 1 - CLAMP))


def _decile_cuts(x: Vector) -> Vector:
    known = x[~np.isnan(x)]
    return np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.empty(0)


def _cuts_between_codes(codes: int) -> Vector:
    return np.arange(0.5, codes - 1)


def _bin_values(x: Vector, cuts: Vector) -> NDArray[np.intp]:
    """The bin of each number; −1, which finds the appended zero, where it is missing."""
    return np.where(np.isnan(x), -1, np.searchsorted(cuts, x, side="left"))


def _log_ratios(bins: NDArray[np.intp], y: Vector, weight: Vector, size: int) -> Vector:
    known = bins >= 0
    wins = np.bincount(bins[known], (weight * y)[known], minlength=size)
    losses = np.bincount(bins[known], (weight * (1 - y))[known], minlength=size)
    held = wins + losses > 0
    smooth_wins, smooth_losses = (wins + SMOOTHING) * held, (losses + SMOOTHING) * held
    ratios = (smooth_wins / max(smooth_wins.sum(), 1e-9)) / np.where(held, smooth_losses, 1) * smooth_losses.sum()
    return np.where(held, np.log(np.where(held, ratios, 1.0)), 0.0)
