"""What the rows of a table say together: keys that repeat, and which of a lead's outcomes is the latest."""

from collections.abc import Sequence

import numpy as np

from features.errors import Problem
from features.history import NOT_A_LEAD
from features.tables.fact_batches import FactBatch, known_at
from features.tables.growing_column import GrowingColumn, hashes


class RepeatFinder:
    """Finds rows of the same key that differ, by their hashes; a row that stands twice word for word is no fault."""

    def __init__(self, key: Sequence[str] | None) -> None:
        self._key = key
        self._keys, self._rows, self._numbers = GrowingColumn(), GrowingColumn(), GrowingColumn()

    def add(self, batch: FactBatch, rows: Sequence[Sequence[str]]) -> None:
        """Facts, and the rows (n,) that they were read from."""
        if self._key is None:
            return
        held = [batch.column(name) for name in self._key]
        columns = [one.tolist() if isinstance(one, np.ndarray) else one for one in held]
        self._keys.add(hashes(zip(*columns, strict=True), len(batch)))
        self._rows.add(hashes(map(tuple, rows), len(batch)))
        self._numbers.add(batch.numbers)

    def problems(self) -> list[Problem]:
        """What is wrong, with the rows."""
        keys, rows, numbers = self._keys.whole(), self._rows.whole(), self._numbers.whole()
        if self._key is None or not len(keys):
            return []
        order = np.lexsort([rows, keys])
        same_key, same_row = (held[order][1:] == held[order][:-1] for held in (keys, rows))
        found = numbers[np.isin(keys, keys[order][1:][same_key & ~same_row])]
        if not len(found):
            return []
        detail = f"rows that differ have the same {', '.join(self._key)}; there may be one of each"
        return [Problem(detail, rows=tuple(found.tolist()))]


class LatestOutcomes:
    """Of several outcomes of a lead finds all but the latest; of equally late ones the last row counts."""

    def __init__(self) -> None:
        self._leads, self._times, self._numbers = GrowingColumn(), GrowingColumn(), GrowingColumn()
        self._no_leads: dict[int, str] = {}

    def add(self, batch: FactBatch) -> None:
        """Outcomes; those that are neither won nor lost, nor of what is no lead, say nothing."""
        batch = batch.where(status in ("won", "lost", NOT_A_LEAD) for status in batch.column("status"))
        known, lead_ids = known_at(batch), batch.column("lead_id")
        self._leads.add(hashes(lead_ids, len(batch)))
        self._times.add(known.astype(np.int64))  # NaT is the least
        self._numbers.add(batch.numbers)
        for number, lead_id, status in zip(batch.numbers, lead_ids, batch.column("status"), strict=True):
            if status == NOT_A_LEAD:
                self._no_leads[number] = lead_id

    def no_leads(self) -> frozenset[str]:
        """The ids of those that the latest outcome calls no lead."""
        return frozenset(self._no_leads[number] for number in self._no_leads.keys() - self.superseded())

    def superseded(self) -> frozenset[int]:
        """The numbers of the rows that a later one replaces."""
        leads, numbers = self._leads.whole(), self._numbers.whole()
        order = np.lexsort([numbers, self._times.whole(), leads])
        followed = leads[order][:-1] == leads[order][1:]
        return frozenset(numbers[order][:-1][followed].tolist())
