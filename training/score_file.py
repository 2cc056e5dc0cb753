"""Scores a file of leads batch by batch: memory does not grow with the file, and both cores have work.

A file is scored whole or not at all: problems are gathered over all batches, and an id that stands on several rows is
found by its hash (`training.repeated_ids`). Only where there is one is the file read again, for duplicate rows: a lead
with several equal rows is scored once. What an interrupted run had written is read again, so that refusals and counts
are of the whole file, but not scored again.
"""

import math
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, Protocol, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import Problem, TableRefused
from features.lead_parts import merge_problems
from features.lead_table import REPEATED_ID, ids_of, parse_leads, without_equal_rows
from features.tables.batches import TableBatches, open_batches
from stats.types import Hashes
from training.model import ScoringModel
from training.repeated_ids import IdLog, hash_ids
from training.score import UnseenCounts
from training.threads import count_cores

Written = TypeVar("Written")
"""What a table's format makes of a batch of scores."""
Result = TypeVar("Result")
Ids = NDArray[np.object_]

WAITING = 1
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

    def add(self, batch: "FileScores") -> None:
        """Count what was scored of one batch more."""
        self.grades += batch.grades
        self.confidence += batch.confidence
        self.unseen.add_counts(batch.unseen)


@dataclass(frozen=True)
class Done:
    """What is written of a file: up to which row, the leads by grade, and whether equal rows were left out."""

    last_row: int = 0
    grades: Mapping[str, int] = field(default_factory=dict)
    without_equal: bool = False

    @property
    def leads(self) -> int:
        return sum(self.grades.values())


@dataclass(frozen=True)
class Batch(Generic[Written]):
    """A batch of `rows` rows up to `last_row`: its scores, encoded, or what is wrong with it."""

    rows: int
    last_row: int
    ids: Ids
    problems: Sequence[Problem] = ()
    scores: FileScores | None = None
    written: Written | None = None


@dataclass
class BatchScorer(Generic[Written]):
    """Parses batches of a file and, where nothing `is_refused` so far, scores all rows but the `equal` ones.

    What is written already, up to `row_done`, is counted and not scored.
    """

    model: ScoringModel
    reasons: int
    confidence: bool
    encode: Callable[[pd.DataFrame], Written]
    equal: frozenset[int] = frozenset()
    row_done: float = 0
    is_refused: bool = False

    def __call__(self, frame: pd.DataFrame) -> Batch[Written]:
        rows, last_row = len(frame), int(frame.index[-1])
        if self.equal:
            frame = frame[~frame.index.isin(self.equal)]
        ids = self._ids(frame)
        try:
            leads = parse_leads(frame, self.model.schema, unique=False)
        except TableRefused as refused:
            return Batch(rows, last_row, ids, refused.problems)
        if self.is_refused:
            return Batch(rows, last_row, ids)
        if last_row <= self.row_done:
            scores = FileScores(confidence=Counter(list(self.model.confidence(leads))))
            self.model.count_unseen(leads, scores.unseen)
            return Batch(rows, last_row, ids, (), scores)
        scored = self.model.score_table(leads, self.reasons, confidence=self.confidence)
        words = scored["confidence"] if self.confidence else self.model.confidence(leads)
        scores = FileScores(Counter(scored["grade"].tolist()), Counter(list(words)))
        self.model.count_unseen(leads, scores.unseen)
        return Batch(rows, last_row, ids, (), scores, self.encode(scored))

    def _ids(self, frame: pd.DataFrame) -> Ids:
        """The ids of a batch, none where nothing names the leads."""
        lead_id = self.model.schema.id
        if lead_id is None or lead_id not in frame:
            return np.array([], dtype=object)
        ids = ids_of(frame[lead_id])
        return ids[~pd.isna(ids)]


class MapFrames(Protocol):
    """Opens a file in batches, and maps work over them."""

    def __call__(
        self, location: str, work: Callable[[pd.DataFrame], Result], /
    ) -> tuple[TableBatches, Iterator[Result]]:
        """The table, and the results of work on its raw batches, in their order.

        Raises:
            TableRefused: where there is no such table.
        """


def map_frames_in_threads(
    location: str, work: Callable[[pd.DataFrame], Result]
) -> tuple[TableBatches, Iterator[Result]]:
    """`MapFrames` on this machine, as many batches at once as there are cores."""
    table = open_batches(location)
    return table, _in_order(work, table.frames)


