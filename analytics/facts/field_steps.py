"""The fields of leads for comparing like with like: which leads have them, and each lead's fields as steps."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array


@dataclass(frozen=True)
class FieldSteps:
    """Some leads of `Facts.leads` (their positions `rows` (k,), rising) and their fields as `steps` (k, terms)."""

    rows: NDArray[np.intp]
    steps: csr_array

    def holds(self, leads: pd.DataFrame) -> NDArray[np.bool_]:
        """Whether each of these leads (n,) has its fields here; their index tells their positions."""
        return np.isin(leads.index.to_numpy(), self.rows)

    def of(self, leads: pd.DataFrame) -> csr_array:
        """The fields (n, terms) of leads that all have them."""
        return csr_array(self.steps[np.searchsorted(self.rows, leads.index.to_numpy())])
