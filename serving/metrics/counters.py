"""What is counted as it happens: requests, scores and commits. A few microseconds each.

With several workers each counts in memory that all share; see `serving.metrics.shared`.
"""

import logging
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import get_args

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from serving.event_log import log_event
from serving.metrics.shared import Alone, Shared
from serving.store.trainings import End

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
PROBABILITIES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

REQUESTS, DURATIONS, SCORES, COMMITS, OPERATIONS = "requests", "durations", "scores", "commits", "operations"
TRAININGS = "trainings"
SUM = "sum"
PARTS = "\0"
"""Parts a number's name: what is counted, its labels, and of a histogram the bucket."""

Labels = tuple[str, ...]


class Counters(Collector):
    """The counts of this process; as a collector, those of all that share its memory."""

    def __init__(self, shared: Shared | None = None) -> None:
        self._memory: Alone | Shared = shared or Alone()
        try:
            self._sheet = self._memory.sheet()
        except OSError as error:
            log_event("metrics.not_shared", logging.WARNING, error)
            self._memory = Alone()
            self._sheet = self._memory.sheet()
        self._known: dict[tuple[object, ...], tuple[str, str]] = {}

    def answered(self, route: str | None, method: str, status: int | None, seconds: float) -> None:
        """Count a request; `status` is None where the client was gone before there was an answer."""
        key = (route, method, status)
        request, duration = self._known.get(key) or self._counter_names(route, method, status)
        self._sheet.add(request, 1)
        self._observe(duration, SECONDS, seconds)

    def scored(self, probability: float) -> None:
        """Count a score that was given."""
        self._observe(SCORES, PROBABILITIES, probability)

    def committed(self, operations: int) -> None:
        """Count a commit of so many operations."""
        self._sheet.add(COMMITS, 1)
        self._sheet.add(OPERATIONS, operations)

    def trained(self, state: str) -> None:
        """Count a training that was started from a page, by how it ended."""
        self._sheet.add(PARTS.join((TRAININGS, state, "")), 1)

    def collect(self) -> Iterator[Metric]:
        """The sums of all workers; called by prometheus_client."""
        found = _by_subject(self._memory.sums())
        requests = CounterMetricFamily(
            "leads_requests", "Answered requests; the route is a template.", labels=("route", "method", "code")
        )
        for labels, numbers in found[REQUESTS].items():
            requests.add_metric(labels, numbers[""])
        yield requests
        durations = HistogramMetricFamily(
            "leads_request_duration_seconds", "From a request to its answer's end.", labels=("route",)
        )
        for labels, numbers in found[DURATIONS].items():
            durations.add_metric(labels, _buckets(numbers, SECONDS), numbers.get(SUM, 0.0))
        yield durations
        scores = HistogramMetricFamily("leads_score_probability", "Probabilities of the scores given.")
        given = found[SCORES].get((), {})
        scores.add_metric((), _buckets(given, PROBABILITIES), given.get(SUM, 0.0))
        yield scores
        commits, operations = (found[subject].get((), {}).get("", 0.0) for subject in (COMMITS, OPERATIONS))
        yield CounterMetricFamily("leads_store_commits", "Transactions that the store committed.", commits)
        yield CounterMetricFamily("leads_store_operations", "Operations in these, which share commits.", operations)
        trainings = CounterMetricFamily(
            "leads_trainings", "Trainings that were started from a page, by how they ended.", labels=("state",)
        )
        for state in get_args(End):
            trainings.add_metric((state,), found[TRAININGS].get((state,), {}).get("", 0.0))
        yield trainings

    def running(self) -> int | None:
        """How many workers count at the moment; None where this one counts alone."""
        return self._memory.running() if isinstance(self._memory, Shared) else None

    def _observe(self, name: str, bounds: Sequence[float], value: float) -> None:
        self._sheet.add(f"{name}{PARTS}{bisect_left(bounds, value)}", 1)
        self._sheet.add(f"{name}{PARTS}{SUM}", value)

    def _counter_names(self, route: str | None, method: str, status: int | None) -> tuple[str, str]:
        """What a kind of request is counted under; methods that clients made up are counted together."""
        labels = (route or "none", method if method in METHODS else OTHER, str(status or "none"))
        names = PARTS.join((REQUESTS, *labels, "")), PARTS.join((DURATIONS, labels[0]))
        if labels[1] == method:
            self._known[route, method, status] = names
        return names


def _by_subject(sums: Mapping[str, float]) -> dict[str, dict[Labels, dict[str, float]]]:
    """What is counted, its labels, and the numbers of these by bucket."""
    found: dict[str, dict[Labels, dict[str, float]]] = {
        subject: {} for subject in (REQUESTS, DURATIONS, SCORES, COMMITS, OPERATIONS, TRAININGS)
    }
    for name, value in sums.items():
        subject, *labels = name.split(PARTS)
        part = labels.pop() if labels else ""
        found[subject].setdefault(tuple(labels), {})[part] = value
    return found


def _buckets(numbers: Mapping[str, float], bounds: Sequence[float]) -> list[tuple[str, float]]:
    """Each upper bound as Prometheus writes it, with the count up to there."""
    counts = accumulate(numbers.get(str(at), 0.0) for at in range(len(bounds) + 1))
    return list(zip(map(floatToGoString, (*bounds, float("inf"))), counts, strict=True))


@contextmanager
def shared_by(workers: int) -> Iterator[Shared | None]:
    """Memory for workers that are to count together; None where one counts alone, or there is none to be had."""
    if workers == 1 or sys.platform == "win32":
        yield None
        return
    try:
        shared = Shared.make()
    except OSError as error:
        log_event("metrics.not_shared", logging.WARNING, error)
        yield None
        return
    try:
        yield shared
    finally:
        shared.close()
