"""Names for arrays, with the shape and meaning that they have throughout: n is the number of rows."""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
"""Numbers, one a row (n,)."""
Matrix = NDArray[np.float64]
"""Numbers, one a row and column (n, d)."""
Mask = NDArray[np.bool_]
"""Which rows: true or false of each (n,)."""
Rows = NDArray[np.intp]
"""Row numbers, counted from 0 (m,)."""
Codes = NDArray[np.intp]
"""The number of each row's group, counted from 0 (n,)."""
Hashes = NDArray[np.uint64]
"""A hash of 64 bits for each row, or each id (n,)."""
Times = NDArray[np.datetime64]
"""Instants in UTC, to the microsecond (n,); NaT where there is none."""
