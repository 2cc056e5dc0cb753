"""The service's reports: periods in, the newest report of them out, made beside the requests and kept."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self, cast

from fastapi import Request

from analytics.periods import NEWEST, Ask, PeriodsRefused
from analytics.report import Report
from serving.event_log import log_event
from serving.operations.build_report import json_of

KEPT_SECONDS, AGAIN_SECONDS, STOP_SECONDS = 3600.0, 60.0, 5.0
RETRY_SECONDS = 2
MOST_KEPT = 6
"""Reports of different periods, and of those that wait to be made."""


@dataclass(frozen=True)
class Made:
    """A report and its JSON; without one, `refused` says what is wrong with the periods, or is empty after a failure.

    It is made again when it is `due`, by the machine's own clock.
    """

    report: Report | None
    json: bytes
    refused: str
    due: float

    @classmethod
    def of(cls, report: Report) -> Self:
        return cls(report, json_of(report), "", time.monotonic() + KEPT_SECONDS)


class ReportCache:
    """The service's reports by the periods asked for, made one after the other beside the requests and kept.

    One that is older than an hour is still shown while it is made anew. After a failure it is tried again a minute
    later.
    """

    def __init__(self, make: Callable[[Ask], Report]) -> None:
        self._make = make
        self._kept: OrderedDict[Ask, Made] = OrderedDict()
        self._asked: OrderedDict[Ask, None] = OrderedDict()
        self._lock = threading.Lock()
        self._maker: threading.Thread | None = None
        self._closed = False

    def find(self, ask: Ask = NEWEST) -> Made | None:
        """The newest report of these periods, or why there is none; None while the first one is being made."""
        with self._lock:
            made = self._kept.get(ask)
            if made is None or time.monotonic() >= made.due:
                if len(self._asked) < MOST_KEPT:
                    self._asked.setdefault(ask)
                self._start()
            else:
                self._kept.move_to_end(ask)
            return made

    def close(self) -> None:
        """Make nothing more, and wait a little for what is being made: it reads the store, which is closed next."""
        with self._lock:
            self._closed = True
            maker = self._maker
        if maker is not None:
            maker.join(STOP_SECONDS)

    def _start(self) -> None:
        if not self._closed and (self._maker is None or not self._maker.is_alive()):
            self._maker = threading.Thread(target=self._make_until_done, name="reports", daemon=True)
            self._maker.start()

    def _make_until_done(self) -> None:
        """Make what is asked for until nothing is."""
        while True:
            with self._lock:
                if self._closed or not self._asked:
                    self._maker = None
                    return
                ask = next(iter(self._asked))
            made = self._make_report(ask)
            with self._lock:
                del self._asked[ask]
                self._keep(ask, made)

    def _make_report(self, ask: Ask) -> Made:
        before = self._kept.get(ask)
        try:
            return Made.of(self._make(ask))
        except PeriodsRefused as refused:
            return Made(None, b"", str(refused), time.monotonic() + KEPT_SECONDS)
        except Exception as error:  # noqa: BLE001 - told, and tried again
            log_event("report.not_made", logging.ERROR, error)
            again = time.monotonic() + AGAIN_SECONDS
            return replace(before, due=again) if before else Made(None, b"", "", again)

    def _keep(self, ask: Ask, made: Made) -> None:
        self._kept[ask] = made
        self._kept.move_to_end(ask)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def report_cache_of(request: Request) -> ReportCache:
    """The service's."""
    return cast(ReportCache, request.app.state.reports)
