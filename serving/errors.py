"""Refusals: why a request is not answered as asked, each with its status. `serving.error_handlers` answers them."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from features.errors import FieldProblem, LeadRefused
from language.text import mark
from serving.problems import Fault, Problem, new_problem, pointer

RETRY_SECONDS = 2


class Refusal(Exception):
    """A request that is answered with a problem; subclasses say which."""

    status: ClassVar[int]
    kind: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail, self.faults, self.headers = detail, list(faults), dict(headers or {})

    def problem(self) -> Problem:
        """What the client is told."""
        return new_problem(self.status, self.kind, self.title, self.detail, self.faults)


class JsonBroken(Refusal):
    """The body is not JSON."""

    status, kind, title = 400, "json-broken", mark("The body is not valid JSON")


class PathBroken(Refusal):
    """The path is not UTF-8."""

    status, kind, title = 400, "path-broken", mark("The path is not valid")


class Unauthorized(Refusal):
    """No key, or none that is known and live."""

    status, kind, title = 401, "key-refused", mark("A key is needed")

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    status, kind, title = 403, "not-allowed", mark("This is not allowed")


class OutOfScope(Forbidden):
    """The caller's key is for other things; `scope` is the least that would do."""

    def __init__(self, detail: str, scope: str) -> None:
        super().__init__(detail)
        self.scope = scope


class HttpsNeeded(Refusal):
    """A sign-in that the browser would not keep."""

    status, kind, title = 403, "https-needed", mark("Signing in takes https")


class NotFound(Refusal):
    """What the path names is not in the store."""

    status, kind, title = 404, "not-there", mark("There is no such thing here")


class BodyTooSlow(Refusal):
    """The body took longer than `read_seconds` to arrive."""

    status, kind, title = 408, "body-too-slow", mark("The body did not arrive in time")


class LeadBusy(Refusal):
    """A change of a lead that others change all the time."""

    status, kind, title = 409, "lead-busy", mark("The lead is being changed by others")


class ExportBusy(Refusal):
    """Another export to the same account of an ad platform is under way."""

    status, kind, title = 409, "export-busy", mark("Another export is under way")

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "60"})


class KeyInUse(Refusal):
    """A second request while the first under the same Idempotency-Key runs."""

    status, kind, title = 409, "idempotency-key-in-use", mark("The same request is being answered")


class BodyTooLarge(Refusal):
    """The body is longer than `max_body_bytes`."""

    status, kind, title = 413, "body-too-large", mark("The body is too large")


class NotJson(Refusal):
    """The body says that it is something else."""

    status, kind, title = 415, "not-json", mark("The body must be JSON")


class CodingUnknown(Refusal):
    """The body came packed in a way that is not read."""

    status, kind, title = 415, "coding-unknown", mark("The body is packed in a way that is not read")


class CodingBroken(Refusal):
    """The body is not packed as it says."""

    status, kind, title = 400, "coding-broken", mark("The body cannot be unpacked")


class WrongHost(Refusal):
    """A request to this machine alone under a name that others may have."""

    status, kind, title = 421, "wrong-host", mark("The service is open to this machine only")


class RequestRefused(Refusal):
    """JSON, but not what the route takes."""

    status, kind, title = 422, "request-refused", mark("The request cannot be used")


class MessageRefused(Refusal):
    """A message to a hook that is not in its CRM's format."""

    status, kind, title = 422, "message-refused", "The message cannot be read"


class HookNotSetUp(Refusal):
    """A connection whose secret is not to be had; the CRM tries again."""

    status, kind, title = 503, "hook-not-set-up", "The connection is not set up"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "60"})


class KeyReused(Refusal):
    """Another request under an Idempotency-Key that was used."""

    status, kind, title = 422, "idempotency-key-reused", mark("The Idempotency-Key belongs to another request")


class LeadInvalid(Refusal):
    """A lead with wrong parts."""

    status, kind, title = 422, "lead-refused", mark("The lead cannot be scored")

    @classmethod
    def of(cls, refused: LeadRefused, root: tuple[str | int, ...] = ()) -> "LeadInvalid":
        """From what is wrong with a lead that stands at `root` of the body."""
        faults = [Fault(detail=problem.detail, pointer=pointer(root + problem.path)) for problem in refused.problems]
        return cls(f"{len(faults)} part{'s' if len(faults) != 1 else ''} of the lead cannot be used", faults)


class TooManyRequests(Refusal):
    """More requests a second than one caller may send."""

    status, kind, title = 429, "too-many-requests", mark("Too many requests")

    def __init__(self, detail: str, seconds: float) -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, math.ceil(seconds)))})


class NotReady(Refusal):
    """There is no champion to score with."""

    status, kind, title = 503, "not-ready", mark("There is no model to score with yet")


class ReportFailed(Refusal):
    """A report that could not be made."""

    status, kind, title = 503, "not-made", mark("The report could not be made")

    def __init__(self, seconds: float) -> None:
        detail = mark("the service failed while making it, and the log says why; it is tried again")
        super().__init__(detail, headers={"Retry-After": str(round(seconds))})


class PageFailed(Refusal):
    """A page that could not be made, by a fault of ours."""

    status, kind, title = 500, "unexpected", mark("Something went wrong here")


class StoreDown(Refusal):
    """The database cannot be reached."""

    status, kind, title = 503, "store-unavailable", mark("The store cannot be reached just now")

    @classmethod
    def now(cls) -> "StoreDown":
        """What every request is told until it can; whether this one's change was stored is not known."""
        detail = mark("try again; repeating a PUT, or a POST under its Idempotency-Key, does nothing twice")
        return cls(detail, headers={"Retry-After": str(RETRY_SECONDS)})

    @classmethod
    def because(cls, reason: str) -> "StoreDown":
        """What whoever runs the service is told."""
        return cls(f"store: {reason}", headers={"Retry-After": str(RETRY_SECONDS)})


def refuse_body(problems: Sequence[FieldProblem]) -> RequestRefused:
    """The refusal of a body, which points at each problem."""
    faults = [Fault(detail=problem.detail, pointer=pointer(problem.path)) for problem in problems]
    return RequestRefused("the body is not what this route takes", faults)
