"""Begins a fit again that a cluster has lost: `lightgbm.dask` fails, or never ends, where a worker dies in a fit."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Protocol, TypeVar

from features.errors import Refused
from training.cluster.session import ClusterRefused

Result = TypeVar("Result")
Covariant = TypeVar("Covariant", covariant=True)

RESTARTS = 2
LOOK_EVERY_S = 0.5


class Attempt(Protocol[Covariant]):
    """One attempt at a fit."""

    def run(self) -> Covariant:
        """The result; raises anything where the fit fails, and may never return."""

    def lost_workers(self) -> list[str]:
        """The addresses of the workers that took part and are gone."""

    def abandon(self) -> None:
        """End what still runs, so that its workers are free."""


def run_with_restarts(
    begin: Callable[[], Attempt[Result]],
    timeout_s: float,
    note: Callable[[str], None],
    look_every_s: float = LOOK_EVERY_S,
) -> Result:
    """The result of a fit that is begun again, at most twice, where it fails, loses a worker or takes too long.

    `note` is called with the reason where an attempt is given up.

    Raises:
        ClusterRefused: where the last attempt was given up too, with the reason of each.
    """
    reasons: list[str] = []
    for _ in range(1 + RESTARTS):
        attempt = begin()
        running = _start(attempt.run)
        reason = _wait(running, attempt, timeout_s, look_every_s)
        if reason is None:
            return running.result()
        reasons.append(reason)
        note(reason)
        attempt.abandon()
    listed = "".join(f"\n  {reason}" for reason in reasons)
    raise ClusterRefused(
        f"the fit on the cluster was given up {1 + RESTARTS} times; nothing was registered:{listed}\n"
        "Look at the workers' logs (memory is what mostly ends them), or give a fit more time by --fit-timeout."
    )


def _start(run: Callable[[], Result]) -> "Future[Result]":
    """The future result of a function that runs in a thread of its own, which ends with the process."""
    running: Future[Result] = Future()

    def work() -> None:
        try:
            running.set_result(run())
        except Exception as error:  # noqa: BLE001 - looked at by whoever waits
            running.set_exception(error)

    Thread(target=work, daemon=True).start()
    return running


def _wait(running: "Future[Result]", attempt: Attempt[Result], timeout_s: float, look_every_s: float) -> str | None:
    """Why an attempt is given up; None where it has a result. Raises what a person has to mend."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            error = running.exception(timeout=look_every_s)
        except TimeoutError:
            if lost := attempt.lost_workers():
                return f"lost {', '.join(lost)} while it ran"
            if time.monotonic() > deadline:
                return f"did not end within {timeout_s:,.0f} seconds"
            continue
        if isinstance(error, Refused):
            raise error
        lines = f"{error}".splitlines() or [""]
        return f"failed: {lines[0]} ({type(error).__name__})" if error else None
