"""The page that Prometheus reads."""

from collections.abc import Callable
from functools import partial

from prometheus_client import CollectorRegistry, generate_latest

from serving.metrics.counters import Counters
from serving.metrics.gauges import Gauges


def metrics_page(counters: Counters, gauges: Gauges) -> Callable[[], bytes]:
    """A function that writes all metrics of all workers; it asks the database, so it may take a while."""
    shown = CollectorRegistry()
    shown.register(counters)
    shown.register(gauges)
    return partial(generate_latest, shown)
