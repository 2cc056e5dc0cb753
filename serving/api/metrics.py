"""For Prometheus."""

import asyncio

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from serving.auth.gate import ANY, KeyedRoute, needs
from serving.background import run_in_background
from serving.deps import service_of
from serving.http.openapi import Document

router = APIRouter(tags=["health"], route_class=KeyedRoute)

_TEXT: Document = {
    "description": "Prometheus' text format",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


@router.get("/metrics", summary="Metrics of all workers", response_class=Response, responses={200: _TEXT})
@needs(*ANY, by="either", without_store=True)
async def metrics(request: Request) -> Response:
    """What docs/operations.md lists. Where the database is down, its gauges are missing and `leads_store_up` is 0."""
    page = await asyncio.wrap_future(run_in_background("metrics", service_of(request).metrics))
    return Response(page, media_type=CONTENT_TYPE_PLAIN_0_0_4)
