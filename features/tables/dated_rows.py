"""When the rows of a table are dated, and which of them lie before the arrival of their lead."""

from array import array
from datetime import datetime

import numpy as np

from features.early_facts import is_early
from stats.types import Rows, Times


class DatedRows:
    """The lead, the time and the number of each row that has both, in 24 bytes a row; leads are held by hashes."""

    def __init__(self) -> None:
        self._leads, self._times, self._numbers = array("q"), array("d"), array("q")

    def add(self, number: int, lead_id: object, at: object) -> None:
        """A row as people count it, the lead that it is of, and its time; without both it says nothing."""
        if lead_id is not None and isinstance(at, datetime):
            self._leads.append(hash(lead_id))
            self._times.append(at.timestamp())
            self._numbers.append(number)

    def before(self, arrivals: "DatedRows") -> Rows:
        """The numbers of the rows (m,) that are dated before their lead arrived."""
        leads, known = np.array(self._leads), np.array(arrivals._leads)
        if not len(leads) or not len(known):
            return np.empty(0, dtype=np.intp)
        order = np.argsort(known, kind="stable")
        place = np.minimum(np.searchsorted(known[order], leads), len(known) - 1)
        arrived = np.where(known[order][place] == leads, arrivals._instants()[order][place], np.datetime64("NaT"))
        return np.array(self._numbers)[is_early(self._instants(), arrived)]

    def _instants(self) -> Times:
        return (np.array(self._times) * 1e6).round().astype("datetime64[us]")
