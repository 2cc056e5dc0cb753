"""Waits until leads are tried and reached, in working time, and response targets kept, by group.

A wait ends with the first contact of any kind, also one that the lead began. A contact that is recorded before the
lead arrived was no wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Groups, Name, Period, group
from analytics.response.working_hours import DAY_NAMES, WorkingHours
from stats.estimates import Estimate, exact_shares
from stats.instants import to_instant
from stats.survival import Wait, waits
from stats.types import Mask

Seconds = NDArray[np.float64]

HOURS_OF_WEEK = tuple((f"{day} {hour:02}:00",) for day in DAY_NAMES for hour in range(24))


@dataclass(frozen=True)
class Response:
    """How soon one group's leads were tried, and spoken to.

    `never_tried` and `never_reached` are shares of the matured leads. `kept` is the share of the promises about the
    first attempt that were kept.
    """

    name: Name
    attempt: Wait
    conversation: Wait
    never_tried: Estimate
    never_reached: Estimate
    kept: Estimate


@dataclass(frozen=True)
class Waiting:
    """The wait of each lead (n,), in seconds of working time, so far or until it was tried or reached.

    `tried_in_time` is tried within the horizon; `to_close` the time until the lead was won or lost, NaN where that is
    not known; `so_far` its age. `all_logged` is False where wins show that calls are logged in part.
    `promise` is NaN where nothing was promised. A promise counts once it can have been broken: if the lead has been
    there for longer. A lead that won untried needed no attempt, so its promise does not count; one that was closed as
    lost untried had a promise that was not kept.
    """

    leads: pd.DataFrame
    to_attempt: Seconds
    tried: Mask
    to_conversation: Seconds
    reached: Mask
    tried_in_time: Mask
    to_close: Seconds
    so_far: Seconds
    promise: Seconds
    zone_hour: NDArray[np.int64]
    all_logged: bool

    @classmethod
    def of(
        cls,
        facts: LeadsAsOf,
        hours: WorkingHours,
        promises: Mapping[str, timedelta] | None = None,
        period: Period | None = None,
    ) -> Self:
        """Measure the waits of the leads that arrived in the period; `promises` is working time by grade."""
        leads = facts.leads if period is None else facts.leads[period.holds(facts.leads)]
        arrived_at = leads["arrived_at"].to_numpy()
        now = np.full_like(arrived_at, to_instant(facts.as_of))
        so_far = hours.between(arrived_at, now)
        to_attempt, to_conversation, to_close = (
            np.maximum(hours.between(arrived_at, leads[moment].to_numpy()), 0)
            for moment in ("first_attempt_at", "first_conversation_at", "closed_at")
        )
        delay = leads["first_attempt_at"].to_numpy() - arrived_at
        tried, reached = ~np.isnan(to_attempt), ~np.isnan(to_conversation)
        return cls(
            leads=leads,
            to_attempt=np.where(tried, to_attempt, so_far),
            tried=tried,
            to_conversation=np.where(reached, to_conversation, so_far),
            reached=reached,
            tried_in_time=delay <= np.timedelta64(facts.horizon_days, "D"),
            to_close=to_close,
            so_far=so_far,
            promise=_promised(leads["grade"].array, promises or {}),
            zone_hour=hours.hour_of_week(arrived_at),
            all_logged=facts.contact_log is None or facts.contact_log.note is None,
        )

    def by(self, *columns: str) -> list[Response]:
        """The responses by these columns of the leads; by none, of all leads together."""
        return self._responses(group(self.leads, columns))

    def by_hour_of_week(self) -> list[Response]:
        """The responses by the hour in which leads arrived, in the zone of the working hours: 168, Monday first."""
        return self._responses(Groups(HOURS_OF_WEEK, self.zone_hour.astype(np.intp)))

    def _responses(self, groups: Groups) -> list[Response]:
        matured = self.leads["matured"].to_numpy()
        due = (self.so_far >= self.promise) & (self.tried | (self.leads["state"] != "won").to_numpy())
        return [
            Response(name, *parts)
            for name, *parts in zip(
                groups.names,
                waits(self.to_attempt, self.tried, groups.code, len(groups.names)),
                waits(self.to_conversation, self.reached, groups.code, len(groups.names)),
                _shares(groups, matured & ~self.tried, matured, "too young to tell"),
                _shares(groups, matured & ~self.reached, matured, "too young to tell"),
                _shares(groups, due & self.tried & (self.to_attempt <= self.promise), due, "no call was due"),
                strict=True,
            )
        ]


def _shares(groups: Groups, counted: Mask, among: Mask, nothing: str) -> list[Estimate]:
    return exact_shares(groups.count(counted), groups.count(among), nothing)


def _promised(grade: pd.Categorical, promises: Mapping[str, timedelta]) -> Seconds:
    spans = [promises[name].total_seconds() if name in promises else np.nan for name in grade.categories]
    return np.array([*spans, np.nan])[grade.codes]