class ScoresTable(Protocol[Written]):
    """The table of scores that is written, batch by batch in the input's order."""

    @property
    def done(self) -> Done:
        """What an earlier run had written."""

    @property
    def encode(self) -> Callable[[pd.DataFrame], Written]:
        """The function that turns a batch of scores into what `write` takes, on any thread or machine."""

    def write(self, encoded: Written, done: Done) -> None:
        """Write a batch; `done` is what is written with it."""

    def restart(self) -> None:
        """Forget what was written."""


@dataclass
class FileScorer(Generic[Written]):
    """Scores a file with a model, into a table.

    `report` is called with the share of the file that is done; `map_frames` reads the file and maps work over its
    batches.
    """

    model: ScoringModel
    reasons: int
    confidence: bool
    table: ScoresTable[Written]
    report: Callable[[float], None]
    map_frames: MapFrames = map_frames_in_threads

    def score(self, location: str) -> FileScores:
        """Score a CSV or Parquet file.

        Raises:
            TableRefused: with every problem of the file.
        """
        with IdLog() as ids:
            scores, problems = self._score(location, frozenset(), ids.note)
            repeated = ids.repeated()
        equal: frozenset[int] = frozenset()
        if len(repeated):
            equal, differing = self._find_equal_rows(location, repeated)
            problems += differing
        if problems:
            raise TableRefused(merge_problems(problems, self.model.schema), location)
        if equal:
            if not self.table.done.without_equal:
                self.table.restart()
            scores, _ = self._score(location, equal, lambda _: None)
        return scores

    def _score(
        self, location: str, equal: frozenset[int], note_ids: Callable[[Ids], None]
    ) -> tuple[FileScores, list[Problem]]:
        """Score all rows but the `equal` ones, as long as there is no problem; `note_ids` is called with all ids."""
        row_done, grades = self._find_done(without_equal=bool(equal))
        scorer = BatchScorer(self.model, self.reasons, self.confidence, self.table.encode, equal, row_done)
        table, batches = self.map_frames(location, scorer)
        scores, problems = FileScores(Counter(grades), equal_rows=len(equal)), list[Problem]()
        read = 0
        for batch in batches:
            read += batch.rows
            self.report(read / max(table.rows, 1))
            problems += batch.problems
            scorer.is_refused = bool(problems or table.problems)
            note_ids(batch.ids)
            if batch.scores is None:
                continue
            scores.add(batch.scores)
            if batch.written is not None:
                self.table.write(batch.written, Done(batch.last_row, dict(scores.grades), bool(equal)))
        scores.notes = tuple(table.notes)
        return scores, [*table.problems, *problems]

    def _find_done(self, *, without_equal: bool) -> tuple[float, Mapping[str, int]]:
        """Up to which row a pass is written, and its grades; all of the first pass where the second was begun."""
        done = self.table.done
        if done.without_equal == without_equal:
            return done.last_row, done.grades
        return (math.inf if done.without_equal else 0), {}

    def _find_equal_rows(self, location: str, repeated: Hashes) -> tuple[frozenset[int], list[Problem]]:
        """The numbers of the duplicate rows, and the problem where rows of one lead differ."""
        lead_id = str(self.model.schema.id)
        _, found = self.map_frames(location, partial(_rows_of, lead_id=lead_id, hashes=repeated))
        rows = pd.concat([*found])
        kept, _ = without_equal_rows(rows, lead_id)
        ids = pd.Series(ids_of(kept[lead_id]), index=kept.index, dtype=object)
        several = tuple(ids.index[ids.duplicated(keep=False)].tolist())
        problems = [Problem(REPEATED_ID, lead_id, several)] if several else []
        return frozenset(rows.index.difference(kept.index).tolist()), problems


def _in_order(work: Callable[[pd.DataFrame], Result], frames: Iterator[pd.DataFrame]) -> Iterator[Result]:
    """The results of work on frames, in their order; as many at once as there are cores."""
    cores = count_cores()
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(cores) as pool:
        for frame in frames:
            waiting.append(pool.submit(work, frame))
            if len(waiting) > WAITING * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _rows_of(frame: pd.DataFrame, lead_id: str, hashes: Hashes) -> pd.DataFrame:
    ids = ids_of(frame[lead_id])
    ids[pd.isna(ids)] = ""  # no id is empty
    return frame[np.isin(hash_ids(ids), hashes)]
