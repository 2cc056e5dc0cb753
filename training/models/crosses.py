"""Crosses: the win rate of the leads that have a value of one column together with values of one or two others.

Trees grown split by split find it hard to see that columns count together where none tells much alone; a cross is a
column that says it. In a fit a lead's rate is that of the leads before it in a random order, so that no lead's own
outcome is in it (ordered target statistics, Prokhorenkova et al. 2018); afterwards it is the rate of all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from stats.types import Matrix, Vector
from training.data.samples import Samples

try:
    from training.models.numba_kernels import look_up_crosses
except ImportError:  # the logged model also runs where LightGBM is, and numba is not, or is too old for numpy
    look_up_crosses = None

BINS, DECIMALS = 8, 8
PRIOR_LEADS = 1.0
"""The base rate counts in each cell as so many leads."""
Cross = tuple[str, ...]
"""Two or three columns of the encoder's matrix that are crossed, by name."""


@dataclass(frozen=True)
class Binning:
    """The bins of one column: 0 for a missing value, then one for each level of a category, or between two edges.

    A number has no `levels`, a category no `edges`.
    """

    column: int
    levels: int = 0
    edges: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        """How many bins there are."""
        return 1 + (self.levels or len(self.edges) + 1)

    @classmethod
    def fit(cls, samples: Samples, column: int) -> Self:
        """Bins that hold about as many leads each, as far as equal values allow; a category keeps its codes."""
        levels = len(samples.columns[column].levels)
        if levels:
            return cls(column, levels)
        values = samples.X[:, column]
        known = values[~np.isnan(values)]
        above = known[known > known.min(initial=np.inf)]
        if not len(above):
            return cls(column)
        edges = np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])
        if len(above) <= len(known) * (1 - 1 / BINS):
            edges = np.append(edges, above.min())  # its least value is so frequent that it is a bin of its own
        edges = np.unique(edges[edges >= above.min()])
        return cls(column, edges=tuple(edges.tolist()))

    def find(self, X: Matrix) -> NDArray[np.int64]:
        """The bin (n,) of each lead of a matrix (n, d)."""
        values = X[:, self.column]
        known = np.nan_to_num(values)
        bins = known if self.levels else np.searchsorted(self.edges, known, side="right")
        return np.where(np.isnan(values), 0, np.asarray(bins, dtype=np.int64) + 1)


