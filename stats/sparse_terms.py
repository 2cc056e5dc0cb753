"""Designs of regressions as sparse matrices of terms, most of them steps that hold or don't."""

import numba
import numpy as np
from scipy.sparse import csr_array

from stats.types import Matrix, Vector


def put_before(columns: Matrix, terms: csr_array) -> csr_array:
    """The terms (n, p) behind these columns (n, k).

    >>> put_before(np.array([[5.0], [6.0]]), csr_array(np.array([[0.0, 1.0], [0.0, 0.0]]))).toarray().tolist()
    [[5.0, 0.0, 1.0], [6.0, 0.0, 0.0]]
    """
    n, k = columns.shape
    at = np.repeat(terms.indptr[:-1], k)
    data = np.insert(terms.data.astype(np.float64), at, columns.ravel())
    indices = np.insert(terms.indices + k, at, np.tile(np.arange(k), n))
    return csr_array((data, indices, terms.indptr + k * np.arange(n + 1)), shape=(n, k + terms.shape[1]))


def weighted_products(terms: csr_array, weight: Vector) -> Matrix:
    """The sums of squares and products of terms (n, p), each row times its weight (n,): a matrix (p, p).

    A row holds each term at most once. SciPy's product of sparse matrices takes nine times as long.

    Raises:
        ValueError: where there are not as many weights as rows.

    >>> weighted_products(csr_array(np.array([[1.0, 0.0], [1.0, 2.0]])), np.array([1.0, 0.5])).tolist()
    [[1.5, 1.0], [1.0, 2.0]]
    """
    if len(weight) != terms.shape[0]:
        raise ValueError(f"{len(weight)} weights for {terms.shape[0]} rows")
    half = np.zeros((terms.shape[1], terms.shape[1]))
    places = (of.astype(np.int64, copy=False) for of in (terms.indices, terms.indptr))
    _add_products(half, terms.data, *places, weight)
    return half + half.T - np.diag(np.diag(half))


@numba.njit(cache=True, nogil=True)
def _add_products(half, data, indices, bounds, weight):  # type: ignore[no-untyped-def]
    """Add each row's products to `half` (p, p), those of two terms on either side of its diagonal."""
    for row in range(len(weight)):
        first, last = bounds[row], bounds[row + 1]
        for one in range(first, last):
            weighted = weight[row] * data[one]
            for other in range(one, last):
                half[indices[one], indices[other]] += weighted * data[other]
