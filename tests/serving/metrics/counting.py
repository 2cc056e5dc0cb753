"""What processes of their own do with shared counts; apart, so that they need not import what tests do."""

import os
import signal
from multiprocessing.connection import Connection

from prometheus_client import CollectorRegistry, generate_latest

from serving.metrics.counters import Counters
from serving.metrics.shared import Shared


def count_and_die(shared: Shared) -> None:
    """Count a little, and be killed in the middle of it."""
    counters = Counters(shared)
    for _ in range(20):
        counters.answered("/v1/score", "POST", 200, 0.25)
        counters.scored(0.25)
        counters.committed(3)
    os.kill(os.getpid(), signal.SIGKILL)


def show(shared: Shared, shown: Connection) -> None:
    """Send the page of metrics."""
    registry = CollectorRegistry()
    registry.register(Counters(shared))
    shown.send(generate_latest(registry).decode())
