"""Feeds that ad platforms pull by themselves: the same files that `leads export` writes, over https, under a key."""

from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import Path as PathParameter
from starlette.concurrency import run_in_threadpool

from connectors.ads.config import AdsRefused, read_ads_config
from connectors.ads.platform import Context, Platform
from connectors.ads.platforms import PLATFORMS, make_platform
from serving.auth.gate import needs
from serving.deps import NowDep, SettingsDep, StoreDep
from serving.errors import ExportBusy, NotFound, RequestRefused
from serving.http.openapi import Document
from serving.http.strict_route import ApiRoute
from serving.operations.export_conversions import Asked, Exporter
from serving.problems import Fault, problem_responses
from serving.settings import Settings

FEEDS = tuple(name for name, made in PLATFORMS.items() if made.writes)
CSV = "text/csv; charset=utf-8"
FILE: dict[int | str, Document] = {
    200: {"description": "The file", "content": {"text/csv": {"schema": {"type": "string"}}}}
}

router = APIRouter(prefix="/v1/feeds", tags=["ads"], route_class=ApiRoute)


@router.get(
    "/{platform}.csv",
    summary="What leads are worth, for an ad platform to pull",
    response_class=Response,
    responses=FILE | problem_responses(404, 409, 422),
)
@needs("feed", basic=True)
async def get_feed(
    platform: Annotated[str, PathParameter(description=f"One of {', '.join(FEEDS)}.")],
    store: StoreDep,
    settings: SettingsDep,
    now: NowDep,
    id_kind: Annotated[
        str | None, Query(alias="id", description="Of platforms with a file for each kind of click id: which.")
    ] = None,
) -> Response:
    """All that the platform still takes, in its own format; what it has, it ignores by its id and time.

    The key may also be the password of HTTP Basic, under any user name. ads.toml sets a platform up.
    """
    made = _make(platform, settings)
    kind = made.id_kinds[0] if id_kind is None else id_kind
    if kind not in made.id_kinds:
        accepted = ", ".join(filter(None, made.id_kinds)) or "no such parameter for this platform"
        raise RequestRefused(
            "the id is not one of the platform's", [Fault(detail=f"accepted: {accepted}", parameter="id")]
        )
    text = await run_in_threadpool(partial(_text_of, Exporter(store, settings.currency, lambda: now), made, kind))
    return Response(text, media_type=CSV)


def _make(name: str, settings: Settings) -> Platform:
    if name not in FEEDS:
        raise NotFound(f"there is no such feed; there are {', '.join(FEEDS)}")
    try:
        return make_platform(name, Context(read_ads_config(Path(settings.ads_file)), settings.currency))
    except AdsRefused as refused:
        raise NotFound(f"this feed is not set up: {refused}") from None


def _text_of(exporter: Exporter, platform: Platform, kind: str) -> str:
    texts: dict[str, str] = {}
    try:
        exporter.write(platform, Asked(again="all", id_kind=kind), texts.update, "feed")
    except AdsRefused as busy:
        raise ExportBusy(str(busy)) from None
    return texts.get(kind) or platform.write([], kind)
