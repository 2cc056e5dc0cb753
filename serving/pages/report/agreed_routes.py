"""What was agreed on a point of the report, written down by whoever reads it, and what came of it."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from language.text import gettext as _
from language.text import mark
from serving.auth.gate import needs, session_of
from serving.deps import service_of
from serving.errors import RequestRefused
from serving.middleware.security_headers import with_security_headers
from serving.pages.forms import form_of
from serving.pages.page_route import PageRoute, to
from serving.pages.report.agreed import STATES, write_csv
from serving.store import agreements

LONGEST_NOTE, LONGEST_OWNER, LONGEST_POINT = 500, 100, 2_000
TOO_LONG = {
    "note": mark("the note must have 1 to %(most)s characters"),
    "owner": mark("the owner must have 1 to %(most)s characters"),
}
HOME = "/report"

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/report/agreed")
@needs("sales", "report", by="session")
async def agree(request: Request) -> Response:
    """Keep a note and its owner."""
    service, form = service_of(request), await form_of(request)
    note = _required_text(form, "note", LONGEST_NOTE)
    owner = _required_text(form, "owner", LONGEST_OWNER)
    about, by = form.get("about", "")[:LONGEST_POINT], session_of(request).caller.name
    await service.store.write(agreements.add, by, about, note, owner, service.clock())
    return to(form.get("back", HOME), "agreed")


@router.post("/report/agreed/settle")
@needs("sales", "report", by="session")
async def settle(request: Request) -> Response:
    """Say whether it was done."""
    service, form = service_of(request), await form_of(request)
    found = [is_done for is_done, state in STATES.items() if state == form.get("state")]
    if not found:
        raise RequestRefused(_("the state must be one of: %(states)s", states=", ".join(STATES.values())))
    agreement_id = form.get("agreement_id", "")
    kept = await service.store.write(agreements.settle, agreement_id, found[0], service.clock())
    return to(form.get("back", HOME), "settled" if kept else "no-agreement")


@router.post("/report/agreed/remove")
@needs("sales", "report", by="session")
async def remove(request: Request) -> Response:
    """Forget it."""
    service, form = service_of(request), await form_of(request)
    removed = await service.store.write(agreements.remove, form.get("agreement_id", ""))
    return to(form.get("back", HOME), "removed" if removed else "no-agreement")


@router.get("/report/agreed.csv")
@needs("sales", "report", by="session")
async def table(request: Request) -> Response:
    """All that was ever agreed."""
    found = await service_of(request).store.read(agreements.find_all)
    headers = {"Content-Disposition": 'attachment; filename="agreed.csv"'}
    return with_security_headers(Response(write_csv(found), media_type="text/csv; charset=utf-8", headers=headers))


def _required_text(form: Mapping[str, str], name: str, longest: int) -> str:
    text = " ".join(form.get(name, "").split())
    if not 0 < len(text) <= longest:
        raise RequestRefused(_(TOO_LONG[name], most=longest))
    return text
