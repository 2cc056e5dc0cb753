"""The weekly report for programs, and what each of its numbers means."""

import re
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator

from analytics.metrics import CONTRACT
from analytics.periods import Ask
from analytics.report import Report
from serving.auth.gate import needs
from serving.deps import ReportsDep
from serving.errors import ReportFailed, RequestRefused
from serving.http.openapi import Document
from serving.http.strict_route import ApiRoute
from serving.operations.report_cache import AGAIN_SECONDS, RETRY_SECONDS
from serving.problems import Fault, problem_responses
from serving.schemas.responses import BeingMadeOut, MetricOut


def _written_out(day: object) -> object:
    if isinstance(day, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.ASCII):
        raise ValueError("expected a day such as 2026-11-02")
    return day


Day = Annotated[date, BeforeValidator(_written_out)]
SOON: dict[int | str, Document] = {202: {"description": "The report is being made", "model": BeingMadeOut}}

router = APIRouter(prefix="/v1", tags=["report"], route_class=ApiRoute)


@router.get(
    "/report",
    summary="What changed, and whose doing it was",
    response_model=Report,
    responses=SOON | problem_responses(422, 503),
)
@needs("report")
async def get_report(
    reports: ReportsDep,
    from_: Annotated[Day | None, Query(alias="from", description="First day of the later period.")] = None,
    to: Annotated[Day | None, Query(description="Its last day.")] = None,
    before_from: Annotated[Day | None, Query(description="First day of the earlier period.")] = None,
    before_to: Annotated[Day | None, Query(description="Its last day.")] = None,
) -> Response:
    """The numbers of the weekly page, as of the start of today. Without dates, of the newest matured weeks.

    A report that nobody has asked for yet is made first, which takes seconds: 202 until it is there.
    """
    made = reports.find(Ask(from_, to, before_from, before_to))
    if made is None:
        soon = BeingMadeOut().model_dump_json()
        return Response(soon, 202, {"Retry-After": str(RETRY_SECONDS)}, "application/json")
    if made.refused:
        raise RequestRefused("these periods cannot be compared", [Fault(detail=made.refused, parameter="from")])
    if made.report is None:
        raise ReportFailed(AGAIN_SECONDS)
    return Response(made.json, media_type="application/json")


@router.get("/metrics-contract", summary="What each number of the report means")
@needs("report")
async def metrics_contract() -> list[MetricOut]:
    """Each number once: its formula, window, owner, unit and version. `definitions` of a report name them by key."""
    return [MetricOut(**vars(metric), version=metric.version) for metric in CONTRACT]
