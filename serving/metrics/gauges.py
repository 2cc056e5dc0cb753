"""What is looked up when the metrics are asked for: the model in use, and the store's own figures."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.event_log import log_event
from serving.health import StoreHealth
from serving.metrics.counters import Counters
from serving.scoring.scorer import Scorer
from serving.store import Store, StoreUnavailable, gauges
from serving.store.calibration_cohort import LATELY, CohortWindow
from serving.store.connection_errors import DISK_FULL
from serving.store.gauges import Calibration, Counts, Feedback

REMEMBERED_SECONDS = 60.0
"""For so long at least, and a hundred times as long as it took."""
SOURCES = 20
FEWEST_LEADS = 20
"""A source with fewer matured leads says nothing by itself."""
REST, NO_SOURCE = "(rest)", "(none)"
STATES = ("waiting", "sent", "dead")


@dataclass(frozen=True)
class _Remembered:
    feedback: Feedback | None
    until: float


class Gauges(Collector):
    """A collector of figures as they are at the moment; without the store's where it cannot be reached."""

    def __init__(
        self,
        scorer: Scorer,
        store: Store,
        clock: Callable[[], datetime],
        health: StoreHealth,
        workers: Callable[[], int | None] = lambda: None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scorer, self._store, self._clock, self._health = scorer, store, clock, health
        self._workers, self._seconds = workers, seconds
        self._remembered = _Remembered(None, seconds())
        self._looking = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        """Every gauge; called by prometheus_client."""
        yield from self._of_the_model()
        running = self._workers()
        if running is not None:
            yield GaugeMetricFamily("leads_workers", "Processes that answer at the moment.", running)
        trouble, counts = self._health.trouble_now(), None
        if trouble in (None, DISK_FULL):  # a full disk can still be read
            trouble, counts = self._counts(trouble)
        yield GaugeMetricFamily("leads_store_up", "Whether the database can be read and written.", trouble is None)
        if trouble is not None:
            named = GaugeMetricFamily("leads_store_trouble", "1 for what is wrong with it.", labels=["reason"])
            named.add_metric([trouble], 1)
            yield named
        if counts is None:
            return
        yield from _of_counts(counts)
        feedback = self._feedback()
        if feedback is not None:
            yield from _of_feedback(feedback, self._clock())

    def _counts(self, trouble: str | None) -> tuple[str | None, Counts | None]:
        try:
            return trouble, self._store.read_now(gauges.counts, self._scorer.version, self._clock())
        except StoreUnavailable as away:
            return str(away), None

    def _of_the_model(self) -> Iterator[Metric]:
        reachable = float(self._scorer.registry_reachable)
        yield GaugeMetricFamily("leads_registry_reachable", "Whether the model registry could be read.", reachable)
        missing, refused = self._scorer.is_missing, self._scorer.refused_version is not None
        yield GaugeMetricFamily("leads_champion_missing", "Whether the registry names no champion.", missing)
        yield GaugeMetricFamily("leads_champion_refused", "Whether the champion is broken and not used.", refused)
        if self._scorer.version is not None:
            model = self._scorer.champion.model
            about = {"version": model.version, "candidate": model.candidate}
            yield InfoMetricFamily("leads_model", "The model that scores.", about)

    def _feedback(self) -> Feedback | None:
        """From memory where it is young enough: it costs a look at every lead that matured lately."""
        with self._looking:
            began = self._seconds()
            if began >= self._remembered.until:
                feedback = self._read_feedback()
                took = self._seconds() - began
                self._remembered = _Remembered(feedback, self._seconds() + max(REMEMBERED_SECONDS, 100 * took))
            return self._remembered.feedback

    def _read_feedback(self) -> Feedback | None:
        """What came back, by the horizon of the model in use; the report's own where there is none."""
        lately = CohortWindow.lately(self._scorer.horizon_days, self._clock())
        try:
            return self._store.read_now(gauges.feedback, lately)
        except StoreUnavailable as error:
            log_event("metrics.feedback_missing", logging.WARNING, error)
            return None


def by_source(calibrations: Iterable[Calibration]) -> list[Calibration]:
    """The largest sources under names that may be shown, and all others together."""
    shown: list[Calibration] = []
    rest = Calibration(REST, 0, 0.0, 0)
    for one in calibrations:
        if len(shown) < SOURCES and one.leads >= FEWEST_LEADS and "@" not in (one.source or ""):
            shown.append(replace(one, source=one.source or NO_SOURCE))
        else:
            rest = Calibration(REST, rest.leads + one.leads, rest.predicted + one.predicted, rest.won + one.won)
    return [*shown, rest] if rest.leads >= FEWEST_LEADS else shown


def _of_counts(counts: Counts) -> Iterator[Metric]:
    yield GaugeMetricFamily("leads_queue_waiting", "Leads in the queue, also those that agents have.", counts.waiting)
    yield GaugeMetricFamily("leads_queue_overdue", "Of these, those that are overdue.", counts.overdue)
    if counts.rescore_remaining is not None:
        about = "Leads in the queue whose score is not the champion's."
        yield GaugeMetricFamily("leads_rescore_remaining", about, counts.rescore_remaining)
    events = GaugeMetricFamily("leads_webhooks", "Events in the outbox; those sent are kept a week.", labels=["state"])
    for state in STATES:
        events.add_metric([state], counts.events.get(state, 0))
    yield events
    if counts.notices:
        about = "Messages of CRMs' hooks; those done are kept a week."
        notices = GaugeMetricFamily("leads_crm_notices", about, labels=["connection", "state"])
        for (name, state), count in sorted(counts.notices.items()):
            notices.add_metric([name, state], count)
        yield notices


def _of_feedback(feedback: Feedback, now: datetime) -> Iterator[Metric]:
    about = f"Actual customers over predicted, of the leads that matured in the {LATELY.days} days before today (UTC)."
    ratio = GaugeMetricFamily("leads_calibration_ratio", about, labels=["source"])
    matured = GaugeMetricFamily("leads_calibration_leads", "Leads behind that ratio.", labels=["source"])
    for one in by_source(feedback.calibrations):
        ratio.add_metric([str(one.source)], one.won / one.predicted if one.predicted else 0.0)
        matured.add_metric([str(one.source)], one.leads)
    yield from (ratio, matured)
    if feedback.log is not None and feedback.log.share_logged is not None:
        about = "Share of the customers that have a contact on record; below 0.95 not all calls are logged."
        yield GaugeMetricFamily("leads_contacts_logged_ratio", about, feedback.log.share_logged)
    if feedback.newest_outcome is not None:
        age = max(0.0, (now - feedback.newest_outcome).total_seconds())
        yield GaugeMetricFamily("leads_newest_outcome_age_seconds", "Since the newest outcome was reported.", age)


def metrics_page(counters: Counters, gauges: Gauges) -> Callable[[], bytes]:
    """A function that writes all metrics of all workers; it asks the database, so it may take a while."""
    shown = CollectorRegistry()
    shown.register(counters)
    shown.register(gauges)
    return partial(generate_latest, shown)
