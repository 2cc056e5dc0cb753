"""An additive model in log-odds: an intercept and one function a column, with exact SHAP values.

Logistic regression and the shrunk rates per source are both of this form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

try:
    from training.models.numba_kernels import explain_additive
except ImportError:  # the logged model also runs where LightGBM is, and numba is not, or is too old for numpy
    explain_additive = None

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Term:
    """One column's function: linear between the `knots`, flat beyond them, `missing` where nothing is known.

    A category's knots are its codes, so that the function is a table. `mean` is over the training leads.
    """

    column: int
    knots: tuple[float, ...]
    values: tuple[float, ...]
    missing: float
    mean: float = 0.0

    def __call__(self, X: Matrix) -> Vector:
        """Log-odds (n,) for a matrix (n, d)."""
        x = X[:, self.column]
        return np.where(np.isnan(x), self.missing, np.interp(x, self.knots, self.values))


@dataclass(frozen=True)
class Additive:
    """intercept + Σ term(column)."""

    intercept: float
    terms: tuple[Term, ...] = ()

    def centre_on(self, X: Matrix) -> Self:
        """The same model, with the means of its terms, and so its base value, over these leads (n, d)."""
        return replace(self, terms=tuple(replace(term, mean=float(term(X).mean())) for term in self.terms))

    def scale(self, weight: float) -> Self:
        """The model whose raw score is `weight` times that of this one."""
        terms = (
            replace(
                term,
                values=tuple(weight * value for value in term.values),
                missing=weight * term.missing,
                mean=weight * term.mean,
            )
            for term in self.terms
        )
        return type(self)(weight * self.intercept, tuple(terms))

    def __add__(self, other: "Additive") -> "Additive":
        return Additive(self.intercept + other.intercept, self.terms + other.terms)

    @cached_property
    def base_value(self) -> float:
        """The mean raw score over the leads of `centre_on`."""
        return self.intercept + sum(term.mean for term in self.terms)

    def raw_score(self, X: Matrix) -> Vector:
        """Log-odds (n,) for a matrix (n, d)."""
        return self.explain(X)[0]

    def explain(self, X: Matrix) -> tuple[Vector, Matrix]:
        """Raw scores (n,) and SHAP values (n, d), in log-odds; a raw score is `base_value` plus its SHAP values."""
        raw, shap_values = np.zeros(len(X)), np.zeros(X.shape)
        if explain_additive is not None:
            explain_additive(X, raw, shap_values, *self._arrays)
            return raw, shap_values
        raw += self.intercept
        for term in self.terms:
            part = term(X)
            raw += part
            shap_values[:, term.column] += part - term.mean
        return raw, shap_values

    @cached_property
    def _arrays(self) -> tuple[Any, ...]:
        """The terms as flat arrays, in the order that the kernel takes them."""
        return (
            float(self.intercept),
            np.array([term.column for term in self.terms], dtype=np.int64),
            np.array([0, *accumulate(len(term.knots) for term in self.terms)], dtype=np.int64),
            np.array(list(chain.from_iterable(term.knots for term in self.terms)), dtype=np.float64),
            np.array(list(chain.from_iterable(term.values for term in self.terms)), dtype=np.float64),
            np.array([term.missing for term in self.terms], dtype=np.float64),
            np.array([term.mean for term in self.terms], dtype=np.float64),
        )

    def to_json(self) -> dict[str, Any]:
        terms = [[term.column, term.knots, term.values, term.missing, term.mean] for term in self.terms]
        return {"intercept": self.intercept, "terms": terms}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        terms = (
            Term(column, tuple(knots), tuple(values), missing, mean)
            for column, knots, values, missing, mean in state["terms"]
        )
        return cls(state["intercept"], tuple(terms))
