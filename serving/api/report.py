"""The weekly report for programs, and what each of its numbers means."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from analytics.metrics import CONTRACT
from analytics.periods import Ask
from analytics.report import Report
from serving.auth import KeyedRoute, needs
from serving.errors import BeingMade, Fault, RequestRefused
from serving.http.openapi import problems
from serving.kept_reports import RETRY_SECONDS, reports_of
from serving.messages.answers import MetricOut

router = APIRouter(prefix="/v1", tags=["report"], route_class=KeyedRoute)


@router.get(
    "/report", summary="What changed, and whose doing it was", response_model=Report, responses=problems(422, 503)
)
@needs("report")
async def get_report(
    request: Request,
    from_: Annotated[date | None, Query(alias="from", description="First day of the later period.")] = None,
    to: Annotated[date | None, Query(description="Its last day.")] = None,
    before_from: Annotated[date | None, Query(description="First day of the earlier period.")] = None,
    before_to: Annotated[date | None, Query(description="Its last day.")] = None,
) -> Response:
    """The numbers of the weekly page, as of the start of today. Without dates, of the newest matured weeks.

    A report that nobody asked for in the last hour is made first, which takes seconds: 503 until it is there.
    """
    made = reports_of(request).find(Ask(from_, to, before_from, before_to))
    if made is not None and made.refused:
        raise RequestRefused(made.refused, [Fault(detail=made.refused, parameter="from")])
    if made is None or made.report is None:
        raise BeingMade(RETRY_SECONDS)
    return Response(made.json, media_type="application/json")


@router.get("/metrics-contract", summary="What each number of the report means")
@needs("report")
async def metrics_contract() -> list[MetricOut]:
    """Each number once: its formula, window, owner, unit and version. `definitions` of a report name them by key."""
    return [MetricOut(**vars(metric), version=metric.version) for metric in CONTRACT]
