"""What the CRM writes into a lead after it arrived. In: the wins on record. Out: the field that leaks.

When a deal is signed the lead gets an account manager. The field stands among the others, without a date, and
knows the outcome: this is the leak that a schema has to find.
"""

import numpy as np

from simulation.arrays import Texts, given, table
from stats.types import Mask

ACCOUNT_MANAGERS = ("M. Okafor", "S. Lindqvist", "P. Marchetti", "R. Haddad", "T. Varga")
FILLED_WON, FILLED_OTHERS = 0.97, 0.003  # a few belong to firms that were customers before


def account_manager(rng: np.random.Generator, won_on_record: Mask) -> Texts:
    """Fill in the manager of nearly all won leads and of hardly any other."""
    filled = rng.random(won_on_record.size) < np.where(won_on_record, FILLED_WON, FILLED_OTHERS)
    names = table(list(ACCOUNT_MANAGERS))[rng.integers(0, len(ACCOUNT_MANAGERS), won_on_record.size)]
    return given(filled, names)
