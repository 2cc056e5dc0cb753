"""What is counted as it happens: requests, scores and commits. A few microseconds each.

With several workers each counts into files of one folder, which prometheus_client adds up; those of a worker that
died stay, so that no sum ever falls. prometheus_client chooses between files and memory when it is imported.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable in which prometheus_client looks for the folder."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
PROBABILITIES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class Counters:
    """The counts of this process, or its part of those of all."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        kept: dict[str, Any] = {"registry": self.registry}
        self._requests = Counter(
            "leads_requests", "Answered requests; the route is a template.", ("route", "method", "code"), **kept
        )
        self._durations = Histogram(
            "leads_request_duration_seconds", "From a request to its answer's end.", ("route",), buckets=SECONDS, **kept
        )
        self._scores = Histogram(
            "leads_score_probability", "Probabilities of the scores given.", buckets=PROBABILITIES, **kept
        )
        self._commits = Counter("leads_store_commits", "Transactions that the store committed.", **kept)
        self._operations = Counter("leads_store_operations", "Operations in these, which share commits.", **kept)
        self._known: dict[tuple[object, ...], tuple[Counter, Histogram]] = {}

    def answered(self, route: str | None, method: str, status: int | None, seconds: float) -> None:
        """Count a request; `status` is None where the client was gone before there was an answer."""
        key = (route, method, status)
        request, duration = self._known.get(key) or self._named(route, method, status)
        request.inc()
        duration.observe(seconds)

    def scored(self, probability: float) -> None:
        """Count a score that was given."""
        self._scores.observe(probability)

    def committed(self, operations: int) -> None:
        """Count a commit of so many operations."""
        self._commits.inc()
        self._operations.inc(operations)

    def of_all_workers(self) -> Collector:
        """What is to be shown: the sums of all workers where there are several."""
        folder = os.environ.get(FOLDER)
        return self.registry if folder is None else MultiProcessCollector(None, folder)  # type: ignore[no-untyped-call]

    def _named(self, route: str | None, method: str, status: int | None) -> tuple[Counter, Histogram]:
        """The two counts of a kind of request; methods that clients made up are counted together."""
        names = (route or "none", method if method in METHODS else OTHER, str(status or "none"))
        counts = self._requests.labels(*names), self._durations.labels(names[0])
        if names[1] == method:
            self._known[route, method, status] = counts
        return counts


@contextmanager
def shared_by(workers: int) -> Iterator[None]:
    """Have workers that start in this block count together, in a folder that is gone afterwards."""
    if workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="leads-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]
