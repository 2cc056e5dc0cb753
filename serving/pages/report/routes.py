"""The weekly page, on the service and as one file, and what its numbers mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from altair.utils.schemapi import debug_mode
from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from analytics.periods import Ask
from analytics.report import Report
from language.choice import SOURCE, Language, current_language, use_language
from language.text import gettext as _
from language.text import mark
from serving.auth.gate import needs, session_of
from serving.deps import Service, service_of
from serving.errors import NotFound, RequestRefused
from serving.middleware.security_headers import with_security_headers
from serving.operations.report_cache import report_cache_of
from serving.pages.compression import pack
from serving.pages.notices import notice_of
from serving.pages.page_route import PageRoute
from serving.pages.rendering import Problem, page, page_part, standing_alone
from serving.pages.report.agreed import AgreedView, read_agreed
from serving.pages.report.downloads import find_table, write_csv
from serving.pages.report.said import said
from serving.pages.report.this_week import ThisWeek, read_week
from serving.pages.report.view import contract, report_view
from serving.pages.report.views import ReportView
from serving.pages.views import Link
from serving.store import Connection

DAYS = {"from": "first", "to": "last", "before_from": "before_first", "before_to": "before_last"}
"""Days in an address, and the parts of an `Ask` that they are."""
KEPT = 16
STYLES = ("pages.css", "report.css")
LONGEST_PLACE = 4
FAILED = mark("The report could not be made; the log says why. It is tried again in a minute.")

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/report")
@needs("sales", "report", by="session")
async def report(request: Request) -> Response:
    """The newest report, or one of the days asked for; while it is being made, the page says so and asks again."""
    session, made = session_of(request), report_cache_of(request).find(_ask(request.query_params))
    if made is None:
        return page("report_soon.html", None, request, session)
    if made.report is None:
        refused = Problem(
            _("These weeks cannot be compared"), said(made.refused), Link(_("The newest weeks"), "/report")
        )
        failed = Problem(_("There is no report"), _(FAILED), Link(_("Try again"), "/report"))
        return page("problem.html", refused if made.refused else failed, request, session, status=409)
    service, asked = service_of(request), _days_asked(request.query_params)
    view = await run_in_threadpool(view_of, made.report)
    root = service.settings.root_path
    folds = await run_in_threadpool(_folds, _Same(made.report), asked, root, current_language())
    week, agreed = await service.store.read(_read_now, service, f"/report?{asked}" if asked else "/report")
    weekly = WeeklyPage(view, folds, week, agreed, asked)
    return pack(page("report.html", weekly, request, session, notice_of(request)), request)


@router.get("/report/tables/{anchor}/{place}.csv")
@needs("sales", "report", by="session")
async def table(request: Request) -> Response:
    """One of the report's tables as CSV."""
    made = report_cache_of(request).find(_ask(request.query_params))
    if made is None or made.report is None:
        raise NotFound(_("the report is not made yet; open it first"))
    anchor, place = request.path_params["anchor"], request.path_params["place"]
    view = await run_in_threadpool(view_of, made.report)
    found = find_table(view, anchor, int(place)) if place.isdecimal() and len(place) < LONGEST_PLACE else None
    if found is None:
        raise NotFound(_("the report has no such table"))
    headers = {"Content-Disposition": f'attachment; filename="{anchor}-{place}.csv"'}
    return with_security_headers(Response(write_csv(found), media_type="text/csv; charset=utf-8", headers=headers))


@router.get("/report/file")
@needs("sales", "report", by="session")
async def file(request: Request) -> Response:
    """The page as one file, to send or to keep."""
    made = report_cache_of(request).find(_ask(request.query_params))
    if made is None or made.report is None:
        raise NotFound(_("the report is not made yet; open it first"))
    service = service_of(request)
    _week, agreed = await service.store.read(_read_now, service, None)
    html = await run_in_threadpool(render_file, made.report, agreed)
    headers = {"Content-Disposition": f'attachment; filename="report-{made.report.as_of:%Y-%m-%d}.html"'}
    return with_security_headers(Response(html, media_type="text/html; charset=utf-8", headers=headers))


@router.get("/definitions")
@needs("sales", "report", by="session")
async def definitions(request: Request) -> Response:
    """What every number means: the metric contract, a row a number."""
    return pack(page("definitions.html", contract(), request, session_of(request)), request)


@dataclass(frozen=True, slots=True)
class WeeklyPage:
    """The report with the last seven days and what was agreed; `asked` are the days asked for, as in an address."""

    report: ReportView
    folds: Markup
    week: ThisWeek
    agreed: AgreedView
    asked: str


def drawn(report: Report, languages: Iterable[Language] = (SOURCE,)) -> Report:
    """The report itself, its page drawn and kept in each language, which takes a second or two."""
    for language in languages:
        with use_language(language):
            view_of(report)
    return report


def view_of(report: Report) -> ReportView:
    """The service's page of a report in the language of the moment, drawn once and kept."""
    return _view_of(_Same(report), current_language())


def render_file(report: Report, agreed: AgreedView | None = None) -> str:
    """The whole page as one HTML file, which asks nothing of anybody: styles, charts and definitions are within."""
    view = _drawn(report, definitions="#", leads=None)
    return standing_alone("report_file.html", STYLES, view=view, agreed=agreed, definitions=contract())


def _read_now(connection: Connection, service: Service, back: str | None) -> tuple[ThisWeek, AgreedView]:
    """What is read anew for each page."""
    rules, now = service.claims.rules, service.clock()
    week = read_week(connection, rules, service.settings.currency, now)
    return week, read_agreed(connection, ZoneInfo(rules.hours.zone), now, back)


@dataclass(frozen=True, eq=False)
class _Same:
    """A report that equals only itself: comparing all of its numbers would take longer than a page may."""

    report: Report

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.report is self.report

    def __hash__(self) -> int:
        return id(self.report)


@lru_cache(KEPT)
def _folds(same: "_Same", asked: str, root: str, language: Language) -> Markup:
    """All of the page below its first screen, rendered once."""
    return page_part("report_folds.html", root, view=_view_of(same, language), asked=asked)


@lru_cache(KEPT)
def _view_of(same: _Same, language: Language) -> ReportView:  # noqa: ARG001 - it is the moment's, and part of the key
    return _drawn(same.report, definitions="/definitions#", leads="/leads")


def _drawn(report: Report, definitions: str, leads: str | None) -> ReportView:
    """The page, its charts not held against Vega-Lite's schema, which takes longer than drawing: the tests do that."""
    with debug_mode(arg=False):
        return report_view(report, definitions, leads)


def _days_asked(asked: Mapping[str, str]) -> str:
    return urlencode({part: asked[part] for part in DAYS if asked.get(part)})


def _ask(asked: Mapping[str, str]) -> Ask:
    return Ask(**{part: _day(name, asked[name]) for name, part in DAYS.items() if asked.get(name)})


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RequestRefused(_("%(name)s must be a day, as 2026-11-02", name=name)) from None
