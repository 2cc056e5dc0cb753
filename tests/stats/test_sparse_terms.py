import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_array

from stats.sparse_terms import put_before, weighted_products

SHAPES = st.tuples(st.integers(0, 6), st.integers(1, 5))
TERMS = arrays.arrays(np.float64, SHAPES, elements=st.sampled_from([0.0, 0.0, 1.0, -2.5]))


@given(TERMS, st.integers(0, 3))
def test_products_and_columns_are_those_of_dense_matrices(dense: np.ndarray, k: int) -> None:
    terms, n = csr_array(dense), len(dense)
    weight, columns = np.linspace(0.5, 2.0, n), np.arange(1.0, n * k + 1).reshape(n, k)
    assert weighted_products(terms, weight) == pytest.approx((dense * weight[:, None]).T @ dense)
    assert put_before(columns, terms).toarray() == pytest.approx(np.hstack([columns, dense]))


def test_the_order_of_a_rows_terms_does_not_matter() -> None:
    turned = csr_array((np.array([3.0, 2.0]), np.array([2, 0]), np.array([0, 2])), shape=(1, 3))
    assert not turned.has_sorted_indices
    assert weighted_products(turned, np.ones(1)).tolist() == [[4.0, 0.0, 6.0], [0.0, 0.0, 0.0], [6.0, 0.0, 9.0]]
