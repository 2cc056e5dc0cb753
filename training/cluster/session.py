"""A connection to a Dask cluster: functions are mapped over partitions, and a worker that dies is made up for.

What travels between client and workers is pickled by Dask, so a cluster is as trusted as the machine that this runs
on; no file of a model is a pickle.
"""

import logging
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

from distributed import Client, Future, KilledWorker

from features.errors import Refused

Item = TypeVar("Item")
Result = TypeVar("Result")

CONNECT_S = 15
LOOK_EVERY_S, ALONE_S = 5.0, 120.0
"""So long a cluster may be without workers, which may be starting anew."""
NO_WORKER_LEFT = "the cluster at {} has lost its last worker; look at the workers' logs, and start them again"
WAITING = 2
"""So many tasks wait for each thread of the cluster: enough to keep it busy, few enough to be held."""


class ClusterRefused(Refused):
    """A cluster that cannot be reached or used, or on which the work has failed."""


@dataclass(frozen=True)
class Session:
    """A connection to the scheduler at an address."""

    scheduler: str
    client: Client

    @property
    def workers(self) -> dict[str, int]:
        """The addresses of the workers that are there now, with their threads."""
        return dict(self.client.ncores())

    def map(self, function: Callable[..., Result], items: Iterable[Item], *shared: object) -> Iterator[Result]:
        """`function(item, *shared)` of each item, in their order, each by some worker; a lost one is made again.

        Raises:
            ClusterRefused: where tasks go on killing their workers, or the connection is lost.
        """
        waiting: deque[Future[Result]] = deque()
        sent = self.share(*shared)
        room = WAITING * max(sum(self.workers.values()), 1)
        with self.translate_errors():
            for item in items:
                waiting.append(self.submit(function, item, *sent))
                if len(waiting) > room:
                    yield self._wait(waiting.popleft())
            while waiting:
                yield self._wait(waiting.popleft())

    def _wait(self, future: "Future[Result]") -> Result:
        """The result, waited for as long as there are workers: Dask itself would wait for new ones for ever."""
        alone_since = None
        while True:
            try:
                return future.result(timeout=LOOK_EVERY_S)
            except TimeoutError:
                if future.done():
                    raise
                if self.workers:
                    alone_since = None
                    continue
                alone_since = alone_since or time.monotonic()
                if time.monotonic() - alone_since > ALONE_S:
                    raise ClusterRefused(NO_WORKER_LEFT.format(self.scheduler)) from None

    def wait_for_workers(self, workers: int) -> None:
        """Wait until so many workers are there, or as many as come back in time.

        Raises:
            ClusterRefused: where none does.
        """
        for wanted in (workers, 1):
            with suppress(TimeoutError):
                self.client.wait_for_workers(wanted, timeout=ALONE_S)
                return
        raise ClusterRefused(NO_WORKER_LEFT.format(self.scheduler))

    def open_another(self) -> "Session":
        """One more connection to the same cluster; what it holds is forgotten where it is closed."""
        return Session(self.scheduler, Client(self.scheduler, timeout=CONNECT_S, set_as_default=False))

    def share(self, *values: object) -> list[Any]:
        """Values on every worker, which tasks may take as arguments."""
        with self.translate_errors():
            return list(self.client.scatter([*values], broadcast=True, hash=False)) if values else []

    def submit(
        self, function: Callable[..., Any], *arguments: object, workers: list[str] | None = None
    ) -> "Future[Any]":
        """The future result of a function, on these workers if they are there."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")
            return self.client.submit(
                function, *arguments, pure=False, workers=workers, allow_other_workers=bool(workers)
            )

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Say what a person can do where Dask itself fails."""
        try:
            yield
        except KilledWorker:
            raise ClusterRefused(
                "a partition ended one worker after another, as when their memory is too small for it: give workers "
                "more memory, or write the table in smaller row groups"
            ) from None
        except (CancelledError, OSError, TimeoutError) as error:
            raise ClusterRefused(f"the connection to the cluster at {self.scheduler} was lost: {error}") from None


@contextmanager
def open_session(scheduler: str) -> Iterator[Session]:
    """A session with the cluster whose scheduler has this address.

    Raises:
        ClusterRefused: where no scheduler answers there, it has no worker, or workers have another version of this.
    """
    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise ClusterRefused(
            f"no Dask scheduler answers at {scheduler} ({str(error).splitlines()[0]}); `dask scheduler` prints its "
            "address, such as tcp://10.0.0.5:8786"
        ) from None
    with client:
        _check_workers(client, scheduler)
        yield Session(scheduler, client)


def own_version() -> str:
    """The version of this product that is installed."""
    return version("lead-scoring")


def _check_workers(client: Client, scheduler: str) -> None:
    if not client.ncores():
        raise ClusterRefused(f"the cluster at {scheduler} has no worker; start some with `dask worker {scheduler}`")
    answers = {f"the worker at {worker}": one for worker, one in client.run(own_version, on_error="return").items()}
    try:
        answers["the scheduler"] = client.run_on_scheduler(own_version)
    except Exception as error:  # noqa: BLE001 - whatever the import of a strange version raises there
        answers["the scheduler"] = error
    for place, answer in answers.items():
        if answer != own_version():
            found = f"version {answer}" if isinstance(answer, str) else f"none that runs ({type(answer).__name__})"
            raise ClusterRefused(
                f"{place} has {found} of this product, and version {own_version()} is needed: run "
                "pip install 'lead-scoring[dask]' in the environment of the scheduler and of every worker, and start "
                "them anew"
            )
