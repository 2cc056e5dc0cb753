"""For Prometheus."""

import asyncio

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from serving.auth.gate import ANY, needs
from serving.background import run_in_background
from serving.deps import ServiceDep
from serving.http.openapi import Document
from serving.http.strict_route import ApiRoute

router = APIRouter(tags=["health"], route_class=ApiRoute)

_TEXT: Document = {
    "description": "Prometheus' text format",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


@router.get("/metrics", summary="Metrics of all workers", response_class=Response, responses={200: _TEXT})
@needs(*ANY, by="either", without_store=True)
async def metrics(service: ServiceDep) -> Response:
    """What docs/operations.md lists. Where the database is down, its gauges are missing and `leads_store_up` is 0."""
    page = await asyncio.wrap_future(run_in_background("metrics", service.metrics))
    return Response(page, media_type=CONTENT_TYPE_PLAIN_0_0_4)
