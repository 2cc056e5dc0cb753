"""The service's reports by the periods asked for, made beside the requests and kept."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from fastapi import Request

from analytics.periods import NEWEST, Ask, PeriodsRefused
from analytics.report import Report
from serving.background_cache import BackgroundCache
from serving.operations.build_report import json_of

KEPT_SECONDS, AGAIN_SECONDS = 3600.0, 60.0
RETRY_SECONDS = 2
MOST_KEPT = 6
"""Reports of different periods, and of those that wait to be made."""


@dataclass(frozen=True)
class Made:
    """A report and its JSON; without one, `refused` says what is wrong with the periods, or nothing after a failure."""

    report: Report | None
    json: bytes
    refused: str


class ReportCache(BackgroundCache[Ask, Made]):
    """The newest report of each periods asked for; an hour old, or a minute after a failure, it is made anew."""

    def __init__(self, make: Callable[[Ask], Report]) -> None:
        super().__init__(
            "reports",
            partial(_make_report, make),
            KEPT_SECONDS,
            failed=Made(None, b"", ""),
            retry_seconds=AGAIN_SECONDS,
            most=MOST_KEPT,
            event="report.not_made",
            level=logging.ERROR,
        )

    def find(self, key: Ask = NEWEST) -> Made | None:
        """The newest report of these periods, or why there is none; None while the first one is being made."""
        return super().find(key)


def _make_report(make: Callable[[Ask], Report], ask: Ask) -> Made:
    try:
        report = make(ask)
    except PeriodsRefused as refused:
        return Made(None, b"", str(refused))
    return Made(report, json_of(report), "")


def report_cache_of(request: Request) -> ReportCache:
    """The service's."""
    return cast(ReportCache, request.app.state.reports)
