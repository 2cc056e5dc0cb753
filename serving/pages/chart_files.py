"""The charts' addresses: an SVG for each theme, width and language, drawn once and kept."""

import re
from functools import lru_cache

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from language.choice import Language, current_language, use_language
from language.text import gettext as _
from serving.auth.gate import needs
from serving.deps import service_of
from serving.errors import NotFound
from serving.middleware.security_headers import with_security_headers
from serving.pages.charts import (
    CALIBRATION_SIZES,
    PALETTES,
    SQUARE,
    Promised,
    Size,
    Theme,
    Waterfall,
    Width,
    draw_calibration,
    draw_waterfall,
    waterfall_sizes,
)
from serving.pages.lead.waterfall import parts_of
from serving.pages.model.cached import records_of
from serving.pages.model.routes import known_of
from serving.pages.page_route import PageRoute, page_context_of
from serving.store.overview import score_by_id

KEPT = 256
DRAWN = re.compile(r'width="(\d+)" height="(\d+)" viewBox="0 0 \1 \2"')

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@lru_cache(KEPT)
def _waterfall(chart: Waterfall, theme: Theme, width: Width, language: Language) -> str:
    with use_language(language):
        return _fill(draw_waterfall(chart, theme, width), waterfall_sizes(len(chart.steps))[width])


@lru_cache(KEPT)
def _calibration(groups: tuple[Promised, ...], theme: Theme, width: Width, language: Language) -> str:
    with use_language(language):
        return _fill(draw_calibration(groups, theme, width), CALIBRATION_SIZES[width])


@router.get("/charts/reasons/{score_id}/{variant}.svg")
@needs("sales", by="session")
async def reasons(request: Request) -> Response:
    """Why a lead scores as it does."""
    service = service_of(request)
    theme, width = _variant(request)
    stored = await service.store.read(score_by_id, request.path_params["score_id"])
    if stored is None or not stored.score.reasons:
        raise NotFound(_("there is no such chart"))
    chart: Waterfall = parts_of(stored.score_id, stored.score, page_context_of(request, service)).chart
    return _svg(await run_in_threadpool(_waterfall, chart, theme, width, current_language()))


@router.get("/charts/calibration/{variant}.svg")
@needs("sales", "report", by="session")
async def calibration(request: Request) -> Response:
    """Promised against delivered."""
    service = service_of(request)
    theme, width = _variant(request)
    promises = (await known_of(service, records_of(request), page_context_of(request, service))).promises
    if promises is None or not promises.groups:
        raise NotFound(_("there is no such chart"))
    groups = tuple(Promised(g.predicted, g.actual, g.low, g.high, g.leads) for g in promises.groups)
    return _svg(await run_in_threadpool(_calibration, groups, theme, width, current_language()))


def _fill(svg: str, size: Size) -> str:
    """A chart as large as the place that its page keeps for it: Vega's own size follows the ticks by some pixels."""
    drawn = DRAWN.search(svg)
    if drawn is None:
        return svg
    width, height = (max(int(own), kept) for own, kept in zip(drawn.groups(), size, strict=True))
    return svg.replace(drawn[0], f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"', 1)


def _variant(request: Request) -> tuple[Theme, Width]:
    """Such as wide-dark."""
    wanted = request.path_params["variant"]
    for theme in PALETTES:
        for width in SQUARE:
            if wanted == f"{width}-{theme}":
                return theme, width
    raise NotFound(_("there is no such chart"))


def _svg(text: str) -> Response:
    return with_security_headers(Response(text, media_type="image/svg+xml"))
