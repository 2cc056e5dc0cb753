"""When the rows of a table are dated, and which of them lie before the arrival of their lead."""

import numpy as np

from features.early_facts import is_early
from features.tables.fact_batches import FactBatch
from features.tables.growing_column import GrowingColumn, hashes
from stats.types import Rows, Times


class DatedRows:
    """The lead, the time and the number of each row that has both, in 24 bytes a row; leads are held by hashes."""

    def __init__(self, moment: str) -> None:
        self._moment = moment
        self._leads, self._times, self._numbers = GrowingColumn(), GrowingColumn(), GrowingColumn()

    def add(self, batch: FactBatch) -> None:
        """Facts of rows, dated by their fact `moment`; those without a lead or a time say nothing."""
        if "lead_id" not in batch.columns or self._moment not in batch.columns:
            return
        times = batch.columns[self._moment]
        is_dated = ~np.isnat(times)
        self._leads.add(hashes(batch.columns["lead_id"], len(batch))[is_dated])
        self._times.add(times[is_dated].astype(np.int64))
        self._numbers.add(np.asarray(batch.numbers)[is_dated])

    def before(self, arrivals: "DatedRows") -> Rows:
        """The numbers of the rows (m,) that are dated before their lead arrived."""
        leads, known = self._leads.whole(), arrivals._leads.whole()
        if not len(leads) or not len(known):
            return np.empty(0, dtype=np.intp)
        order = np.argsort(known, kind="stable")
        place = np.minimum(np.searchsorted(known[order], leads), len(known) - 1)
        arrived = np.where(known[order][place] == leads, arrivals._instants()[order][place], np.datetime64("NaT"))
        return self._numbers.whole()[is_early(self._instants(), arrived)]

    def _instants(self) -> Times:
        return self._times.whole().astype("datetime64[us]")
