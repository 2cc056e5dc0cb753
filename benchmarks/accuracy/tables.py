"""A table to be learned from and judged by: what `leads` reads, what the peers read, and what became of the test leads.

Both see the same test leads. They differ where outcomes come late: `leads` reads the history as it stood at the
as-of date, the peers a plain table of the leads whose outcome was known by then.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.config import Order

ID, WON = "lead_id", "won"


@dataclass(frozen=True)
class Table:
    """`train` has the id, the fields and `won` (yes, no); `test` the id and the fields.

    `truth` is the true probability of each test lead, where it is known. `history` holds the tables that `leads`
    reads instead of `train`: leads, outcomes, contacts.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    won: NDArray[np.float64]
    order: Order = "none"
    truth: NDArray[np.float64] | None = None
    history: dict[str, pd.DataFrame] = field(default_factory=dict)
    as_of: str | None = None
    horizon_days: int = 90


@dataclass(frozen=True)
class Kind:
    """A kind of table: the same seed makes the same table. `says` is what is special about it."""

    name: str
    says: str
    make: Callable[[int], Table]


def fields_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The fields alone, as the peers take them; times are left out."""
    return frame.drop(columns=[name for name in (ID, WON, "created_at") if name in frame])
