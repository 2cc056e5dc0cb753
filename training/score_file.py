"""Scores a file of leads batch by batch: memory does not grow with the file, and both cores have work.

A file is scored whole or not at all: problems are gathered over all batches, and an id that stands on several rows is
found by its hash (`training.repeated_ids`). Only then is the file read again, for rows that say of a lead, cell by
cell, what a row above says: such a lead is scored once.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import Problem, TableRefused
from features.lead_table import REPEATED_ID, LeadTable, ids_of, parse_leads, without_equal_rows
from features.schema import LeadSchema
from features.tables.batches import open_batches
from training.model import ScoringModel
from training.repeated_ids import Hashes, IdLog, hash_ids
from training.score import UnseenCounts

Written = TypeVar("Written")

WAITING = 2
"""So many batches wait for each core: enough to keep it busy, few enough to be held."""


@dataclass
class FileScores:
    """What was scored: how many leads by grade and by confidence, and which values were never seen in training."""

    grades: Counter[str] = field(default_factory=Counter)
    confidence: Counter[str] = field(default_factory=Counter)
    unseen: UnseenCounts = field(default_factory=UnseenCounts)
    equal_rows: int = 0
    notes: tuple[str, ...] = ()

    @property
    def leads(self) -> int:
        return self.grades.total()


@dataclass(frozen=True)
class _Batch(Generic[Written]):
    """A batch of `rows` rows: its leads and scores, or what is wrong with it."""

    rows: int
    problems: Sequence[Problem] = ()
    leads: LeadTable | None = None
    grades: Counter[str] = field(default_factory=Counter)
    confidence: Counter[str] = field(default_factory=Counter)
    written: Written | None = None


@dataclass
class FileScorer(Generic[Written]):
    """Scores a file with a model.

    Attributes:
        encode: makes of a batch of scores, on any thread, what `write` takes in the input's order.
        restart: forgets what was written.
        report: is told the share of the file that is done.
    """

    model: ScoringModel
    reasons: int
    confidence: bool
    encode: Callable[[pd.DataFrame], Written]
    write: Callable[[Written], None]
    restart: Callable[[], None]
    report: Callable[[float], None]

    def score(self, location: str) -> FileScores:
        """Score a CSV or Parquet file.

        Raises:
            TableRefused: with every problem of the file.
        """
        with IdLog() as ids:
            scores = self._score(location, ids)
            repeated = ids.repeated()
        if not len(repeated):
            return scores
        equal = _find_equal_rows(location, self.model.schema, repeated)
        self.restart()
        with IdLog() as ids:
            return self._score(location, ids, equal)

    def _score(self, location: str, ids: IdLog, equal: frozenset[int] = frozenset()) -> FileScores:
        table, scores = open_batches(location), FileScores(equal_rows=len(equal))
        problems: list[Problem] = []

        def score_batch(frame: pd.DataFrame) -> _Batch[Written]:
            return self._score_batch(frame, equal, is_refused=bool(problems or table.problems))

        read = 0
        for batch in _in_order(score_batch, table.frames):
            read += batch.rows
            self.report(read / max(table.rows, 1))
            problems += batch.problems
            if batch.leads is None or batch.written is None:
                continue
            ids.note(batch.leads.lead_id)
            scores.grades += batch.grades
            scores.confidence += batch.confidence
            self.model.count_unseen(batch.leads, scores.unseen)
            self.write(batch.written)
        if problems or table.problems:
            raise TableRefused([*table.problems, *_merge(problems, self.model.schema)], location)
        scores.notes = tuple(table.notes)
        return scores

    def _score_batch(self, frame: pd.DataFrame, equal: frozenset[int], *, is_refused: bool) -> _Batch[Written]:
        """Parse a batch and, where nothing is refused so far, score it."""
        rows = len(frame)
        if equal:
            frame = frame[~frame.index.isin(equal)]
        try:
            leads = parse_leads(frame, self.model.schema, unique=False)
        except TableRefused as refused:
            return _Batch(rows, refused.problems)
        if is_refused:
            return _Batch(rows)
        scored = self.model.score_table(leads, self.reasons, confidence=self.confidence)
        words = scored["confidence"] if self.confidence else self.model.confidence(leads)
        return _Batch(rows, (), leads, Counter(scored["grade"].tolist()), Counter(list(words)), self.encode(scored))


def _in_order(
    work: Callable[[pd.DataFrame], _Batch[Written]], frames: Iterator[pd.DataFrame]
) -> Iterator[_Batch[Written]]:
    """The results of work on frames, in their order; as many at once as there are cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    waiting: deque[Future[_Batch[Written]]] = deque()
    with ThreadPoolExecutor(cores) as pool:
        for frame in frames:
            waiting.append(pool.submit(work, frame))
            if len(waiting) > WAITING * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _find_equal_rows(location: str, schema: LeadSchema, repeated: Hashes) -> frozenset[int]:
    """The numbers of the rows that say what a row above says of the same lead.

    Raises:
        TableRefused: where rows of one id differ.
    """
    name = str(schema.id)
    rows = pd.concat([_rows_of(frame, name, repeated) for frame in open_batches(location).frames])
    kept, _ = without_equal_rows(rows, name)
    ids = pd.Series(ids_of(kept[name]), index=kept.index, dtype=object)
    several = ids.index[ids.duplicated(keep=False)]
    if len(several):
        raise TableRefused([Problem(REPEATED_ID, name, tuple(several.tolist()))], location)
    return frozenset(rows.index.difference(kept.index).tolist())


def _rows_of(frame: pd.DataFrame, lead_id: str, hashes: Hashes) -> pd.DataFrame:
    ids: NDArray[np.object_] = ids_of(frame[lead_id])
    return frame[np.isin(hash_ids(ids), hashes)]


def _merge(problems: Sequence[Problem], schema: LeadSchema) -> list[Problem]:
    """The problems of all batches, one for each thing that is wrong with a column, in the order of the columns."""
    rows: dict[tuple[str, str | None], list[int]] = {}
    for problem in problems:
        rows.setdefault((problem.detail, problem.column), []).extend(problem.rows)
    order = [schema.id, schema.source, schema.campaign, schema.created_at, *(field.name for field in schema.fields)]
    merged = [Problem(detail, column, tuple(of)) for (detail, column), of in rows.items()]
    place = {column: number for number, column in reversed([*enumerate(order)])}
    return sorted(merged, key=lambda problem: (bool(problem.rows), place.get(problem.column, len(order))))
