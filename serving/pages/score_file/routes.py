"""Score a file: a CSV of leads is sent, and comes back scored while it is read. Nothing is stored."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from features.errors import TableRefused
from language.numbers import whole
from language.text import gettext as _
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import BodyTooLarge
from serving.middleware.security_headers import with_security_headers
from serving.pages.lines import first_upper
from serving.pages.page_route import PageRoute
from serving.pages.rendering import page
from serving.pages.score_file.scoring import open_file, score_rows, taken_columns
from serving.pages.uploads import upload_of
from serving.pages.views import Notice

ADDRESS = "/try/file"
NAME = "scored-leads.csv"

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class FileView:
    """The page: the columns that the model takes, and how large a file may be."""

    id_column: str
    columns: tuple[str, ...]
    most_bytes: int
    most: str


@router.get(ADDRESS)
@needs("score", "sales", "report", by="session")
async def ask_for_file(request: Request) -> Response:
    """The form for the file."""
    return _file_page(request, None, 200)


@router.post(ADDRESS)
@needs("score", "sales", "report", by="session")
async def score_file(request: Request) -> Response:
    """The scored file, or what is wrong with the one that was sent."""
    service = service_of(request)
    model = service.scorer.champion.model
    try:
        upload = await upload_of(request, service.settings.max_body_bytes)
    except BodyTooLarge as refused:
        return _file_page(request, Notice(first_upper(refused.detail), is_refusal=True), refused.status)
    content = upload.files.get("leads")
    if content is None:
        return _file_page(request, Notice(_("Choose a file that has something in it."), is_refusal=True), 422)
    try:
        sent = await run_in_threadpool(open_file, content, model)
    except TableRefused as refused:
        return _file_page(request, Notice(str(refused), is_refusal=True), 422)
    answer = StreamingResponse(score_rows(sent, model, service.clock()), media_type="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{NAME}"'
    return with_security_headers(answer)


def _file_page(request: Request, notice: Notice | None, status: int) -> Response:
    service = service_of(request)
    model, most = service.scorer.champion.model, service.settings.max_body_bytes
    view = FileView(model.schema.id or "", tuple(sorted(taken_columns(model))), most, whole(most))
    return page("score_file.html", view, request, session_of(request), notice, status)