@dataclass(frozen=True)
class Crosses:
    """Fitted crosses of a matrix's columns.

    Attributes:
        binnings: of the columns that are crossed.
        binnings_of: for each cross the numbers of its `binnings`.
        rates: for each cross the win rate of each cell.
    """

    binnings: tuple[Binning, ...]
    binnings_of: tuple[tuple[int, ...], ...]
    rates: tuple[tuple[float, ...], ...]

    @classmethod
    def fit(cls, samples: Samples, crosses: tuple[Cross, ...]) -> Self:
        """Those of these crosses whose columns the samples have."""
        column_of = {column.name: number for number, column in enumerate(samples.columns)}
        known = [cross for cross in crosses if all(name in column_of for name in cross)]
        names = list(dict.fromkeys(chain.from_iterable(known)))
        binnings = tuple(Binning.fit(samples, column_of[name]) for name in names)
        binnings_of = tuple(tuple(names.index(name) for name in cross) for cross in known)
        weight, base = samples.fit_weight, np.average(samples.y, weights=samples.fit_weight)
        rates = []
        for own, cells in zip(binnings_of, _find_cells(samples.X, binnings, binnings_of), strict=True):
            size = _count_cells(binnings, own)
            won = np.bincount(cells, weight * samples.y, minlength=size) + PRIOR_LEADS * base
            leads = np.bincount(cells, weight, minlength=size) + PRIOR_LEADS
            rates.append(tuple((won / leads).round(DECIMALS).tolist()))
        return cls(binnings, binnings_of, tuple(rates))

    def __len__(self) -> int:
        return len(self.binnings_of)

    def take_first(self, count: int) -> "Crosses":
        """The first so many of these crosses."""
        return Crosses(self.binnings, self.binnings_of[:count], self.rates[:count])

    def append(self, X: Matrix) -> Matrix:
        """The matrix (n, d) of leads that were not fitted on, with the rates (n, d + k) as its last columns."""
        rates = np.empty((len(X), len(self.binnings_of)))
        if look_up_crosses is not None:
            look_up_crosses(X, rates, *self._arrays)
            return np.hstack([X, rates])
        for number, cells in enumerate(_find_cells(X, self.binnings, self.binnings_of)):
            rates[:, number] = np.array(self.rates[number])[cells]
        return np.hstack([X, rates])

    def append_ordered(self, samples: Samples, seed: int) -> Matrix:
        """The matrix (n, d + k) of the leads that were fitted on, each with the rates of those before it.

        The order is drawn at random by the seed.
        """
        order = np.random.default_rng(seed).permutation(len(samples))
        weight, y = samples.fit_weight[order], samples.y[order]
        base = float(np.average(y, weights=weight))
        rates = np.empty((len(samples), len(self.binnings_of)))
        for number, cells in enumerate(_find_cells(samples.X, self.binnings, self.binnings_of)):
            rates[order, number] = _rates_before(cells[order], y, weight, base)
        return np.hstack([samples.X, rates])

    def share_out(self, shap_values: Matrix) -> Matrix:
        """SHAP values (n, d) of columns from those (n, d + k) with crosses.

        The columns of a cross share alike what it says.
        """
        columns = shap_values.shape[1] - len(self.binnings_of)
        shared = shap_values[:, :columns].copy()
        for number, own in enumerate(self.binnings_of):
            for binning in own:
                shared[:, self.binnings[binning].column] += shap_values[:, columns + number] / len(own)
        return shared

    @cached_property
    def _arrays(self) -> tuple[Any, ...]:
        """The binnings and the rates as flat arrays, in the order that the kernel takes them."""
        return (
            np.array([binning.column for binning in self.binnings], dtype=np.int64),
            np.array([binning.size for binning in self.binnings], dtype=np.int64),
            np.array([binning.levels > 0 for binning in self.binnings], dtype=np.bool_),
            np.array([0, *accumulate(len(binning.edges) for binning in self.binnings)], dtype=np.int64),
            np.array(list(chain.from_iterable(binning.edges for binning in self.binnings)), dtype=np.float64),
            np.array([0, *accumulate(map(len, self.binnings_of))], dtype=np.int64),
            np.array(list(chain.from_iterable(self.binnings_of)), dtype=np.int64),
            np.array([0, *accumulate(map(len, self.rates))], dtype=np.int64),
            np.array(list(chain.from_iterable(self.rates)), dtype=np.float64),
        )

    def to_json(self) -> dict[str, Any]:
        binnings = [[binning.column, binning.levels, binning.edges] for binning in self.binnings]
        return {"binnings": binnings, "binnings_of": self.binnings_of, "rates": self.rates}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """What `to_json` wrote.

        Raises:
            ValueError: where a cross has not as many rates as cells: the compiled loop would read beyond them.
        """
        binnings = tuple(Binning(column, levels, tuple(edges)) for column, levels, edges in state["binnings"])
        binnings_of = tuple(map(tuple, state["binnings_of"] if "binnings_of" in state else state["pairs"]))
        rates = tuple(map(tuple, state["rates"]))
        cells = [_count_cells(binnings, own) for own in binnings_of]
        if cells != list(map(len, rates)):
            raise ValueError("a cross has more or fewer rates than cells")
        return cls(binnings, binnings_of, rates)


def _count_cells(binnings: Sequence[Binning], own: Sequence[int]) -> int:
    return prod(binnings[number].size for number in own)


def _find_cells(
    X: Matrix, binnings: Sequence[Binning], binnings_of: Sequence[Sequence[int]]
) -> list[NDArray[np.int64]]:
    """For each cross the cell (n,) of each lead."""
    bins, sizes = [binning.find(X) for binning in binnings], [binning.size for binning in binnings]
    return [combine_bins([bins[number] for number in own], [sizes[number] for number in own]) for own in binnings_of]


def combine_bins(bins: Sequence[NDArray[np.int64]], sizes: Sequence[int]) -> NDArray[np.int64]:
    """The cell (n,) of each lead from its bin (n,) of each column, of which there are so many."""
    cell = bins[0]
    for own, size in zip(bins[1:], sizes[1:], strict=True):
        cell = cell * size + own
    return cell


def _rates_before(cells: NDArray[np.int64], y: Vector, weight: Vector, base: float) -> Vector:
    """For each lead (n,) the win rate of those before it in the same cell, the base rate among them."""
    by_cell = np.argsort(cells, kind="stable")
    won, leads = weight[by_cell] * y[by_cell], weight[by_cell]
    starts = np.append(True, np.diff(cells[by_cell]) != 0)
    first = np.maximum.accumulate(np.where(starts, np.arange(len(cells)), 0))

    def sum_before(values: Vector) -> Vector:
        total = np.cumsum(values) - values
        return total - total[first]

    rates = np.empty(len(cells))
    rates[by_cell] = (sum_before(won) + PRIOR_LEADS * base) / (sum_before(leads) + PRIOR_LEADS)
    return rates
